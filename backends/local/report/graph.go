package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// mostDrawn is how many steps a drawing has at most: with more of them it tells nothing.
const mostDrawn = 300

// pageWidth is how wide a drawing may be before one that goes downwards is tried.
const pageWidth = 1120

// graph is the drawing of a pipeline, with its numbers as SVG takes them.
type graph struct {
	Width, Height int
	Groups        []drawnGroup
	Edges         []string // paths
	Nodes         []drawnNode
}

type drawnGroup struct {
	X, Y, W, H int
	Label      string
}

type drawnNode struct {
	X, Y, W, H   int
	Label, Below string // its two lines
	Step         *step
}

// newGraph draws the steps to the right, or downwards if that is wider than a page.
func newGraph(plan *runtime.Plan, steps []*step) *graph {
	if len(steps) == 0 || len(steps) > mostDrawn {
		return nil
	}
	g := draw(plan, steps, false)
	if g.Width > pageWidth {
		if down := draw(plan, steps, true); down.Width < g.Width {
			return down
		}
	}
	return g
}

func draw(plan *runtime.Plan, steps []*step, down bool) *graph {
	d := &drawing{down: down}
	root := group(plan)
	size(root, steps)
	d.layOut(root)
	root.move(-groupPad+1, -groupHead+1) // the whole has no frame
	out := &graph{Width: int(root.w) - 2*groupPad + 2, Height: int(root.h) - groupHead - groupPad + 2}
	out.add(root.parts, steps)
	for _, e := range d.edges {
		out.Edges = append(out.Edges, d.path(e))
	}
	return out
}

// group returns the boxes of a plan, those of groups within each other. A step is in the groups that its name begins with, and the
// gate of a group, which is called as the group is, in that.
func group(plan *runtime.Plan) *box {
	root := &box{step: -1}
	groups, boxes, parents := map[string]*box{"": root}, map[string]*box{}, map[*box]*box{}
	isGroup := map[string]bool{}
	for _, s := range plan.Steps {
		for at := range len(s.Name) {
			if s.Name[at] == '.' {
				isGroup[s.Name[:at]] = true
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
		g := &box{step: -1, label: label}
		groups[name], parents[g] = g, parent
		parent.parts = append(parent.parts, g)
		return g
	}
	for i, s := range plan.Steps {
		in := ""
		if isGroup[s.Name] {
			in = s.Name
		} else if at := strings.LastIndexByte(s.Name, '.'); at >= 0 {
			in = s.Name[:at]
		}
		b, parent := &box{step: i}, open(in)
		boxes[s.Name], parents[b] = b, parent
		parent.parts = append(parent.parts, b)
		for _, need := range s.Needs {
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
	if slices.Index(parts, from) < slices.Index(parts, to) && !slices.Contains(to.needs, from) { // else they are the same, or the plan is not one of ours
		to.needs = append(to.needs, from)
	}
}

// size gives the boxes of steps their sizes, by the length of their lines.
func size(g *box, steps []*step) {
	for _, b := range g.parts {
		if b.step < 0 {
			size(b, steps)
			continue
		}
		label, below := lines(steps[b.step])
		b.h = 46
		b.w = min(max(92, 46+8*float64(utf8.RuneCountInString(label)), 46+6.4*float64(utf8.RuneCountInString(below))), 260)
	}
}

// lines are the two lines of a step in a drawing. Its groups are around it.
func lines(s *step) (label, below string) {
	label = s.Name[strings.LastIndexByte(s.Name, '.')+1:]
	switch {
	case s.Instances != "":
		below = s.Instances
	case s.State == runtime.Succeeded && s.Duration != "": // its icon says it
		below = s.Duration
	default:
		below = s.Long()
	}
	return short(label, 28), short(below, 32)
}

func (g *graph) add(parts []*box, steps []*step) {
	for _, b := range parts {
		if b.step < 0 {
			g.Groups = append(g.Groups, drawnGroup{int(b.x), int(b.y), int(b.w), int(b.h), b.label})
			g.add(b.parts, steps)
			continue
		}
		label, below := lines(steps[b.step])
		g.Nodes = append(g.Nodes, drawnNode{int(b.x), int(b.y), int(b.w), int(b.h), label, below, steps[b.step]})
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
