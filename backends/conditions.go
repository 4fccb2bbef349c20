package backends

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// MayBeSkipped returns the steps that may be skipped though nothing has failed.
func MayBeSkipped(p *ir.Pipeline) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Steps { // needs come first
		out[s.Name] = s.When != nil || s.MaySkipItself() || s.RunIf == ir.IfFailed || mayBeEmpty(s) || s.Gate != "" && out[s.Gate] ||
			s.RunIf == ir.IfSucceeded && slices.ContainsFunc(s.Needs, func(n string) bool { return out[n] })
	}
	return out
}

// MayBeSkippedWithin returns the steps of groups with a foreach that may be skipped at a place where their group runs and nothing
// has failed.
func MayBeSkippedWithin(p *ir.Pipeline) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Steps { // needs come first; gates are not among them
		out[s.Name] = s.Along != "" && (s.When != nil || s.MaySkipItself() || s.RunIf == ir.IfFailed ||
			s.RunIf == ir.IfSucceeded && slices.ContainsFunc(s.Needs, func(n string) bool { return out[n] }))
	}
	return out
}

// Members returns the steps that go along with each gate that has a foreach.
func Members(p *ir.Pipeline) map[string][]*ir.Step {
	out := map[string][]*ir.Step{}
	for _, s := range p.Steps {
		if s.Along != "" {
			out[s.Along] = append(out[s.Along], s)
		}
	}
	return out
}

// mayBeEmpty reports whether a list of the step's foreach may have no elements.
func mayBeEmpty(s *ir.Step) bool {
	return slices.ContainsFunc(s.Foreach, func(each ir.Each) bool { return staticLen(each.Items) <= 0 })
}

// staticLen is the length of a list, -1 where only a run knows it.
func staticLen(items *ir.Expr) int {
	switch {
	case items.IsLit():
		return len(items.Value.Items)
	case items.Op == ir.List:
		return len(items.Args)
	}
	return -1
}

// StaticInstances is the number of instances of a foreach, -1 where only a run knows it.
func StaticInstances(s *ir.Step) int {
	n := 1
	for _, each := range s.Foreach {
		length := staticLen(each.Items)
		if length < 0 {
			return -1
		}
		n *= length
	}
	return n
}

// SkipsItems reports whether instances of a fan-out may be skipped though others succeed.
func SkipsItems(s *ir.Step) bool { return s.WhenPerItem() || len(s.Foreach) > 0 && s.MaySkipItself() }

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
