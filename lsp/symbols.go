package lsp

import (
	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// symbols are the parameters and the steps of a document, with what is within groups.
func (d *document) symbols() []documentSymbol {
	out := []documentSymbol{}
	root := d.outline()
	d.analysis().with(func(scopes *check.Scopes) {
		for _, key := range []string{"params", "steps", "finally"} {
			e := root.Get(key)
			if e == nil {
				continue
			}
			s := d.symbol(e, symbolNamespace)
			if key == "params" {
				s.Children = d.paramSymbols(scopes, e.Value)
			} else {
				s.Children = d.stepSymbols(scopes, nil, e.Value, 0)
			}
			out = append(out, s)
		}
	})
	return out
}

func (d *document) symbol(e *outline.Entry, kind int) documentSymbol {
	start, end := inner(e.Key)
	return documentSymbol{Name: nonEmpty(e.Key.Text), Kind: kind, Range: d.text.span(e.Start, e.End), SelectionRange: d.text.span(start, end)}
}

// nonEmpty is a name as clients take it: some refuse a list with one that is empty.
func nonEmpty(name string) string {
	if name == "" {
		return `""`
	}
	return name
}

func (d *document) paramSymbols(scopes *check.Scopes, params *outline.Node) []documentSymbol {
	var out []documentSymbol
	if params == nil || params.Kind != outline.Mapping {
		return nil
	}
	for _, e := range params.Entries {
		s := d.symbol(e, symbolVariable)
		for _, p := range scopes.Params() {
			if p.Name == e.Key.Text {
				s.Detail = string(p.Type)
			}
		}
		out = append(out, s)
	}
	return out
}

func (d *document) stepSymbols(scopes *check.Scopes, groups []string, steps *outline.Node, depth int) []documentSymbol {
	var out []documentSymbol
	if steps == nil || steps.Kind != outline.Mapping || depth > 50 {
		return nil
	}
	for _, e := range steps.Entries {
		step := append(groups[:len(groups):len(groups)], e.Key.Text)
		s := d.symbol(e, symbolFunction)
		about, _ := scopes.About(step)
		s.Detail = string(about.Kind)
		if about.Group {
			s.Kind, s.Detail = symbolNamespace, about.Inlines
		}
		if e.Value != nil && e.Value.Kind == outline.Mapping {
			if within := e.Value.Get("steps"); within != nil {
				s.Children = d.stepSymbols(scopes, step, within.Value, depth+1)
			}
		}
		out = append(out, s)
	}
	return out
}
