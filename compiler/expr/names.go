package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// roots are the names that an expression begins with.
var roots = []string{"params", "steps", "run", "outputs", "each"}

// path takes a chain a.b.c apart: its nodes from the root on, nil if it does not begin with a name.
func path(n ast.Node) (names []string, nodes []ast.Node) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}, []ast.Node{n}
	case *ast.MemberNode:
		prop, ok := n.Property.(*ast.StringNode)
		if !ok || n.Optional {
			return nil, nil
		}
		names, nodes = path(n.Node)
		if names == nil {
			return nil, nil
		}
		return append(names, prop.Value), append(nodes, prop)
	}
	return nil, nil
}

// member types a name or an access: params.x, steps.s.o, run.id, outputs.o, or x.y and x[i] of a value.
func (c *checker) member(n ast.Node) *ir.Expr {
	names, nodes := path(n)
	if names != nil && needs(names) == len(names) {
		return c.reference(n, names, nodes)
	}
	m, ok := n.(*ast.MemberNode)
	if !ok || len(names) > 0 && (len(names) < needs(names) || needs(names) == 0) {
		return c.badRoot(n, names, nodes)
	}
	if m.Optional {
		c.nodeErrorf(n, diag.BadExpression, "?. is not part of the language").WithHelp("write (x ?? y)")
		return nil
	}
	x := c.check(m.Node)
	if x == nil || !c.operand(x, "an access") {
		return nil
	}
	if prop, ok := m.Property.(*ast.StringNode); ok {
		if x.Type != ir.JSON {
			c.nodeErrorf(prop, diag.TypeMismatch, "%s is a %s and has no field %q", Describe(x), x.Type, prop.Value)
			return nil
		}
		return &ir.Expr{Op: ir.GetField, Type: ir.JSON, Name: prop.Value, Args: []*ir.Expr{x}, Pos: c.at(prop)}
	}
	return c.index(m, x)
}

func (c *checker) index(m *ast.MemberNode, x *ir.Expr) *ir.Expr {
	i := c.check(m.Property)
	if i == nil || !c.operand(i, "[ ]") {
		return nil
	}
	e := &ir.Expr{Op: ir.GetIndex, Args: []*ir.Expr{x, i}, Pos: c.at(m.Property)}
	switch {
	case x.Type.IsList() && i.Type == ir.Int:
		e.Type, e.Nullable = x.Type.Elem(), x.NullableItems
	case x.Type == ir.JSON && (i.Type == ir.Int || i.Type == ir.String):
		e.Type = ir.JSON
	default:
		c.nodeErrorf(m.Property, diag.TypeMismatch, "[ ] takes a list and an int, or a json and an int or string, not %s and %s", x.Type, i.Type)
		return nil
	}
	return e
}

// needs returns how many names a reference that begins so has, 0 if it begins with no root.
func needs(names []string) int {
	switch names[0] {
	case "params", "outputs", "each":
		return 2
	case "steps":
		return 3
	case "run":
		if len(names) > 1 && names[1] == "interval" {
			return 3
		}
		return 2
	}
	return 0
}

func (c *checker) badRoot(n ast.Node, names []string, nodes []ast.Node) *ir.Expr {
	root := names[0]
	switch {
	case root == "run" || root == "params" || root == "outputs" || root == "steps" || root == "each":
		form := map[string]string{"run": "run.id", "params": "params.NAME", "outputs": "outputs.NAME", "steps": "steps.STEP.OUTPUT", "each": "each.NAME"}[root]
		d := c.nodeErrorf(nodes[len(nodes)-1], diag.BadExpression, "%s names no value; a reference is %s", strings.Join(names, "."), form)
		if root == "steps" && len(names) == 2 {
			if p, ok := c.scope.Step(names[1]); ok && len(p.Outputs) > 0 {
				d.WithHelp("%s has the outputs %s", names[1], outputNames(p.Outputs))
			}
		}
	default:
		d := c.nodeErrorf(nodes[0], diag.UnknownName, "there is no %q; an expression begins with params, steps or run", root)
		switch {
		case slices.ContainsFunc(c.scope.Each, func(each ir.Each) bool { return each.Name == root }):
			d.WithHelp("did you mean each.%s?", root)
		case c.hasParam(root):
			d.WithHelp("did you mean params.%s?", root)
		case c.hasStep(root):
			d.WithHelp("did you mean steps.%s?", strings.Join(names, "."))
		case diag.Closest(root, roots) != "":
			d.WithHelp("did you mean %q?", diag.Closest(root, roots))
		default:
			d.WithHelp("quote it if it is a text")
		}
	}
	return nil
}

func (c *checker) hasParam(name string) bool {
	for _, p := range c.scope.Params {
		if p.Name == name {
			return true
		}
	}
	return false
}

func (c *checker) hasStep(name string) bool {
	_, ok := c.scope.Step(name)
	return ok
}

func outputNames(outputs []ir.Output) string {
	names := make([]string, len(outputs))
	for i, o := range outputs {
		names[i] = o.Name
	}
	return strings.Join(names, ", ")
}

// reference resolves a chain whose length its root asks for.
func (c *checker) reference(n ast.Node, names []string, nodes []ast.Node) *ir.Expr {
	pos := c.span(nodes)
	switch names[0] {
	case "params":
		for _, p := range c.scope.Params {
			if p.Name == names[1] {
				c.used(p.Pos)
				if p.Type == "" {
					return nil // its declaration is wrong, which is reported there
				}
				if c.scope.Param != nil {
					if e, ok := c.scope.Param(p.Name, pos); ok {
						return e
					}
				}
				return &ir.Expr{Op: ir.ParamRef, Type: p.Type, Name: p.Name, Pos: pos}
			}
		}
		known := make([]diag.Name, len(c.scope.Params))
		for i, p := range c.scope.Params {
			known[i] = diag.Name{Value: p.Name, Pos: diag.Pos(p.Pos)}
		}
		return c.unknown(nodes[1], fmt.Sprintf("there is no parameter %q", names[1]), names[1], known)
	case "steps":
		return c.stepOutput(n, names, nodes, pos)
	case "each":
		return c.each(names[1], nodes, pos)
	case "outputs":
		return c.outputPath(n, names[1], nodes, pos)
	}
	return c.runField(names, nodes, pos)
}

func (c *checker) unknown(n ast.Node, message, name string, known []diag.Name) *ir.Expr {
	c.diags.Unknown(diag.Pos(c.at(n)), name, known, "%s", message)
	return nil
}

// used notes that a declaration is referred to.
func (c *checker) used(pos ir.Pos) {
	if c.scope.Used != nil {
		c.scope.Used(pos)
	}
}

// named are names of the language.
func named(words []string) []diag.Name {
	out := make([]diag.Name, len(words))
	for i, w := range words {
		out[i].Value = w
	}
	return out
}

func (c *checker) stepOutput(n ast.Node, names []string, nodes []ast.Node, pos ir.Pos) *ir.Expr {
	producer, ok := c.scope.Step(names[1])
	if !ok {
		if c.scope.GroupOf != nil {
			if g := c.scope.GroupOf(names[1]); g != "" {
				c.nodeErrorf(nodes[1], diag.UnknownName, "the step %q is one of the group %q, and not seen from here", names[1], g).
					WithHelp("let the group give it: outputs: {%[2]s: \"${{ steps.%[1]s.%[2]s }}\"}, and read steps.%[3]s.%[2]s", names[1], names[2], g)
				return nil
			}
		}
		return c.unknown(nodes[1], fmt.Sprintf("there is no step %q", names[1]), names[1], c.scope.StepNames())
	}
	c.used(producer.Pos)
	known := make([]diag.Name, len(producer.Outputs))
	for i, o := range producer.Outputs {
		if o.Name == names[2] {
			c.used(o.Pos)
			if o.Type == "" {
				return nil // as above
			}
			if producer.Output != nil {
				return producer.Output(o.Name, pos)
			}
			e := &ir.Expr{Op: ir.OutputRef, Type: o.Type, Step: producer.Path, Name: o.Name, Pos: pos}
			if producer.FanOut {
				return FanIn(e, producer.MayBeNull)
			}
			e.Nullable = producer.MayBeNull
			if e.Nullable && o.Type.IsArtifact() {
				c.nodeErrorf(n, diag.MayBeNull, "%s may not be there: its step may have been skipped or have failed", Describe(e)).
					WithHelp("take the file in a step that runs only if %s has succeeded", names[1])
				return nil
			}
			return e
		}
		known[i] = diag.Name{Value: o.Name, Pos: diag.Pos(o.Pos)}
	}
	if len(known) == 0 {
		c.diags.Unknown(diag.Pos(c.at(nodes[2])), names[2], nil, "the step %q declares no outputs", names[1]).
			WithHelp("declare it there: outputs: {%s: string}", names[2])
		return nil
	}
	return c.unknown(nodes[2], fmt.Sprintf("the step %q has no output %q", names[1], names[2]), names[2], known)
}

// FanIn makes a reference to an output of an instance one to those of all of them, of which some may be null.
func FanIn(e *ir.Expr, nullableItems bool) *ir.Expr {
	e.Type, e.FanIn, e.Nullable, e.NullableItems = FanInType(e.Type), true, false, nullableItems
	return e
}

// FanInType is the type of the list of an output's values; lists and maps are json as elements.
func FanInType(t ir.Type) ir.Type {
	if t.IsList() {
		t = ir.JSON
	}
	return ir.ListOf(t)
}

func (c *checker) each(name string, nodes []ast.Node, pos ir.Pos) *ir.Expr {
	if c.scope.EachValue != nil && !slices.ContainsFunc(c.scope.Each, func(each ir.Each) bool { return each.Name == name }) {
		if e := c.scope.EachValue(name, pos); e != nil {
			return e
		}
	}
	if len(c.scope.Each) == 0 {
		c.nodeErrorf(nodes[0], diag.UnknownName, "each is only there in a step with foreach")
		return nil
	}
	known := make([]diag.Name, len(c.scope.Each))
	for i, each := range c.scope.Each {
		if each.Name == name {
			c.used(each.Pos)
			if each.Items == nil {
				return nil // what is wrong with it has been said
			}
			return &ir.Expr{Op: ir.EachRef, Type: each.Type, Name: name, Nullable: each.Items.NullableItems, Pos: pos}
		}
		known[i] = diag.Name{Value: each.Name, Pos: diag.Pos(each.Pos)}
	}
	return c.unknown(nodes[1], fmt.Sprintf("the foreach of this step has no %q", name), name, known)
}

func (c *checker) outputPath(n ast.Node, name string, nodes []ast.Node, pos ir.Pos) *ir.Expr {
	if !c.scope.InCommand {
		c.nodeErrorf(n, diag.UnknownName, "outputs is only there in command: the path to write").
			WithHelp("a python function gets the path as the argument %s; a run step has it in $OUT_%s", name, strings.ToUpper(name))
		return nil
	}
	known := make([]diag.Name, len(c.scope.Outputs))
	for i, o := range c.scope.Outputs {
		if o.Name == name {
			c.used(o.Pos)
			return &ir.Expr{Op: ir.PathRef, Type: ir.String, Name: name, Pos: pos}
		}
		known[i] = diag.Name{Value: o.Name, Pos: diag.Pos(o.Pos)}
	}
	return c.unknown(nodes[1], fmt.Sprintf("the step has no output %q", name), name, known)
}

func (c *checker) runField(names []string, nodes []ast.Node, pos ir.Pos) *ir.Expr {
	name := strings.Join(names[1:], ".")
	known := make([]string, len(runFields))
	for i, f := range runFields {
		if f.name == name {
			return &ir.Expr{Op: ir.RunRef, Type: ir.String, Name: name, Nullable: f.nullable, Pos: pos}
		}
		known[i] = f.name
	}
	if c.scope.InFinally {
		known = append(known, "status")
	}
	if name == "status" {
		if c.scope.InFinally {
			return &ir.Expr{Op: ir.RunRef, Type: ir.String, Name: name, Pos: pos}
		}
		c.nodeErrorf(nodes[1], diag.UnknownName, "run.status is only there in a step of finally")
		return nil
	}
	return c.unknown(nodes[len(nodes)-1], fmt.Sprintf("run has no %q", name), name, named(known))
}

// span is the place from the first to the last of a chain's nodes, if they stand on one line.
func (c *checker) span(nodes []ast.Node) ir.Pos {
	first, last := c.at(nodes[0]), c.at(nodes[len(nodes)-1])
	if first.Line == last.Line {
		first.End = last.End
	}
	return first
}
