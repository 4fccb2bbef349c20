package compiler_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
)

// FuzzCompile holds the compiler to its promises on any input: no panic, every place lies in the file, and without errors
// there is a pipeline. Run it with -fuzzminimizetime 10x: by default Go spends a minute on each new input.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"../golden/*/pipeline.yaml", "../golden/errors/*/pipeline.yaml", "../examples/*/pipeline.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, diags := compiler.Compile(compiler.Source{Data: data})
		if (p == nil) != diags.HasErrors() {
			t.Errorf("pipeline %v beside errors %v", p != nil, diags.HasErrors())
		}
		lines := len(diag.Lines(string(data)))
		for _, d := range diags.Sorted() {
			if d.Message == "" || d.Code == "" || d.Pos.Line > lines || d.Pos.IsValid() && d.Pos.Col < 1 {
				t.Errorf("finding %+v in a file of %d lines", d, lines)
			}
		}
		diag.Render(io.Discard, diag.Source{Name: "x", Data: data}, diags, diag.Style{})
	})
}
