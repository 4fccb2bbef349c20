package golden

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
)

var yamlBlock = regexp.MustCompile("(?ms)^```yaml(?: [^\n]*)?\n(.*?)^```")

// TestDocs compiles the pipelines that the documentation shows, for each flavor. The code that they name is not looked at.
func TestDocs(t *testing.T) {
	found := 0
	for _, file := range []string{"../README.md", "../docs/language.md", "../docs/engines.md", "../docs/testing.md", "../docs/local.md", "../docs/editors.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range yamlBlock.FindAllSubmatch(text, -1) {
			spec := string(block[1])
			if !strings.Contains("\n"+spec, "\nname: ") {
				continue // a manifest, or zenc.yaml
			}
			found++
			p, diags := compiler.Compile(compiler.Source{Data: block[1]})
			src := diag.Source{Name: file, Data: block[1]}
			if diags.HasErrors() {
				t.Errorf("%s:\n%s", file, render(src, diags))
				continue
			}
			for _, f := range flavors {
				if diags := f.backend.Check(p, backends.Options{Fields: f.options}); diags.HasErrors() {
					t.Errorf("%s: %s", file, render(src, diags))
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("%d pipelines in the documentation", found)
	}
}
