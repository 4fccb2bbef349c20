package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// maxCopies bounds how many groups a foreach may make of one, and maxAllCopies how many there may be in a pipeline.
const (
	maxCopies    = 200
	maxAllCopies = 2000
)

// unroll makes a group of groups: one for each combination of elements, the last list varies fastest. Engines differ in what
// they can map within what is mapped; a group for each element of a list that is written in the spec they all have. A group
// whose lists a run makes, or that has max_parallel, stays one, whose steps have instances.
func (c *checker) unroll(g *step, finally bool) {
	t := g.tree
	g.inner, g.copies = &scope{group: g, byName: map[string]*step{}}, true
	lists, n := make([][]*ir.Expr, len(t.Foreach.Each)), 1
	for i, e := range t.Foreach.Each {
		c.name(e.Key, "an element of foreach")
		lists[i] = c.literals(e)
		n *= len(lists[i])
	}
	if n > maxCopies {
		c.diags.Errorf(t.Foreach.Pos, diag.EngineLimit, "foreach makes %d groups; at most %d are allowed", n, maxCopies).
			WithHelp("let a step go over the elements, which are instances then and no groups")
		n = 0
	}
	if c.copies += n; c.copies > maxAllCopies {
		c.diags.Errorf(t.Foreach.Pos, diag.EngineLimit, "groups within groups: foreach makes over %d of them", maxAllCopies)
		n = 0
	}
	perItem := t.When != nil && strings.Contains(t.When.Text, "each")
	outer, one := *t, *t
	outer.Foreach, one.Foreach = nil, nil
	outer.Keys = slices.DeleteFunc(slices.Clone(t.Keys), func(k spec.String) bool { return k.Value == "foreach" })
	one.Keys = slices.DeleteFunc(slices.Clone(outer.Keys), func(k spec.String) bool { // what is wrong is said of the whole
		return !slices.Contains(groupKeys, k.Value) && k.Value != "pipeline" && k.Value != "with"
	})
	outer.Pipeline, outer.With = nil, nil
	outer.Keys = slices.DeleteFunc(outer.Keys, func(k spec.String) bool { return k.Value == "pipeline" || k.Value == "with" })
	one.Needs, one.RunIf = nil, nil
	if perItem {
		outer.When = nil
	} else {
		one.When = nil
	}
	g.tree = &outer
	for i := range n {
		tree := one
		tree.Name = spec.String{Value: strconv.Itoa(i), Pos: t.Name.Pos}
		s := &step{tree: &tree, scope: g.inner, index: i, each: map[string]*ir.Expr{},
			out: &ir.Step{Name: g.out.Name + "." + tree.Name.Value, Group: g.out.Name, Pos: g.out.Pos, Finally: finally}}
		rest := i
		for v := len(lists) - 1; v >= 0; v-- {
			s.each[t.Foreach.Each[v].Key.Value] = lists[v][rest%len(lists[v])]
			rest /= len(lists[v])
		}
		g.inner.steps = append(g.inner.steps, s)
		g.inner.byName[tree.Name.Value] = s
		c.fill(s, finally)
	}
}

// written reports whether the lists of a foreach are written in the spec, right or wrong.
func (c *checker) written(f *spec.Foreach) bool {
	return !slices.ContainsFunc(f.Each, func(e spec.Entry) bool {
		list := c.writtenList(e)
		return list == nil || !list.IsLit()
	})
}

// writtenList types a list without the names of anything; nil if it needs some.
func (c *checker) writtenList(e spec.Entry) *ir.Expr {
	return expr.Value(e.Value, expr.Scope{Params: c.out.Params, Step: func(string) (expr.Producer, bool) { return expr.Producer{}, false },
		StepNames: func() []diag.Name { return nil }}, &diag.List{})
}

// literals are the elements of a list that is written in the spec.
func (c *checker) literals(e spec.Entry) []*ir.Expr {
	list := c.writtenList(e)
	if list.Value.Kind != ir.ListValue || len(list.Value.Items) == 0 {
		c.diags.Errorf(e.Value.Pos, diag.TypeMismatch, "foreach of a group needs a list with elements")
		return nil
	}
	out := make([]*ir.Expr, len(list.Value.Items))
	for i := range list.Value.Items {
		item := &list.Value.Items[i]
		typ := list.Type.Elem()
		if typ == "" {
			typ = ir.JSON
		}
		out[i] = &ir.Expr{Op: ir.Lit, Type: typ, Value: item, Pos: item.Pos}
	}
	return out
}

// element is each.NAME of the nearest group around a step that has it, or nil.
func (s *step) element(name string, pos ir.Pos) *ir.Expr {
	for ; s != nil; s = s.scope.group {
		if e := s.each[name]; e != nil {
			return copyExpr(e, pos)
		}
	}
	return nil
}

// exportCopies makes lists of the outputs of a group that there is for each element.
func (c *checker) exportCopies(g *step) {
	for _, in := range g.inner.steps {
		for i, o := range in.out.Outputs {
			if len(g.out.Outputs) <= i {
				g.out.Outputs = append(g.out.Outputs, ir.Output{Name: o.Name, Pos: o.Pos})
			}
			e := in.exports[o.Name]
			if e == nil {
				continue
			}
			if e.Type.IsList() && e.Type.IsArtifact() {
				if in == g.inner.steps[0] {
					c.diags.Errorf(diag.Pos(o.Pos), diag.TypeMismatch, "%s is a %s for each element, and there are no lists of those", o.Name, e.Type).
						WithHelp("let a step of the group put what it needs of them into one file or folder")
				}
				continue
			}
			typ := expr.FanInType(e.Type)
			if g.exports[o.Name] == nil {
				g.exports[o.Name] = &ir.Expr{Op: ir.List, Type: typ, Pos: o.Pos}
				g.out.Outputs[i].Type = typ
			}
			g.exports[o.Name].Args = append(g.exports[o.Name].Args, e)
		}
	}
	for name, e := range g.exports {
		if len(e.Args) != len(g.inner.steps) {
			delete(g.exports, name) // one of them is wrong, which is reported
		}
	}
}
