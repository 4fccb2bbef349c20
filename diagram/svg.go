package diagram

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/diagram/layout"
)

// The sizes of text in CSS pixels: how wide a character is as a rule, and how high a line.
const (
	labelWidth = 8.0
	markWidth  = 6.2
	lineHeight = 16
)

// svgStyle is the look, on light and on dark pages.
const svgStyle = `
    svg { font: 13px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; background: #fff; }
    .node { fill: #fff; stroke: #0860ca; stroke-width: 1.5; }
    .conditional { stroke-dasharray: 5 4; }
    .group { fill: none; stroke: #57606a; stroke-dasharray: 4 4; }
    .edge { fill: none; stroke: #57606a; stroke-width: 1.3; }
    text { fill: #1f2328; font-weight: 600; }
    .mark, .name { fill: #57606a; }
    .mark { font-size: 11.5px; font-weight: 400; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0d1117; }
      .node { fill: #161b22; stroke: #6cb6ff; }
      text { fill: #e6edf3; }
      .mark, .name { fill: #9aa5b1; }
      .group, .edge { stroke: #9aa5b1; }
    }
  `

// finallyPrefix is before the names of what is in finally, which makes a group of it. No name of a spec has a blank.
const finallyPrefix = finallyLabel + "."

// svg returns the diagram as a picture.
func (d *Diagram) svg() string {
	l := layout.New(d.layoutNodes())
	const margin = 12
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%d %d %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
		-margin, -margin, l.Width+2*margin, l.Height+2*margin, l.Width+2*margin, l.Height+2*margin)
	fmt.Fprintf(&b, "  <title>%s</title>\n  <style>%s</style>\n", svgText(d.name), svgStyle)
	b.WriteString(`  <defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
		`<path d="M0 .8L7.5 4 0 7.2z" fill="#57606a"/></marker></defs>` + "\n")
	for _, g := range l.Groups {
		fmt.Fprintf(&b, "  <rect class=\"group\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n", g.X, g.Y, g.W, g.H)
		fmt.Fprintf(&b, "  <text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n", g.X+14, g.Y+18, svgText(g.Label))
	}
	for _, e := range l.Edges {
		if e.To != finallyLabel {
			fmt.Fprintf(&b, "  <path class=\"edge\" d=\"%s\" marker-end=\"url(#arrow)\"/>\n", e.Path)
		}
	}
	for _, p := range l.Nodes {
		d.nodes[p.Node].svg(&b, p)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// layoutNodes returns the nodes as they are laid out. Finally is a group behind all others.
func (d *Diagram) layoutNodes() []layout.Node {
	needs, isNeeded := map[string][]string{}, map[string]bool{}
	for _, e := range d.edges {
		needs[e.to] = append(needs[e.to], e.from)
		isNeeded[e.from] = true
	}
	var out []layout.Node
	var last []string // what nothing needs, but for finally
	for _, n := range d.nodes {
		node := layout.Node{Name: n.name, Needs: needs[n.name], Height: float64(14 + lineHeight*len(n.text())),
			Width: 28 + labelWidth*float64(utf8.RuneCountInString(n.label))}
		for _, m := range n.marks {
			node.Width = max(node.Width, 28+markWidth*float64(utf8.RuneCountInString(m)))
		}
		if n.finally {
			node.Name, node.Needs = finallyPrefix+n.name, slices.Clone(last) // these have no line
			for _, need := range needs[n.name] {
				node.Needs = append(node.Needs, finallyPrefix+need)
			}
		} else if !isNeeded[n.name] {
			last = append(last, n.name)
		}
		out = append(out, node)
	}
	return out
}

func (n *node) svg(b *strings.Builder, p layout.Place) {
	class := "node"
	if n.conditional {
		class += " conditional"
	}
	if n.foreach && !n.gate { // a pile
		fmt.Fprintf(b, "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", class, p.X+4, p.Y+4, p.W, p.H)
	}
	radius := 8
	if n.gate {
		radius = 15
	}
	fmt.Fprintf(b, "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", class, p.X, p.Y, p.W, p.H, radius)
	for i, line := range n.text() {
		mark := ""
		if i > 0 {
			mark = ` class="mark"`
		}
		fmt.Fprintf(b, "  <text%s x=\"%d\" y=\"%d\">%s</text>\n", mark, p.X+14, p.Y+21+lineHeight*i, svgText(line))
	}
}

// svgText escapes text; characters that XML does not have are replaced.
func svgText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
