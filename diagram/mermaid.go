package diagram

import (
	"fmt"
	"strings"
	"unicode"
)

// mermaid returns the diagram as a flowchart of Mermaid.
func (d *Diagram) mermaid() string {
	w := &mermaidWriter{ids: map[string]string{}, taken: map[string]bool{}}
	w.line(0, "flowchart LR")
	for _, top := range d.tops() {
		w.group(top, 1)
	}
	for _, e := range d.edges {
		w.line(1, "%s --> %s", w.ids[e.from], w.ids[e.to])
	}
	if len(w.conditional) > 0 {
		w.line(1, "classDef conditional stroke-dasharray: 5 4")
		w.line(1, "class %s conditional", strings.Join(w.conditional, ","))
	}
	return w.text.String()
}

type mermaidWriter struct {
	text        strings.Builder
	ids         map[string]string // of nodes by name
	taken       map[string]bool   // ids
	conditional []string          // ids of nodes that may be skipped
}

func (w *mermaidWriter) line(depth int, format string, args ...any) {
	fmt.Fprintf(&w.text, strings.Repeat("    ", depth)+format+"\n", args...)
}

// group writes a group with what is in it; the whole has no frame.
func (w *mermaidWriter) group(g *group, depth int) {
	isFramed := g.label != ""
	if isFramed {
		w.line(depth, "subgraph %s[%s]", w.id(groupID(g)), mermaidQuote(g.label))
		depth++
	}
	for _, n := range g.nodes {
		w.node(n, depth)
	}
	for _, inner := range g.groups {
		w.group(inner, depth)
	}
	if isFramed {
		w.line(depth-1, "end")
	}
}

func groupID(g *group) string {
	if g.name == "" {
		return "finally"
	}
	return "group_" + g.name
}

func (w *mermaidWriter) node(n *node, depth int) {
	before, after := "[", "]"
	switch {
	case n.gate:
		before, after = "{{", "}}"
	case n.foreach:
		before, after = "[[", "]]"
	}
	kind := "step_"
	if n.gate {
		kind = "start_" // it is called as its group is
	}
	id := w.id(kind + n.name)
	w.ids[n.name] = id
	w.line(depth, "%s%s%s%s", id, before, mermaidQuote(n.text()...), after)
	if n.conditional {
		w.conditional = append(w.conditional, id)
	}
}

// id is a name that Mermaid takes for no word of its own, and that no other element has.
func (w *mermaidWriter) id(name string) string {
	id := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		if r == '.' {
			return '-' // which no name of a spec has
		}
		return '_'
	}, name)
	for n := 2; w.taken[id]; n++ {
		if next := fmt.Sprintf("%s_%d", id, n); !w.taken[next] {
			id = next
		}
	}
	w.taken[id] = true
	return id
}

// wordJoiner is a character that is not seen and that no line is broken at.
const wordJoiner = '\u2060'

// mermaidQuote returns lines as a text. Whatever could mean something to Mermaid, to its Markdown or to HTML is an entity: a number
// between # and ;. Mermaid looks for formulas ($$), line ends (\n) and icons (fa:fa-car) even after it has read those, so that something
// is put in between.
func mermaidQuote(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br>")
		}
		for _, r := range line {
			if strings.ContainsRune(" ._,()=!?'/", r) || r > unicode.MaxASCII || unicode.IsLetter(r) || unicode.IsDigit(r) {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "#%d;", r)
			}
			if r == '$' || r == '\\' || r == ':' {
				b.WriteRune(wordJoiner)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
