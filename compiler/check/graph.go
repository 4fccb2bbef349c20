package check

import (
	"container/heap"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// order returns the steps of a scope in a stable topological order, ties by source order, and reports cycles with their path.
func (c *checker) order(sc *scope) []*step {
	waiting := make([]int, len(sc.steps))
	dependents := make([][]*step, len(sc.steps))
	ready := &bySource{}
	for _, s := range sc.steps {
		waiting[s.index] = len(s.needs)
		for _, e := range s.needs {
			dependents[e.to.index] = append(dependents[e.to.index], s)
		}
		if len(s.needs) == 0 {
			heap.Push(ready, s)
		}
	}
	out := make([]*step, 0, len(sc.steps))
	for ready.Len() > 0 {
		s := heap.Pop(ready).(*step)
		out = append(out, s)
		for _, d := range dependents[s.index] {
			if waiting[d.index]--; waiting[d.index] == 0 {
				heap.Push(ready, d)
			}
		}
	}
	if len(out) < len(sc.steps) {
		c.cycles(sc, waiting)
	}
	return out
}

// bySource is a heap of steps by their place in the file.
type bySource []*step

func (h bySource) Len() int           { return len(h) }
func (h bySource) Less(i, j int) bool { return h[i].index < h[j].index }
func (h bySource) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *bySource) Push(x any)        { *h = append(*h, x.(*step)) }
func (h *bySource) Pop() any {
	old := *h
	s := old[len(old)-1]
	*h = old[:len(old)-1]
	return s
}

// cycles reports each cycle once, from its first step in the file on. waiting is positive for the steps in or behind one.
func (c *checker) cycles(sc *scope, waiting []int) {
	done := make([]bool, len(sc.steps))
	for _, s := range sc.steps {
		if waiting[s.index] == 0 || done[s.index] {
			continue
		}
		// Walk from need to need: every step that waits needs one that waits, so the walk comes back on itself.
		var path []*edge
		at := map[*step]int{}
		for cur := s; ; {
			if start, again := at[cur]; again {
				c.cycle(path[start:])
				break
			}
			if done[cur.index] {
				break // the walk runs into a cycle that is reported
			}
			at[cur] = len(path)
			i := slices.IndexFunc(cur.needs, func(e *edge) bool { return waiting[e.to.index] > 0 })
			path = append(path, cur.needs[i])
			cur = cur.needs[i].to
		}
		for visited := range at {
			done[visited.index] = true
		}
	}
}

func (c *checker) cycle(path []*edge) {
	first := 0
	for i := range path {
		if path[i].to.index < path[first].to.index {
			first = i
		}
	}
	path = slices.Concat(path[first:], path[:first])
	if len(path) == 1 {
		c.diags.Errorf(path[0].pos, diag.Cycle, "the step %q needs itself", path[0].to.tree.Name.Value)
		return
	}
	names := make([]string, 0, len(path)+1)
	for _, e := range path {
		names = append(names, e.to.tree.Name.Value)
	}
	names = append(names, names[0])
	d := c.diags.Errorf(path[1].pos, diag.Cycle, "steps need each other: %s", strings.Join(names, " needs "))
	for i := 1; i < len(path); i++ {
		e := path[(i+1)%len(path)]
		d.WithNote(e.pos, "%s needs %s here", names[i], e.to.tree.Name.Value)
	}
	d.WithHelp("take one of these needs away")
}

// irSteps returns the steps in source order, also where they have none of their own for a cycle; code looks at their modules.
func (c *checker) irSteps() []*ir.Step {
	var out []*ir.Step
	var add func(sc *scope)
	add = func(sc *scope) {
		for _, s := range sc.steps {
			if s.inner != nil {
				add(s.inner)
			} else {
				out = append(out, s.out)
			}
		}
	}
	add(c.top)
	return out
}
