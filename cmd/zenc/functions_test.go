package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/signature"
)

// TestFunctionsOfCases holds that the functions of all pipelines of the repository, which work, are found to do so: an error that is
// none is worse than one that is missed.
func TestFunctionsOfCases(t *testing.T) {
	var specs []string
	for _, pattern := range []string{"../../conformance/*/pipeline.yaml", "../../golden/*/pipeline.yaml", "../../examples/*/pipeline.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, found...)
	}
	var functions atomic.Int64
	t.Run("", func(t *testing.T) {
		for _, path := range specs {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				l, err := load(path)
				if err != nil || l.pipeline == nil {
					t.Fatal("it does not compile", err)
				}
				if request := signature.NewRequest(l.pipeline); request != nil {
					functions.Add(int64(len(request.Functions)))
				}
				folder := os.DirFS(filepath.Dir(path))
				_, before := compiler.Compile(compiler.Source{Data: l.source.Data, Code: folder, Folder: folder})
				if l.diags.Len() > before.Len() {
					var text bytes.Buffer
					diag.Render(&text, l.source, l.diags, diag.Style{})
					t.Errorf("there are findings that are not the compiler's:\n%s", &text)
				}
			})
		}
	})
	if functions.Load() < 90 {
		t.Errorf("only %d functions were read", functions.Load())
	}
}
