package runtime

import "fmt"

// graph is who waits for whom, by the places of the steps.
type graph struct {
	needs      []int   // number of needs of each step, its gate among them
	dependents [][]int // in source order
	places     map[string]int
	leaders    []int         // the step that each goes along with: itself for one that others go along with, else -1
	groups     map[int][]int // those that go along with a step, itself among them
}

// newGraph checks that the steps can be ordered.
func newGraph(steps []Step) (*graph, error) {
	places := make(map[string]int, len(steps))
	for i, step := range steps {
		if _, twice := places[step.Name]; twice {
			return nil, fmt.Errorf("two steps are named %q", step.Name)
		}
		places[step.Name] = i
	}
	g := &graph{needs: make([]int, len(steps)), dependents: make([][]int, len(steps)), places: places, leaders: make([]int, len(steps)), groups: map[int][]int{}}
	for i := range steps {
		g.leaders[i] = -1
	}
	for i, step := range steps {
		if err := g.goAlong(i, step); err != nil {
			return nil, err
		}
		needs := step.Needs
		if step.Gate != "" {
			needs = append(needs[:len(needs):len(needs)], step.Gate)
		}
		for _, name := range needs {
			place, ok := places[name]
			if !ok {
				return nil, fmt.Errorf("step %q needs %q, which does not exist", step.Name, name)
			}
			g.needs[i]++
			g.dependents[place] = append(g.dependents[place], i)
		}
	}
	return g, g.checkCycle(steps)
}

// goAlong notes which step another one goes along with.
func (g *graph) goAlong(i int, step Step) error {
	if step.Along == "" {
		return nil
	}
	leader, ok := g.places[step.Along]
	if !ok {
		return fmt.Errorf("step %q goes along with %q, which does not exist", step.Name, step.Along)
	}
	if g.groups[leader] == nil {
		g.leaders[leader], g.groups[leader] = leader, []int{leader}
	}
	g.leaders[i], g.groups[leader] = leader, append(g.groups[leader], i)
	return nil
}

func (g *graph) checkCycle(steps []Step) error {
	left := append([]int(nil), g.needs...)
	var free []int
	for i, n := range left {
		if n == 0 {
			free = append(free, i)
		}
	}
	for done := 0; done < len(free); done++ {
		for _, d := range g.dependents[free[done]] {
			if left[d]--; left[d] == 0 {
				free = append(free, d)
			}
		}
	}
	for i, n := range left {
		if n > 0 {
			return fmt.Errorf("step %q waits for itself, through what it needs", steps[i].Name)
		}
	}
	return nil
}
