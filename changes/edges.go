package changes

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// edges tells what steps need, in the words of the language: from outside, a group is needed as a whole. The compiled form has
// steps alone, with gates for some groups and not for others, so that a condition that a group gets changes needs of many steps.
type edges struct {
	steps   map[string]*ir.Step
	parents map[string]string // of groups
}

func newEdges(p *ir.Pipeline) *edges {
	e := &edges{steps: map[string]*ir.Step{}, parents: map[string]string{}}
	for _, s := range p.Steps {
		e.steps[s.Name] = s
	}
	for _, g := range p.Groups {
		e.parents[g.Name] = g.Parent
	}
	return e
}

// of are the steps and groups that a step needs, each once.
func (e *edges) of(s *ir.Step) []string {
	around := e.groups(s.Group)
	if s.Kind == ir.Gate {
		around = e.groups(e.parents[s.Name])
	}
	var out []string
	for _, need := range s.Needs {
		names := []string{e.seen(need, around)}
		if gate := e.steps[need]; gate != nil && gate.Kind == ir.Gate && slices.Contains(around, need) {
			names = e.of(gate) // it stands for what its group needs
		}
		for _, name := range names {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// seen is a step as those see it that are in certain groups: itself, or the outermost group around it that they are not in.
func (e *edges) seen(name string, from []string) string {
	if s := e.steps[name]; s != nil {
		for _, g := range e.groups(s.Group) {
			if !slices.Contains(from, g) {
				name = g
			}
		}
	}
	return name
}

// groups are a group and those around it, inner ones first.
func (e *edges) groups(name string) []string {
	var out []string
	for ; name != "" && !slices.Contains(out, name); name = e.parents[name] {
		out = append(out, name)
	}
	return out
}
