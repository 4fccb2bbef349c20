// Package diagram draws pipelines: as Mermaid, as DOT for Graphviz, and as SVG.
//
// Names and expressions of a spec are data. Each format has one function that quotes them.
package diagram

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/written"
)

// Diagram is what is drawn of a pipeline.
type Diagram struct {
	name    string
	steps   *group  // the frame around everything but finally; it is not drawn
	finally *group  // nil if there is none
	nodes   []*node // all of them, each behind those that it needs
	edges   []edge  // without those that follow from others
}

// group is a group of steps: a frame with a name.
type group struct {
	name   string // with those of the groups around it; "" for the whole
	label  string
	nodes  []*node
	groups []*group
}

// node is a step. A gate, which lets the steps of its group run or not, is one as well.
type node struct {
	name        string // with those of the groups around it; that of a gate is its group's
	label       string
	marks       []string // lines below the label: what it runs for, and when
	gate        bool
	foreach     bool // it has instances
	conditional bool // it may be skipped by what it says itself
	finally     bool
}

// edge says that a node needs another one. Both are names.
type edge struct{ from, to string }

// finallyLabel names the frame around the steps of finally.
const finallyLabel = "finally, when all others have ended"

// New returns what is drawn of a pipeline.
func New(p *ir.Pipeline) *Diagram {
	d := &Diagram{name: p.Name, steps: &group{}}
	groups := map[string]*group{}
	for _, g := range p.Groups {
		groups[g.Name] = &group{name: g.Name, label: g.Name[strings.LastIndexByte(g.Name, '.')+1:]}
	}
	placed := map[*group]bool{}
	for _, s := range p.Steps {
		top := d.steps
		if s.Finally {
			if d.finally == nil {
				d.finally = &group{label: finallyLabel}
			}
			top = d.finally
		}
		in := top
		if s.Group != "" {
			in = groups[s.Group]
		}
		n := newNode(s)
		in.nodes, d.nodes = append(in.nodes, n), append(d.nodes, n)
		for g := s.Group; g != "" && !placed[groups[g]]; {
			placed[groups[g]] = true
			parent := parentOf(p, g)
			outer := top
			if parent != "" {
				outer = groups[parent]
			}
			outer.groups = append(outer.groups, groups[g])
			g = parent
		}
	}
	d.edges = edges(p.Steps)
	return d
}

func parentOf(p *ir.Pipeline, group string) string {
	i := slices.IndexFunc(p.Groups, func(g ir.Group) bool { return g.Name == group })
	return p.Groups[i].Parent
}

// runIf says in words when a step runs, by its run_if.
var runIf = map[ir.RunIf]string{ir.IfNotFailed: "unless a need failed", ir.IfFailed: "if a need failed", ir.IfDone: "however its needs ended"}

func newNode(s *ir.Step) *node {
	n := &node{name: s.Name, label: s.Name[strings.LastIndexByte(s.Name, '.')+1:], gate: s.Kind == ir.Gate, foreach: len(s.Foreach) > 0,
		conditional: s.When != nil || s.RunIf != ir.IfSucceeded, finally: s.Finally}
	for _, each := range s.Foreach {
		n.marks = append(n.marks, mark("for each "+each.Name+" in "+written.Expr(each.Items)))
	}
	if s.When != nil {
		n.marks = append(n.marks, mark("when "+written.Expr(s.When)))
	}
	if text := runIf[s.RunIf]; text != "" {
		n.marks = append(n.marks, text)
	}
	if s.AllowFailure {
		n.marks = append(n.marks, "may fail")
	}
	if n.gate {
		n.label = "start"
	}
	return n
}

// longestMark is how many characters of a condition are drawn.
const longestMark = 60

// mark is a line of text that can be drawn: cut, and without what is no character.
func mark(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if utf8.RuneCountInString(text) > longestMark {
		text = string([]rune(text)[:longestMark-1]) + "…"
	}
	return text
}

// edges are the needs of all steps, without those that follow from others. Steps come after what they need.
func edges(steps []*ir.Step) []edge {
	index := make(map[string]int, len(steps))
	words := (len(steps) + 63) / 64
	all := make([][]uint64, len(steps)) // all that a step needs, also through others: one bit each
	var out []edge
	for i, s := range steps {
		index[s.Name] = i
		all[i] = make([]uint64, words)
		needs := slices.Clone(s.Needs)
		if s.Gate != "" && !slices.Contains(needs, s.Gate) {
			needs = append(needs, s.Gate)
		}
		for _, need := range needs {
			for word, bits := range all[index[need]] {
				all[i][word] |= bits
			}
		}
		for _, need := range needs {
			n := index[need]
			if all[i][n/64]&(1<<(n%64)) == 0 {
				out = append(out, edge{need, s.Name})
			}
		}
		for _, need := range needs {
			n := index[need]
			all[i][n/64] |= 1 << (n % 64)
		}
	}
	return out
}

// tops are the drawn frames of a diagram: everything, and finally.
func (d *Diagram) tops() []*group {
	if d.finally == nil {
		return []*group{d.steps}
	}
	return []*group{d.steps, d.finally}
}

// text is the lines of a node.
func (n *node) text() []string { return append([]string{n.label}, n.marks...) }

// mostDrawn is how many steps a picture has at most.
const mostDrawn = 1000

// Formats are the names of the formats, the first one being the usual one.
var Formats = []string{"mermaid", "dot", "svg"}

// Write returns the diagram in a format.
func (d *Diagram) Write(format string) (string, error) {
	switch format {
	case "mermaid":
		return d.mermaid(), nil
	case "dot":
		return d.dot(), nil
	case "svg":
		if len(d.nodes) > mostDrawn {
			return "", fmt.Errorf("%d steps are more than can be told apart in a picture; --format dot is for Graphviz, which can be told how to draw them", len(d.nodes))
		}
		return d.svg(), nil
	}
	return "", fmt.Errorf("no format %q: use %s", format, strings.Join(Formats, ", "))
}
