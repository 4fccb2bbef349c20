package runtime

import (
	"fmt"
	"slices"
	"strings"
)

// notAskedFor is why a step of a run does not run that has others of --only or --from.
const notAskedFor = "not asked for"

// known is what a run takes of a step from before: from an earlier part of the same run, or from another run.
type known struct {
	whole     bool // the step has ended; else only some instances have
	result    StepResult
	instances map[int]*InstanceHistory
	// made are the attempts that were started before, by place: their folders are there. Those in counted have failed and count
	// as attempts of what goes on.
	made, counted map[int]int
	from          string // the id of the other run; "" for the same one
	given         bool   // the options have the result
}

// resumed returns what a run that goes on takes from its own history: what has ended, but for failures, what was skipped since the
// run was ended early, and all that comes behind those.
func (h *History) resumed(p *Pipeline, g *graph) map[int]*known {
	out := map[int]*known{}
	again, isNew := make([]bool, len(p.Steps)), make([]bool, len(p.Steps)) // isNew: not even single instances are as before
	rest := false                                                          // something but finally runs again
	for i := range p.Steps {
		step, s := &p.Steps[i], h.Steps[p.Steps[i].Name]
		k := &known{}
		k.made, k.counted = h.attempts(step.Name)
		out[i] = k
		for _, need := range step.allNeeds() {
			at := g.places[need]
			if step.Along != "" && g.leaders[at] == g.leaders[i] { // decided place by place
				isNew[i] = isNew[i] || isNew[at]
				continue
			}
			isNew[i] = isNew[i] || again[at]
		}
		isNew[i] = isNew[i] || step.Finally && rest
		switch {
		case isNew[i] || s == nil:
			again[i] = true
		case step.hasInstances():
			k.instances = h.goodInstances(p, g, i, out)
			again[i] = !s.isGood() || len(k.instances) < len(s.Instances)
		default:
			again[i] = !s.isGood()
		}
		if isNew[i] {
			k.instances, k.counted = nil, map[int]int{}
		}
		if !again[i] {
			k.whole, k.result = true, s.result(step)
		}
		rest = rest || again[i] && !step.Finally
	}
	for i := range p.Steps { // a group goes on as a whole, place by place
		if leader := g.leaders[i]; leader >= 0 && !allWhole(out, g.groups[leader]) {
			out[i].whole = false
		}
	}
	return out
}

func allWhole(all map[int]*known, group []int) bool {
	return !slices.ContainsFunc(group, func(i int) bool { return !all[i].whole })
}

// isGood reports a step that does not run again if nothing before it does.
func (s *StepHistory) isGood() bool {
	return (s.State == Succeeded || s.State == Skipped) && !s.Stopped
}

// goodInstances are those of a step that do not run again: of a group also those whose needs of the same place do not.
func (h *History) goodInstances(p *Pipeline, g *graph, i int, so map[int]*known) map[int]*InstanceHistory {
	out := map[int]*InstanceHistory{}
	for place, in := range h.Steps[p.Steps[i].Name].Instances {
		good := (in.State == Succeeded || in.State == Skipped) && !in.Stopped
		if p.Steps[i].Along != "" {
			for _, need := range p.Steps[i].allNeeds() {
				if at := g.places[need]; g.leaders[at] == g.leaders[i] {
					_, ok := so[at].instances[place]
					good = good && ok
				}
			}
		}
		if good {
			out[place] = in
		}
	}
	return out
}

// attempts returns how many attempts were made of a step, by place, and how many of those failed and were to be tried again.
func (h *History) attempts(step string) (made, counted map[int]int) {
	made, counted = map[int]int{}, map[int]int{}
	s := h.Steps[step]
	if s == nil {
		return made, counted
	}
	for _, t := range s.Tries {
		place := max(t.Place, 0)
		made[place] = max(made[place], t.Attempt)
		if t.Error != "" {
			counted[place]++
		}
	}
	for place, in := range s.Instances { // it has ended: what comes is counted anew
		if in.State != Running {
			counted[place] = 0
		}
	}
	if s.State != Running {
		clear(counted)
	}
	return made, counted
}

// allNeeds are the needs and the gate.
func (step *Step) allNeeds() []string {
	if step.Gate == "" {
		return step.Needs
	}
	return append(slices.Clone(step.Needs), step.Gate)
}

// result is what became of a step. A fan-out that did not succeed has outputs, too: lists for those that run all the same.
func (s *StepHistory) result(step *Step) StepResult {
	r := StepResult{Name: step.Name, State: s.State, Attempts: s.Attempts, Outputs: s.Outputs.join(s.Large, step.Outputs), Error: s.Error, Log: s.Log, Instances: s.Counts,
		Started: s.Started, Ended: s.Ended}
	if step.hasInstances() && r.Outputs == nil {
		r.Outputs = Values{}
		for _, o := range step.Outputs {
			values := make([]any, len(s.Instances))
			for place, in := range s.Instances {
				if place < len(values) && in.State == Succeeded {
					values[place] = in.Outputs[o.Name]
				}
			}
			r.Outputs[o.Name] = values
		}
	}
	return r
}

// taken returns what a new run takes from an earlier one: the outputs of all steps but those that are chosen. What has not
// succeeded or been skipped there is an error, if one that is chosen needs it.
func (h *History) taken(p *Pipeline, g *graph, chosen map[int]bool) (map[int]*known, error) {
	out := map[int]*known{}
	var missing []string
	for i := range p.Steps {
		step, s := &p.Steps[i], h.Steps[p.Steps[i].Name]
		if chosen[i] {
			continue
		}
		k := &known{whole: true, from: h.Run, result: StepResult{Name: step.Name, State: Skipped, Error: notAskedFor}}
		if s != nil && s.isGood() {
			k.result = s.result(step)
			for _, o := range step.Outputs {
				if _, ok := k.result.Outputs[o.Name]; !ok && s.State == Succeeded {
					missing = append(missing, fmt.Sprintf("%q has no output %q there", step.Name, o.Name))
				}
			}
		} else if slices.ContainsFunc(g.dependents[i], func(d int) bool { return chosen[d] }) {
			missing = append(missing, fmt.Sprintf("%q has not succeeded there", step.Name))
		}
		out[i] = k
	}
	if missing != nil {
		return nil, fmt.Errorf("the run %s does not have what is needed: %s", h.Run, strings.Join(missing, "; "))
	}
	return out, nil
}

// chosen are the steps that were named, and with behind also all that come behind them. A group's name stands for its steps.
func (g *graph) chosen(p *Pipeline, names []string, behind bool) (map[int]bool, error) {
	out := map[int]bool{}
	for _, name := range names {
		found := false
		for i := range p.Steps {
			if p.Steps[i].Name == name || strings.HasPrefix(p.Steps[i].Name, name+".") {
				out[i], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no step %q", name)
		}
	}
	for i := range p.Steps {
		if leader := g.leaders[i]; leader >= 0 && out[i] { // the places of a group are made by its leader
			for _, other := range g.groups[leader] {
				out[other] = true
			}
		}
	}
	if !behind {
		return out, nil
	}
	for i := range p.Steps { // needs come first
		if out[i] {
			for _, d := range g.dependents[i] {
				out[d] = true
			}
		}
		if p.Steps[i].Finally {
			out[i] = true
		}
	}
	return out, nil
}
