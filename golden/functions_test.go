package golden

import (
	"regexp"
	"testing"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/signature"
	"github.com/zenc-dev/zenc/compiler/signature/reader"
)

// pythonVersion is what depends on this machine in a finding on a function.
var pythonVersion = regexp.MustCompile(`^Python 3\.\d+ `)

// functions are the findings on the functions of python steps, as zenc check has them; with no Python for the case that is called so.
func functions(t *testing.T, name string, p *ir.Pipeline, src diag.Source) diag.List {
	t.Helper()
	interpreters := []string{"python3"}
	if name == "no-python" {
		interpreters = nil
	}
	found := reader.Check(p, signature.Source{Data: src.Data}, interpreters)
	for _, d := range found.Sorted() {
		d.Message = pythonVersion.ReplaceAllString(d.Message, "Python 3.12 ")
	}
	return found
}
