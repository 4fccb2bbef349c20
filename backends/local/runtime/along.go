package runtime

import "container/heap"

// Steps go along with another one, their leader, that has a foreach and does nothing itself: a group of steps for each element.
// Once the leader has begun, each of them has an instance for each of its instances, which starts when those of its place that
// it needs have ended.

// after is what becomes of a step, or of an instance, when what it needs has ended as stateOf tells: Pending if it may run.
// Needs that count as one were skipped if all of them were.
func (step *Step) after(stateOf func(name string) State) State {
	failed, skipped := false, false
	together := map[string]bool{}
	for _, set := range step.NeedsAny {
		ran := false
		for _, name := range set {
			together[name] = true
			ran = ran || stateOf(name) == Succeeded
		}
		skipped = skipped || !ran
	}
	for _, name := range step.Needs {
		state := stateOf(name)
		failed = failed || state == Failed || state == UpstreamFailed
		skipped = skipped || state == Skipped && !together[name]
	}
	if step.Gate != "" && stateOf(step.Gate) != Succeeded {
		if step.Along != "" && failed { // there are no instances to be skipped
			return UpstreamFailed
		}
		return Skipped
	}
	switch {
	case failed && (step.RunIf == "" || step.RunIf == "not_failed"):
		return UpstreamFailed
	case skipped && step.RunIf == "", !failed && step.RunIf == "failed":
		return Skipped
	}
	return Pending
}

// endAlong lets instances start that needed one that has ended, and the leader's next once all at that place have.
func (s *scheduler) endAlong(leader int, j job) {
	s.hold(func() {
		if s.steps[leader].instances != nil { // else all of them have ended
			s.releaseAlong(leader, j)
		}
	})
}

// releaseAlong is endAlong, also for an instance that is known.
func (s *scheduler) releaseAlong(leader int, j job) {
	run := &s.steps[leader]
	if run.open[j.item]--; run.open[j.item] == 0 && !s.restoring {
		s.queue(leader)
	}
	for _, d := range s.graph.dependents[j.step] {
		if s.graph.leaders[d] != leader {
			continue
		}
		next := job{d, j.item}
		if in := s.instance(next); in.state == Pending {
			if in.needs--; in.needs == 0 {
				s.decideInstance(next)
			}
		}
	}
}

// decideInstance is decide for an instance.
func (s *scheduler) decideInstance(j job) {
	state := s.pipeline.Steps[j.step].after(func(name string) State { return s.steps[s.graph.places[name]].instances[j.item].state })
	if state != Pending {
		s.endInstance(j, state, nil)
		return
	}
	heap.Push(&s.ready, j)
}

// outputsAlong are the outputs at one place of the steps that go along with a leader: nil for one that has not succeeded.
func (s *scheduler) outputsAlong(leader, item int) map[string]Values {
	out := map[string]Values{}
	for _, i := range s.graph.groups[leader] {
		if in := &s.steps[i].instances[item]; in.state == Succeeded {
			out[s.pipeline.Steps[i].Name] = in.outputs
		} else {
			out[s.pipeline.Steps[i].Name] = nil
		}
	}
	return out
}

// forget drops the instances of a step that has ended, once nothing reads them any more.
func (s *scheduler) forget(i int) {
	group := []int{i}
	if leader := s.graph.leaders[i]; leader >= 0 {
		group = s.graph.groups[leader]
	}
	for _, other := range group {
		if state := s.steps[other].result.State; state == Pending || state == Running {
			return
		}
	}
	for _, other := range group {
		s.steps[other].instances, s.steps[other].lists = nil, nil
	}
}
