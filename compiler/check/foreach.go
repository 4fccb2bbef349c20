package check

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// foreach types the lists of a fan-out. Its variables are known to every later expression of the step.
func (c *checker) foreach(s *step) {
	t, out := s.tree, s.out
	if n := t.MaxParallel; n != nil {
		out.MaxParallel, out.MaxParallelPos = int(n.Value), ir.Pos(n.Pos)
		if t.Foreach == nil && !slices.ContainsFunc(t.Keys, func(k spec.String) bool { return k.Value == "foreach" }) {
			c.diags.Errorf(n.Pos, diag.InvalidStep, "max_parallel bounds the instances of a foreach, and %q has none", out.Name).
				WithHelp("leave it out, or set max_parallel of the pipeline")
		}
	}
	if t.Foreach == nil {
		return
	}
	out.ForeachPos = ir.Pos(t.Foreach.Pos)
	var each []ir.Each
	for _, e := range t.Foreach.Each {
		c.name(e.Key, "an element of foreach")
		items := c.list(s, e.Value)
		variable := ir.Each{Name: e.Key.Value, Items: items, Pos: ir.Pos(e.Key.Pos)}
		if items != nil {
			variable.Type = items.Type.Elem()
			if items.Type == ir.JSON {
				variable.Type = ir.JSON
			}
		}
		each = append(each, variable)
	}
	out.Foreach = each
}

// list types a list of foreach; nil after an error.
func (c *checker) list(s *step, v *spec.Value) *ir.Expr {
	e := c.value(s, v, false)
	if e == nil || !expr.Guarded(e, "in foreach, which needs a list", c.diags) {
		return nil
	}
	switch {
	case e.Type.IsList() && e.Type.IsArtifact():
		c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "foreach does not take a %s", e.Type).
			WithHelp("go over what made them, and do both in one step; or pass all of them to one step with with:")
		return nil
	case e.IsLit() && e.Value.Kind == ir.ListValue, e.Type.IsList(), e.Type == ir.JSON && !e.IsLit() && e.Op != ir.Map:
		return e
	}
	d := c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "foreach needs a list, not a value of the type %s", e.Type)
	if e.Type != ir.JSON && !e.Type.IsArtifact() {
		d.WithHelp("write a list, [a, b], or refer to one")
	}
	return nil
}
