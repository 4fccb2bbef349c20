package diagram

import (
	"fmt"
	"strings"
)

// dot returns the diagram in the language of Graphviz.
func (d *Diagram) dot() string {
	w := &dotWriter{}
	w.line(0, "digraph %s {", dotQuote(d.name))
	w.line(1, `graph [rankdir=LR, fontname="Helvetica"]`)
	w.line(1, `node [shape=box, style=rounded, fontname="Helvetica"]`)
	for _, top := range d.tops() {
		w.group(top, 1)
	}
	for _, e := range d.edges {
		w.line(1, "%s -> %s", dotQuote(e.from), dotQuote(e.to))
	}
	w.line(0, "}")
	return w.text.String()
}

type dotWriter struct {
	text     strings.Builder
	clusters int
}

func (w *dotWriter) line(depth int, format string, args ...any) {
	fmt.Fprintf(&w.text, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (w *dotWriter) group(g *group, depth int) {
	isFramed := g.label != ""
	if isFramed {
		w.clusters++
		w.line(depth, "subgraph cluster_%d {", w.clusters)
		depth++
		w.line(depth, "graph [label=%s, style=dashed]", dotQuote(g.label))
	}
	for _, n := range g.nodes {
		w.node(n, depth)
	}
	for _, inner := range g.groups {
		w.group(inner, depth)
	}
	if isFramed {
		w.line(depth-1, "}")
	}
}

func (w *dotWriter) node(n *node, depth int) {
	attributes, style := []string{"label=" + dotQuote(n.text()...)}, "rounded"
	switch {
	case n.gate:
		attributes, style = append(attributes, "shape=hexagon"), "solid"
	case n.foreach:
		attributes = append(attributes, "peripheries=2")
	}
	if n.conditional {
		style += ",dashed"
	}
	if style != "rounded" {
		attributes = append(attributes, "style="+dotQuote(style))
	}
	w.line(depth, "%s [%s]", dotQuote(n.name), strings.Join(attributes, ", "))
}

// dotQuote returns lines as a quoted text. Within one, Graphviz gives a meaning to quotes and backslashes, and reads what looks like an
// entity of HTML as a character.
func dotQuote(lines ...string) string {
	quoted := make([]string, len(lines))
	for i, line := range lines {
		quoted[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", " ", "\r", " ", "\x00", " ").Replace(line)
	}
	return `"` + strings.Join(quoted, `\n`) + `"`
}
