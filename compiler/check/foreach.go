package check

import (
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
		if t.Foreach == nil && !t.Has("foreach") {
			c.diags.Errorf(n.Pos, diag.InvalidStep, "max_parallel bounds the instances of a foreach, and %q has none", out.Name).
				WithHelp("leave it out, or set max_parallel of the pipeline")
		}
	}
	g := s.scope.mapped()
	if g != nil {
		out.Along = g.out.Name
	}
	if t.Foreach == nil {
		return
	}
	out.ForeachPos = ir.Pos(t.Foreach.Pos)
	if g != nil {
		c.withinMapped(s, g)
	}
	var each []ir.Each
	for _, e := range t.Foreach.Each {
		c.name(e.Key, "an element of foreach")
		var items *ir.Expr
		if g == nil {
			items = c.list(s, e.Value)
		}
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

// withinMapped refuses a foreach within that of a group whose steps have instances: not every engine maps within what is mapped.
func (c *checker) withinMapped(s, g *step) {
	t := s.tree
	d := c.diags.Errorf(t.Foreach.Pos, diag.InvalidStep, "%q has a foreach within that of the group %q, whose elements a run alone knows", t.Name.Value, g.tree.Name.Value).
		WithNote(g.tree.Foreach.Pos, "the other one")
	if s.inner == nil && c.written(t.Foreach) {
		d.WithHelp("make it a group of one step that has the foreach: %s: {foreach: …, steps: {…}}", t.Name.Value)
	} else {
		d.WithHelp("put all lists into the foreach of the group, which takes every combination")
	}
}

// elements are what each means in the values of a step: those of its own foreach and of the groups around it.
func (s *step) elements() []ir.Each {
	var out []ir.Each
	for ; s != nil; s = s.scope.group {
		out = append(out, s.out.Foreach...)
	}
	return out
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
