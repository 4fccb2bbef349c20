// Package layout lays out graphs of steps for a drawing: in layers, with a group laid out by itself and then placed as one box, so
// that groups never overlap and edges to what is in a group end at its frame.
package layout

import (
	"fmt"
	"slices"
	"strings"
)

// Node is what is drawn as a box.
type Node struct {
	Name          string   // with those of the groups around it: group.step
	Needs         []string // names of nodes before it; others are left out
	Width, Height float64  // in CSS pixels
}

// Drawing is a graph with its numbers as SVG takes them.
type Drawing struct {
	Width, Height int
	Groups        []Group // outer ones first
	Edges         []Edge
	Nodes         []Place // those of a group together
}

// Group is the frame around the nodes of a group.
type Group struct {
	X, Y, W, H int
	Name       string // with those of the groups around it
	Label      string // the last part of it
}

// Edge is a line to what needs something, from what it needs. Needs that follow from others have none.
type Edge struct {
	From, To string // names of nodes or groups
	Path     string // for the attribute d of a path
}

// Place is where a node is.
type Place struct {
	X, Y, W, H int
	Node       int // its index
}

// widest is how wide a drawing may be before one that goes downwards is tried.
const widest = 1120

// New draws the nodes to the right, or downwards if that is wider than a page. Equal nodes have equal drawings.
func New(nodes []Node) *Drawing {
	d := draw(nodes, false)
	if d.Width > widest {
		if down := draw(nodes, true); down.Width < d.Width {
			return down
		}
	}
	return d
}

func draw(nodes []Node, down bool) *Drawing {
	d := &drawing{down: down}
	root := group(nodes)
	d.layOut(root)
	root.move(-groupPad+1, -groupHead+1) // the whole has no frame
	out := &Drawing{Width: int(root.w) - 2*groupPad + 2, Height: int(root.h) - groupHead - groupPad + 2}
	out.add(root.parts)
	for _, e := range d.edges {
		out.Edges = append(out.Edges, Edge{e.via[0].name, e.via[len(e.via)-1].name, d.path(e)})
	}
	return out
}

func (d *Drawing) add(parts []*box) {
	for _, b := range parts {
		if b.node < 0 {
			d.Groups = append(d.Groups, Group{int(b.x), int(b.y), int(b.w), int(b.h), b.name, b.label})
			d.add(b.parts)
			continue
		}
		d.Nodes = append(d.Nodes, Place{int(b.x), int(b.y), int(b.w), int(b.h), b.node})
	}
}

// group returns the boxes of nodes, those of groups within each other. A node is in the groups that its name begins with, and one
// that is called as a group is, in that.
func group(nodes []Node) *box {
	root := &box{node: -1}
	groups, boxes, parents := map[string]*box{"": root}, map[string]*box{}, map[*box]*box{}
	isGroup := map[string]bool{}
	for _, n := range nodes {
		for at := range len(n.Name) {
			if n.Name[at] == '.' {
				isGroup[n.Name[:at]] = true
			}
		}
	}
	var open func(name string) *box
	open = func(name string) *box {
		if g := groups[name]; g != nil {
			return g
		}
		parent, label := root, name
		if at := strings.LastIndexByte(name, '.'); at >= 0 {
			parent, label = open(name[:at]), name[at+1:]
		}
		g := &box{node: -1, name: name, label: label}
		groups[name], parents[g] = g, parent
		parent.parts = append(parent.parts, g)
		return g
	}
	for i, n := range nodes {
		in := ""
		if isGroup[n.Name] {
			in = n.Name
		} else if at := strings.LastIndexByte(n.Name, '.'); at >= 0 {
			in = n.Name[:at]
		}
		b, parent := &box{node: i, name: n.Name, w: n.Width, h: n.Height}, open(in)
		boxes[n.Name], parents[b] = b, parent
		parent.parts = append(parent.parts, b)
		for _, need := range n.Needs {
			if from := boxes[need]; from != nil {
				connect(parents, from, b)
			}
		}
	}
	return root
}

// connect lets a box need another one, or the groups of both that are in the same group.
func connect(parents map[*box]*box, from, to *box) {
	depth := func(b *box) int {
		n := 0
		for ; parents[b] != nil; b = parents[b] {
			n++
		}
		return n
	}
	for depth(from) > depth(to) {
		from = parents[from]
	}
	for depth(to) > depth(from) {
		to = parents[to]
	}
	for parents[from] != parents[to] {
		from, to = parents[from], parents[to]
	}
	parts := []*box{}
	if p := parents[to]; p != nil {
		parts = p.parts
	}
	if slices.Index(parts, from) < slices.Index(parts, to) && !slices.Contains(to.needs, from) { // else they are the same, or the order is not one of needs
		to.needs = append(to.needs, from)
	}
}

// path is the line of an edge: from the side of one box to that of the next, straight along bends.
func (d *drawing) path(e edge) string {
	var b strings.Builder
	point := func(n *box, end bool) (x, y float64) {
		along, across := *d.at(n, false), *d.at(n, true)+d.size(n, true)/2
		if end {
			along += d.size(n, false)
		}
		if d.down {
			return across, along
		}
		return along, across
	}
	for i, n := range e.via {
		if i == 0 {
			x, y := point(n, true)
			fmt.Fprintf(&b, "M%.0f %.0f", x, y)
			continue
		}
		fx, fy := point(e.via[i-1], true)
		x, y := point(n, false)
		if d.down {
			fmt.Fprintf(&b, " C%.0f %.0f %.0f %.0f %.0f %.0f", fx, (fy+y)/2, x, (fy+y)/2, x, y)
		} else {
			fmt.Fprintf(&b, " C%.0f %.0f %.0f %.0f %.0f %.0f", (fx+x)/2, fy, (fx+x)/2, y, x, y)
		}
		if n.isBend() {
			x, y = point(n, true)
			fmt.Fprintf(&b, " L%.0f %.0f", x, y)
		}
	}
	return b.String()
}
