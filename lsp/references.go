package lsp

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/zenc-dev/zenc/lsp/outline"
)

// usesOf are the places where what stands at a place is named, by place; its declaration is among them.
func (d *document) usesOf(s symbol) []use {
	var out []use
	for _, u := range d.uses() {
		if u.is(s) {
			out = append(out, u)
		}
	}
	if e := s.declaredIn(d.outline()); e != nil {
		start, end := inner(e.Key)
		out = append(out, use{s, start, end, true})
	}
	slices.SortFunc(out, func(a, b use) int { return cmp.Compare(a.start, b.start) })
	return slices.CompactFunc(out, func(a, b use) bool { return a.start == b.start })
}

func (d *document) references(offset int, declaration bool) []location {
	out := []location{}
	at, ok := d.symbolAt(offset)
	if !ok {
		return out
	}
	for _, u := range d.usesOf(at.symbol) {
		if declaration || !u.declaration {
			out = append(out, location{d.uri, d.text.span(u.start, u.end)})
		}
	}
	return out
}

// renamable finds what can be renamed at a place, or says why nothing can be.
func (d *document) renamable(offset int) (use, error) {
	at, ok := d.symbolAt(offset)
	switch {
	case !ok:
		return use{}, fmt.Errorf("nothing here has a name that can be changed")
	case !d.analysis().exact:
		return use{}, fmt.Errorf("the file is not YAML at the moment; correct that first")
	case at.kind == outputSymbol:
		return use{}, fmt.Errorf("an output is named by the code of its step, too; change both by hand")
	case at.declaredIn(d.outline()) == nil:
		return use{}, fmt.Errorf("it is not declared in this file")
	}
	return at, nil
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// rename changes the name of a step, a parameter or an element of a foreach, wherever the document has it.
func (d *document) rename(offset int, name string) (*workspaceEdit, error) {
	at, err := d.renamable(offset)
	if err != nil {
		return nil, err
	}
	if !plainName.MatchString(name) {
		return nil, fmt.Errorf("%q cannot be a name: lower-case letters, digits and _, a letter first, at most 40 characters", name)
	}
	if d.taken(at.kind, name) {
		return nil, fmt.Errorf("there is a %q already", name)
	}
	var edits []textEdit
	for _, u := range d.usesOf(at.symbol) {
		edits = append(edits, textEdit{d.text.span(u.start, u.end), name})
	}
	return &workspaceEdit{map[string][]textEdit{d.uri: edits}}, nil
}

// taken reports whether something of a kind has a name, in whatever scope: a reference could mean that then.
func (d *document) taken(kind symbolKind, name string) bool {
	root := d.outline()
	if kind == paramSymbol {
		return root.Find("params", name) != nil
	}
	found := false
	var walk func(steps *outline.Entry)
	walk = func(steps *outline.Entry) {
		if steps == nil || steps.Value == nil { // an alias is gone over where it stands
			return
		}
		for _, e := range steps.Value.Entries {
			switch {
			case kind == stepSymbol && e.Key.Text == name, kind == elementSymbol && e.Value.Find("foreach", name) != nil:
				found = true
			}
			if e.Value != nil && e.Value.Kind == outline.Mapping {
				walk(e.Value.Get("steps"))
			}
		}
	}
	walk(root.Get("steps"))
	walk(root.Get("finally"))
	return found
}
