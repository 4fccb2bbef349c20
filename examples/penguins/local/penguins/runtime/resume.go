package runtime

import (
	"container/heap"
)

// adopt ends the steps that are known, before anything starts.
func (s *scheduler) adopt() {
	for i := range s.steps { // needs come first
		k := s.known[i]
		if k == nil || !k.whole {
			continue
		}
		run, step := &s.steps[i], &s.pipeline.Steps[i]
		run.result = k.result
		if step.hasInstances() || k.result.State == Succeeded {
			s.scope.outputs[step.Name] = k.result.Outputs
		}
		if k.from != "" || k.given {
			r := k.result
			s.emit(Event{Event: eventStepEnded, Step: r.Name, State: r.State, Attempts: r.Attempts, Outputs: r.Outputs, Error: r.Error, Log: r.Log,
				Instances: r.Instances, From: k.from})
		}
	}
	s.failed = s.givenFailure(false)
	for i := range s.steps { // a step that is not known may be decided at once, and must see all of them
		if s.isKnown(i) {
			s.release(i)
		}
	}
	if s.failed && s.pipeline.FailFast {
		s.skipPending(errFailFast)
	}
	for i := range s.steps {
		if s.graph.needs[i] == 0 && !s.pipeline.Steps[i].Finally && !s.isKnown(i) {
			heap.Push(&s.ready, job{i, beginning})
		}
	}
}

func (s *scheduler) isKnown(i int) bool {
	k := s.known[i]
	return k != nil && k.whole
}

// continueAttempts lets an instance count on from the attempts that were made before.
func (s *scheduler) continueAttempts(j job) {
	if k := s.known[j.step]; k != nil {
		in := s.instance(j)
		in.attempts = k.counted[j.item]
		in.before = k.made[j.item] - in.attempts
	}
}

// restore ends the instances that are known of a step that has begun, and of those that go along with it. It returns at how many
// places of those something still runs.
func (s *scheduler) restore(i int) int {
	group := s.graph.groups[i]
	if group == nil {
		group = []int{i}
	}
	var restored []job
	for _, m := range group {
		run := &s.steps[m]
		for item := range run.instances {
			s.continueAttempts(job{m, item})
			k := s.known[m]
			if k == nil || k.instances[item] == nil {
				continue
			}
			before, in := k.instances[item], &run.instances[item]
			*in = instance{state: before.State, attempts: before.Attempts, outputs: before.Outputs, err: before.Error, log: before.Log}
			restored = append(restored, job{m, item})
			run.left--
			if in.state != Skipped {
				run.result.Attempts += in.attempts
			}
		}
	}
	if len(group) == 1 {
		return 0
	}
	open := 0
	s.restoring = true
	defer func() { s.restoring = false }()
	for _, j := range restored { // that may end others, which are released by that
		s.releaseAlong(i, j)
	}
	for item := range s.steps[i].open {
		if n := s.steps[i].open[item]; n > 0 && s.steps[i].instances[item].state != Pending {
			open++
		}
	}
	return open
}

// endRestored ends those of a step that has begun, and of the steps that go along with it, of which every instance is known.
func (s *scheduler) endRestored(i int) {
	group := s.graph.groups[i]
	if group == nil {
		group = []int{i}
	}
	for _, m := range group {
		if run := &s.steps[m]; run.left == 0 && run.result.State == Running {
			state, cause := run.together()
			s.end(m, state, cause)
		}
	}
}
