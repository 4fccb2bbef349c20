package check

import (
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Argument reads a value that is given to a parameter from outside of the spec, and holds it to the parameter's rules; nil
// after an error.
func Argument(p *ir.Param, v *spec.Value, diags *diag.List) *ir.Value {
	if p.Type == "" { // refused, which has been said
		return nil
	}
	out := Typed(v, p.Type, diags)
	if out == nil {
		return nil
	}
	if err := allowed(p, out); err != nil {
		d := diags.Errorf(v.Pos, diag.InvalidParam, "the parameter %q cannot be %q: %s", p.Name, out.Text, err)
		if len(p.Enum) > 0 {
			d.Suggest(out.Text, enumTexts(p))
		}
		return nil
	}
	return out
}
