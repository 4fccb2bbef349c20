package report

import (
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/diagram/layout"
)

// mostDrawn is how many steps a drawing has at most: with more of them it tells nothing.
const mostDrawn = 300

// graph is the drawing of a pipeline.
type graph struct {
	*layout.Drawing
	Nodes []drawnNode
}

type drawnNode struct {
	layout.Place
	Label, Below string // its two lines
	Step         *step
}

func newGraph(plan *runtime.Plan, steps []*step) *graph {
	if len(steps) == 0 || len(steps) > mostDrawn {
		return nil
	}
	nodes := make([]layout.Node, len(steps))
	for i, s := range steps {
		label, below := lines(s)
		nodes[i] = layout.Node{Name: plan.Steps[i].Name, Needs: plan.Steps[i].Needs, Height: 46,
			Width: min(max(92, 46+8*float64(utf8.RuneCountInString(label)), 46+6.4*float64(utf8.RuneCountInString(below))), 260)}
	}
	g := &graph{Drawing: layout.New(nodes)}
	for _, p := range g.Drawing.Nodes {
		label, below := lines(steps[p.Node])
		g.Nodes = append(g.Nodes, drawnNode{p, label, below, steps[p.Node]})
	}
	return g
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
