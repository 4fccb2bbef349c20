package backends

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// MayBeSkipped returns the steps that may be skipped though nothing has failed.
func MayBeSkipped(p *ir.Pipeline) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Steps { // needs come first
		out[s.Name] = s.When != nil || s.AllowFailure || s.RunIf == ir.IfFailed ||
			s.RunIf == ir.IfSucceeded && slices.ContainsFunc(s.Needs, func(n string) bool { return out[n] })
	}
	return out
}

// Unheard returns the steps whose failure no leaf of the DAG would show, since what comes after them runs all the same:
// the steps of finally, if they are part of the DAG, and those with a run_if.
func Unheard(p *ir.Pipeline, finallyInDAG bool) []*ir.Step {
	isLeaf, heard := map[string]bool{}, map[string]bool{}
	for _, s := range p.Steps {
		isLeaf[s.Name] = !finallyInDAG || s.Finally
	}
	for _, s := range p.Steps {
		for _, n := range s.Needs {
			isLeaf[n] = false
		}
	}
	var out []*ir.Step
	for _, s := range slices.Backward(p.Steps) { // dependents come first
		heard[s.Name] = heard[s.Name] || isLeaf[s.Name]
		if heard[s.Name] && (s.RunIf == ir.IfSucceeded || s.RunIf == ir.IfNotFailed) {
			for _, n := range s.Needs {
				heard[n] = true
			}
		}
		if !heard[s.Name] && !s.AllowFailure {
			out = append(out, s)
		}
	}
	slices.Reverse(out)
	return out
}

// HasFinally reports whether there are steps of finally.
func HasFinally(p *ir.Pipeline) bool {
	return slices.ContainsFunc(p.Steps, func(s *ir.Step) bool { return s.Finally })
}
