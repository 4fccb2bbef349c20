package lsp

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// symbolKind says what a name is the name of.
type symbolKind int

const (
	noSymbol symbolKind = iota
	stepSymbol
	paramSymbol
	outputSymbol  // of a step, or of a group
	elementSymbol // of a foreach
)

// symbol is something that has a name of the user's.
type symbol struct {
	kind symbolKind
	step []string // the step, or that which has it
	name string   // of what is no step
}

func (s symbol) is(other symbol) bool {
	return s.kind == other.kind && s.name == other.name && slices.Equal(s.step, other.step)
}

// use is a place where a symbol is named.
type use struct {
	symbol
	start, end  int
	declaration bool
}

// reference is a name in an expression.
type reference struct {
	place  place
	scalar *outline.Node
	chain  expr.Chain
	base   int // where the expression begins in the scalar's text
}

// part is the place of a part of the chain in the document.
func (r reference) part(i int) (start, end int) {
	p := r.chain.Parts[i]
	return r.scalar.Source(r.base + p.Start), r.scalar.Source(r.base + p.End)
}

// names are the parts of the chain.
func (r reference) names() []string {
	out := make([]string, len(r.chain.Parts))
	for i, p := range r.chain.Parts {
		out[i] = p.Text
	}
	return out
}

// references are the names in the expressions of a scalar.
func references(at place, scalar *outline.Node) []reference {
	if at.kind != expression && at.kind != expressions {
		return nil
	}
	var out []reference
	for _, s := range expr.Spans(scalar.Text) {
		for _, chain := range expr.Chains(scalar.Text[s.Start:s.End]) {
			out = append(out, reference{at, scalar, chain, s.Start})
		}
	}
	return out
}

// typed types an expression at a place; nil if it means nothing.
func typed(scopes *check.Scopes, at place, source string) *ir.Expr {
	scope, ok := scopes.At(at.step, at.key)
	if !ok {
		return nil
	}
	return expr.Value(&spec.Value{Kind: spec.Scalar, Text: "${{ " + source + " }}"}, scope, &diag.List{})
}

// symbolOf is what a part of a reference names.
func symbolOf(root *outline.Node, scopes *check.Scopes, r reference, part int) symbol {
	names := r.names()
	switch {
	case part == 0 || names[part] == "":
	case names[0] == "params" && part == 1:
		return symbol{paramSymbol, nil, names[1]}
	case names[0] == "steps" && part <= 2:
		step, ok := scopes.Resolve(r.place.step, r.place.key, names[1])
		if ok && part == 1 {
			return symbol{kind: stepSymbol, step: step}
		} else if ok {
			return symbol{outputSymbol, step, names[2]}
		}
	case names[0] == "outputs" && part == 1:
		return symbol{outputSymbol, r.place.step, names[1]}
	case names[0] == "each" && part == 1:
		return elementOf(root, r.place.step, names[1])
	}
	return symbol{}
}

// elementOf is the variable of the nearest foreach outwards that has it.
func elementOf(root *outline.Node, step []string, name string) symbol {
	for n := len(step); n > 0; n-- {
		if e := stepEntry(root, step[:n]); e != nil && e.Value.Find("foreach", name) != nil {
			return symbol{elementSymbol, step[:n], name}
		}
	}
	return symbol{}
}

// stepEntry is where a step is written.
func stepEntry(root *outline.Node, step []string) *outline.Entry {
	for _, top := range []string{"steps", "finally"} {
		path := []string{top}
		for i, name := range step {
			if i > 0 {
				path = append(path, "steps")
			}
			path = append(path, name)
		}
		if e := root.Find(path...); e != nil && len(step) > 0 {
			return e
		}
	}
	return nil
}

// declaredIn is the entry that declares a symbol in the document, nil if there is none.
func (s symbol) declaredIn(root *outline.Node) *outline.Entry {
	switch s.kind {
	case stepSymbol:
		return stepEntry(root, s.step)
	case paramSymbol:
		return root.Find("params", s.name)
	case outputSymbol:
		if e := stepEntry(root, s.step); e != nil {
			return e.Value.Find("outputs", s.name)
		}
	case elementSymbol:
		if e := stepEntry(root, s.step); e != nil {
			return e.Value.Find("foreach", s.name)
		}
	}
	return nil
}

// uses are all places of a document where symbols are named, in no order.
func (d *document) uses() []use {
	root := d.outline()
	var out []use
	d.analysis().with(func(scopes *check.Scopes) {
		root.Walk(func(path []string, scalar *outline.Node) {
			at := placeOf(root, path)
			if at.kind == stepList {
				if step, ok := scopes.Resolve(at.step, at.key, scalar.Text); ok {
					start, end := inner(scalar)
					out = append(out, use{symbol{kind: stepSymbol, step: step}, start, end, false})
				}
			}
			for _, r := range references(at, scalar) {
				for i := range r.chain.Parts {
					if s := symbolOf(root, scopes, r, i); s.kind != noSymbol {
						start, end := r.part(i)
						out = append(out, use{s, start, end, false})
					}
				}
			}
		})
	})
	return out
}

// inner is the place of a scalar without its quotes.
func inner(n *outline.Node) (start, end int) {
	if n.Style == outline.SingleQuoted || n.Style == outline.DoubleQuoted {
		return n.Source(0), n.Source(len(n.Text))
	}
	return n.Start, n.End
}

// symbolAt is what is named at a place of the document, and where exactly.
func (d *document) symbolAt(offset int) (use, bool) {
	root := d.outline()
	loc := root.Locate(offset)
	if loc.Node == nil {
		return use{}, false
	}
	at := placeOf(root, loc.Path)
	var out use
	d.analysis().with(func(scopes *check.Scopes) {
		if loc.InKey {
			out.symbol, out.declaration = declared(root, loc.Path), true
			out.start, out.end = inner(loc.Node)
			return
		}
		if loc.Node.Kind != outline.Scalar {
			return
		}
		if at.kind == stepList {
			if step, ok := scopes.Resolve(at.step, at.key, loc.Node.Text); ok {
				out.symbol = symbol{kind: stepSymbol, step: step}
				out.start, out.end = inner(loc.Node)
			}
			return
		}
		if r, i, ok := referenceAt(at, loc.Node, offset); ok {
			out.symbol = symbolOf(root, scopes, r, i)
			out.start, out.end = r.part(i)
		}
	})
	return out, out.kind != noSymbol
}

// declared is the symbol that a key declares.
func declared(root *outline.Node, path []string) symbol {
	name, parent := path[len(path)-1], placeOf(root, path[:len(path)-1])
	switch {
	case parent.kind == stepNames:
		return symbol{kind: stepSymbol, step: append(parent.step[:len(parent.step):len(parent.step)], name)}
	case parent.kind == paramNames:
		return symbol{paramSymbol, nil, name}
	case parent.key == "outputs" && len(parent.rest) == 0 && len(parent.step) > 0:
		return symbol{outputSymbol, parent.step, name}
	case parent.key == "foreach" && len(parent.rest) == 0:
		return symbol{elementSymbol, parent.step, name}
	}
	return symbol{}
}

// referenceAt is the name in an expression that stands at an offset of the document, and the part of it.
func referenceAt(at place, scalar *outline.Node, offset int) (r reference, part int, ok bool) {
	for _, r := range references(at, scalar) {
		for i := range r.chain.Parts {
			if start, end := r.part(i); offset >= start && offset <= end {
				return r, i, true
			}
		}
	}
	return reference{}, 0, false
}
