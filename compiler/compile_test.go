package compiler_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// TestExample compiles the example and reads its JSON form back.
func TestExample(t *testing.T) {
	const dir = "../examples/penguins"
	data, err := os.ReadFile(dir + "/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, diags := compiler.Compile(compiler.Source{Data: data, Code: os.DirFS(dir), Folder: os.DirFS(dir)})
	if diags.Len() > 0 {
		var b bytes.Buffer
		diag.Render(&b, diag.Source{Name: "pipeline.yaml", Data: data}, diags, diag.Style{})
		t.Fatal(b.String())
	}
	first, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var back ir.Pipeline
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	second, err := json.MarshalIndent(&back, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the JSON form does not read back")
	}
	var paths []string
	for _, f := range p.Code {
		paths = append(paths, f.Path)
	}
	t.Log(paths)
}
