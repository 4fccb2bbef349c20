package runtime

import (
	"fmt"
	"maps"
	"slices"
)

// give lets a run take the results of the options' Given instead of running those steps.
func (st *start) give(p *Pipeline, g *graph, results map[string]StepResult) error {
	if st.known == nil {
		st.known = map[int]*known{}
	}
	for _, name := range slices.Sorted(maps.Keys(results)) {
		i, ok := g.places[name]
		if !ok {
			return fmt.Errorf("there is no step %q to give a result", name)
		}
		step, r := &p.Steps[i], results[name]
		switch {
		case step.isGate():
			return fmt.Errorf("%q is a group: give results to its steps", name)
		case r.State != Succeeded && r.State != Failed && r.State != Skipped:
			return fmt.Errorf("the result of %q must be succeeded, failed or skipped, not %q", name, r.State)
		}
		var err error
		if r.Outputs, err = givenOutputs(step, r); err != nil {
			return fmt.Errorf("the result of %q: %w", name, err)
		}
		r.Name = name
		// One that goes along has its instances, and so its results, when its leader has begun.
		st.known[i] = &known{given: true, whole: step.Along == "", result: r}
	}
	return nil
}

// givenOutputs are the outputs by their types. What is not given is null.
func givenOutputs(step *Step, r StepResult) (Values, error) {
	if r.State != Succeeded && !step.hasInstances() {
		return nil, nil
	}
	out, places := Values{}, -1
	for _, o := range step.Outputs {
		typ := o.Type
		if step.hasInstances() {
			typ = "list[" + o.Type + "]"
		}
		v, err := conform(normal(r.Outputs[o.Name]), typ)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", o.Name, err)
		}
		out[o.Name] = v
		if items, ok := v.([]any); ok && step.hasInstances() {
			if places >= 0 && places != len(items) {
				return nil, fmt.Errorf("output %q has %d elements and another one %d: they have one for each instance", o.Name, len(items), places)
			}
			places = len(items)
		}
	}
	for name, v := range out {
		if v == nil && step.hasInstances() {
			out[name] = make([]any, max(places, 0))
		}
	}
	return out, nil
}

// spread gives the instances at n places their results, of those that go along with a leader and have been given some.
func (s *scheduler) spread(leader, n int) error {
	for _, m := range s.graph.groups[leader] {
		k := s.known[m]
		if k == nil || !k.given {
			continue
		}
		k.instances = make(map[int]*InstanceHistory, n)
		for place := range n {
			k.instances[place] = &InstanceHistory{State: k.result.State, Error: k.result.Error}
		}
		step := &s.pipeline.Steps[m]
		if k.result.State != Succeeded || len(step.Outputs) == 0 {
			continue
		}
		if given := len(k.result.Outputs[step.Outputs[0].Name].([]any)); given != n {
			return fmt.Errorf("the given outputs of %q are lists of %d, and the number of instances is %d", step.Name, given, n)
		}
		for place, in := range k.instances {
			in.Outputs = Values{}
			isNull := true
			for _, o := range step.Outputs {
				v := k.result.Outputs[o.Name].([]any)[place]
				in.Outputs[o.Name] = v
				isNull = isNull && v == nil
			}
			if isNull { // as a fan-in has it of one that did not succeed
				in.State, in.Outputs = Skipped, nil
			}
		}
	}
	return nil
}

// givenFailure reports a step, one of finally or another, that was given a failure.
func (s *scheduler) givenFailure(finally bool) bool {
	for i, k := range s.known {
		if k.given && k.whole && k.result.State == Failed && s.pipeline.Steps[i].Finally == finally {
			return true
		}
	}
	return false
}

// running are the steps that may run, those of which nothing is taken from before.
func (st *start) running(steps []Step) []Step {
	var out []Step
	for i := range steps {
		if k := st.known[i]; k == nil || !k.whole && !k.given {
			out = append(out, steps[i])
		}
	}
	return out
}
