package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// ref is what an expression may name.
type ref struct {
	text      string
	typ       ir.Type
	null      bool  // it may be null, so that it needs ??
	nullItems bool  // elements of the list may be null
	unique    bool  // no two elements of the list are the same
	owner     *node // the step or group whose output it is
}

// refs are the names that a step may use: those of its scope and of those around it.
func (g *generator) refs(c *node) []ref {
	out := slices.Clone(g.params)
	if c.finally {
		out = append(out, ref{text: "run.status", typ: ir.String})
	}
	for at := c; at != nil; at = at.parent {
		out = append(out, at.each...)
	}
	for scope := c.parent; scope != nil; scope = scope.parent {
		for _, p := range scope.inner {
			if p.finally && !c.finally {
				continue
			}
			for _, o := range p.outs {
				if r, ok := view(p, o, missing(c, p)); ok {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// missing reports whether outputs of p may not be there for c.
func missing(c, p *node) bool {
	c = sibling(c, p)
	return c.runIf != "" && c.runIf != "succeeded" || c.finally && !p.finally
}

// sibling is c, or the group around it that is in the scope of p.
func sibling(c, p *node) *node {
	for c.parent != p.parent {
		c = c.parent
	}
	return c
}

// view is an output of p as those see it for whom it may be missing or not; ok is false where the language refuses it.
func view(p *node, o out, missing bool) (r ref, ok bool) {
	r = ref{text: "steps." + p.name + "." + o.name, typ: o.typ, owner: p, unique: o.unique, nullItems: o.nullItems}
	isFile := o.typ.IsArtifact()
	switch {
	case p.mapped, p.fanOut, p.copies:
		lacks := missing || p.itemsMaySkip()
		if p.copies && lacks && (o.computed || isFile) || isFile && o.typ.IsList() {
			return r, false
		}
		r.typ, r.unique, r.nullItems = fanInType(o.typ), false, lacks
	case missing && (o.computed || isFile && !o.fanIn):
		return r, false
	case missing && o.fanIn:
		r.nullItems = true
	case missing:
		r.null = true
	}
	return r, true
}

func fanInType(t ir.Type) ir.Type {
	if t.IsList() {
		t = ir.JSON
	}
	return ir.ListOf(t)
}

// use makes c need what it references.
func use(c *node, r ref) string {
	if r.owner != nil {
		need(c, r.owner)
	}
	return r.text
}

func need(c, p *node) {
	c = sibling(c, p)
	if c.finally == p.finally {
		c.needs = append(c.needs, p)
	}
}

// guarded is a reference with what to take where it is null.
func (g *generator) guarded(c *node, r ref) string {
	text := use(c, r)
	if !r.null {
		return text
	}
	return "(" + text + " ?? " + g.constant(r.typ) + ")"
}

// constant is an expression of the type without names.
func (g *generator) constant(t ir.Type) string {
	switch {
	case t.IsList():
		return "[" + g.constant(t.Elem()) + "]"
	case t == ir.JSON:
		return pick(g, []string{`{"a": 1}`, `{"b": [1, "x"], "a": null}`, `json("[1, null]")`, `json("2.0")`})
	}
	return literal(t, pick(g, texts(t)))
}

// expr is an expression of the type that is never null for the compiler.
func (g *generator) expr(c *node, t ir.Type, depth int) string {
	if g.r.IntN(3) > 0 || depth == 0 {
		if r, ok := g.refOf(c, func(r ref) bool { return r.typ == t }); ok {
			return g.guarded(c, r)
		}
	}
	if depth == 0 {
		return g.constant(t)
	}
	sub := func(t ir.Type) string { return g.expr(c, t, depth-1) }
	f := func(format string, args ...any) string { return "(" + fmt.Sprintf(format, args...) + ")" }
	if g.r.IntN(5) == 0 {
		return f("%s ? %s : %s", sub(ir.Bool), sub(t), sub(t))
	}
	if g.r.IntN(5) == 0 {
		if r, ok := g.refOf(c, func(r ref) bool { return r.typ.IsList() && r.typ.Elem() == t && !r.null }); ok {
			return f("%s[%d] ?? %s", use(c, r), g.r.IntN(2), g.constant(t))
		}
	}
	switch {
	case t == ir.Bool:
		of := pick(g, scalarTypes)
		switch g.r.IntN(6) {
		case 0:
			return f("%s && %s", sub(ir.Bool), sub(ir.Bool))
		case 1:
			return f("%s || !%s", sub(ir.Bool), sub(ir.Bool))
		case 2:
			return f("%s %s %s", sub(ir.String), pick(g, []string{"contains", "startsWith", "endsWith", "<", ">="}), sub(ir.String))
		case 3:
			return f("%s in %s", sub(of), sub(ir.ListOf(of)))
		case 4:
			return f("%s %s %s", sub(pick(g, []ir.Type{ir.Int, ir.Float})), pick(g, []string{"<", "<=", ">", ">="}), sub(pick(g, []ir.Type{ir.Int, ir.Float})))
		}
		return f("%s %s %s", sub(of), pick(g, []string{"==", "!="}), sub(of))
	case t == ir.Int:
		switch g.r.IntN(5) {
		case 0:
			return f("len(%s)", sub(pick(g, []ir.Type{ir.String, ir.ListOf(ir.Int), ir.ListOf(ir.String)})))
		case 1:
			return f("%s %% %s", sub(ir.Int), pick(g, []string{"2", "3", "-3", sub(ir.Int)}))
		case 2:
			return f("%s(%s, %s)", pick(g, []string{"min", "max"}), sub(ir.Int), sub(ir.Int))
		case 3:
			return f("int(string(%s))", sub(ir.Int))
		}
		return f("%s %s %s", sub(ir.Int), pick(g, []string{"+", "-", "*"}), sub(ir.Int))
	case t == ir.Float:
		switch g.r.IntN(3) {
		case 0:
			return f("%s / %s", sub(pick(g, []ir.Type{ir.Int, ir.Float})), pick(g, []string{"2", "3.0", sub(ir.Int)}))
		case 1:
			return f("float(%s)", sub(ir.Int))
		}
		return f("%s %s %s", sub(ir.Float), pick(g, []string{"+", "-", "*"}), sub(pick(g, []ir.Type{ir.Int, ir.Float})))
	case t == ir.String:
		switch g.r.IntN(3) {
		case 0:
			return f("%s(%s)", pick(g, []string{"lower", "upper", "trim"}), sub(ir.String))
		case 1:
			return f("string(%s)", sub(pick(g, []ir.Type{ir.Int, ir.Float, ir.Bool, ir.JSON, ir.ListOf(ir.String)})))
		}
		return f("%s + %s", sub(ir.String), sub(ir.String))
	case t.IsList() && t.Elem() != ir.JSON:
		items := make([]string, 1+g.r.IntN(2))
		for i := range items {
			items[i] = sub(t.Elem())
		}
		return "[" + strings.Join(items, ", ") + "]"
	case t == ir.JSON:
		return fmt.Sprintf(`{"k": %s, "j": %s}`, sub(pick(g, scalarTypes)), sub(ir.ListOf(pick(g, scalarTypes))))
	}
	return g.constant(t)
}

// refOf returns one of the references that are wanted.
func (g *generator) refOf(c *node, wanted func(ref) bool) (ref, bool) {
	var found []ref
	for _, r := range g.refs(c) {
		if wanted(r) && !r.typ.IsArtifact() {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return ref{}, false
	}
	// What steps made is more worth than parameters, which come first.
	return found[max(g.r.IntN(len(found)), g.r.IntN(len(found)))], true
}
