package runtime

import (
	"container/heap"
	"errors"
	"fmt"
	"time"
)

// maxInstances bounds what a foreach may ask for.
const maxInstances = 1_000_000

// beginning is the item of a job that decides whether and with which instances a step runs.
const beginning = -1

// job is an instance of a step; a step without foreach has one.
type job struct{ step, item int }

// place is the instance's place among the items, -1 for a step without foreach.
func (j job) place(step *Step) int {
	if !step.hasInstances() {
		return -1
	}
	return j.item
}

// index is the place for an event.
func (j job) index(step *Step) *int {
	if !step.hasInstances() {
		return nil
	}
	return &j.item
}

// progress is how many instances the step of a job has, and how many of them have ended; 0 for a step without foreach.
func (s *scheduler) progress(j job) (total, done int) {
	if !s.pipeline.Steps[j.step].hasInstances() {
		return 0, 0
	}
	run := &s.steps[j.step]
	return len(run.instances), len(run.instances) - run.left
}

// instance is where an instance of a step stands.
type instance struct {
	state    State
	needs    int       // that have not ended, of a step that goes along with another one
	attempts int       // those that count
	before   int       // further ones, of an earlier part of the run
	inputs   *prepared // nil before the first attempt and after the last
	outputs  Values
	err      string
	log      string
}

func (s *scheduler) instance(j job) *instance { return &s.steps[j.step].instances[j.item] }

// scopeOf is what names stand for in an instance.
func (s *scheduler) scopeOf(j job) *scope {
	if !s.pipeline.Steps[j.step].hasInstances() {
		return s.scope
	}
	sc, source := *s.scope, j.step
	if leader := s.graph.leaders[j.step]; leader >= 0 {
		source, sc.along = leader, s.outputsAlong(leader, j.item)
	}
	foreach := s.pipeline.Steps[source].Foreach
	sc.each = make(Values, len(foreach))
	rest, lists := j.item, s.steps[source].lists
	for v := len(lists) - 1; v >= 0; v-- { // the last one varies fastest
		sc.each[foreach[v].Name] = lists[v][rest%len(lists[v])]
		rest /= len(lists[v])
	}
	return &sc
}

// begin asks the condition, reads the lists and lets the instances start.
func (s *scheduler) begin(i int) {
	step, run := &s.pipeline.Steps[i], &s.steps[i]
	holds, n, err := true, 1, error(nil)
	if !step.WhenPerItem {
		holds, err = s.holds(step, s.scope)
	}
	switch {
	case err != nil && step.Foreach == nil: // a step that goes along never begins by itself
		run.result.Attempts = 1 // an engine that evaluates within the attempt has counted it
	case err == nil && holds && step.Foreach != nil:
		if run.lists, n, err = readLists(step, s.scope); err == nil {
			err = s.spread(i, n)
		}
	}
	switch {
	case err != nil:
		run.result.Started = time.Now()
		s.end(i, s.failure(i), err)
		s.drain(i)
		return
	case !holds:
		s.end(i, Skipped, nil)
		return
	case n == 0:
		s.end(i, Skipped, errors.New("the list of foreach is empty"))
		return
	}
	s.makeInstances(i, n)
	if group := s.graph.groups[i]; group != nil {
		run.open = make([]int, n)
		for item := range run.open {
			run.open[item] = len(group)
		}
		for _, other := range group[1:] {
			s.makeInstances(other, n)
		}
	}
	open := s.restore(i)
	first := n
	if step.MaxParallel > 0 {
		first = min(n, step.MaxParallel-open)
	}
	for range first {
		s.queue(i)
	}
	s.endRestored(i)
}

// makeInstances lets a step have instances, which have not started.
func (s *scheduler) makeInstances(i, n int) {
	run := &s.steps[i]
	run.result.Started, run.result.State = time.Now(), Running
	run.instances, run.left = make([]instance, n), n
	for item := range run.instances {
		run.instances[item] = instance{state: Pending, needs: s.graph.needs[i]}
	}
}

// queue lets the next instance start.
func (s *scheduler) queue(i int) {
	run := &s.steps[i]
	for run.queued < len(run.instances) && run.instances[run.queued].state != Pending { // it is known
		run.queued++
	}
	if run.queued < len(run.instances) {
		heap.Push(&s.ready, job{i, run.queued})
		run.queued++
	}
}

func (s *scheduler) holds(step *Step, sc *scope) (bool, error) {
	if step.When == nil {
		return true, nil
	}
	holds, err := evalBool(sc, step.When)
	if err != nil {
		return false, fmt.Errorf("when: %w", err)
	}
	return holds, nil
}

// readLists evaluates the lists of a foreach, and tells how many combinations they have.
func readLists(step *Step, sc *scope) ([][]any, int, error) {
	lists, n := make([][]any, len(step.Foreach)), 1
	for v, each := range step.Foreach {
		value, err := each.Items.eval(sc)
		if err != nil {
			return nil, 0, fmt.Errorf("foreach %q: %w", each.Name, err)
		}
		items, ok := value.([]any)
		if !ok {
			return nil, 0, fmt.Errorf("foreach %q: want a list, got %s %s", each.Name, typeName(value), short(value))
		}
		lists[v] = items
		if n *= len(items); n > maxInstances {
			return nil, 0, fmt.Errorf("foreach: more than %d combinations", maxInstances)
		}
	}
	return lists, n, nil
}

// prepare evaluates what an instance is given; false if it is not to run.
func (s *scheduler) prepare(j job) bool {
	step, in, sc := &s.pipeline.Steps[j.step], s.instance(j), s.scopeOf(j)
	holds, err := true, error(nil)
	if step.WhenPerItem {
		holds, err = s.holds(step, sc)
	}
	if err == nil && !holds {
		s.endInstance(j, Skipped, nil)
		return false
	}
	in.state = Running
	if err == nil {
		in.inputs, err = prepare(step, sc)
	}
	if err != nil {
		in.attempts = 1 // an engine that evaluates within the attempt has counted it
		s.fail(j, err)
		return false
	}
	if step.isGate() {
		s.endInstance(j, Succeeded, nil)
		return false
	}
	return true
}

// failure is the state of what has failed for good.
func (s *scheduler) failure(i int) State {
	if s.pipeline.Steps[i].AllowFailure {
		return Skipped
	}
	return Failed
}

// fail ends an instance that will not be tried again.
func (s *scheduler) fail(j job, cause error) {
	if s.pipeline.Steps[j.step].AllowFailure {
		cause = fmt.Errorf("its failure is allowed: %w", cause)
	}
	s.endInstance(j, s.failure(j.step), cause)
	s.drain(j.step)
}

var errFailFast = errors.New("fail_fast: another step has failed")

// drain lets nothing start any more after a failure, if the pipeline asks for that.
func (s *scheduler) drain(i int) {
	if s.pipeline.FailFast && !s.pipeline.Steps[i].AllowFailure && !s.finally && !s.draining {
		s.skipPending(errFailFast)
	}
}

// endInstance makes the state of an instance final; the last one ends the step.
func (s *scheduler) endInstance(j job, state State, cause error) {
	step, run, in := &s.pipeline.Steps[j.step], &s.steps[j.step], s.instance(j)
	in.state, in.err, in.inputs = state, "", nil
	if cause != nil {
		in.err = cause.Error()
	}
	run.left--
	if !step.hasInstances() || state != Skipped {
		run.result.Attempts += in.attempts
	}
	if !step.hasInstances() {
		run.result.Outputs, run.result.Log = in.outputs, in.log
		s.end(j.step, state, cause)
		return
	}
	total, done := s.progress(j)
	s.emit(Event{Event: eventInstanceEnded, Step: step.Name, Index: j.index(step), Total: total, Done: done, State: state, Attempts: in.attempts,
		Stopped: s.dropping, Outputs: in.outputs, Error: in.err, Log: in.log})
	if leader := s.graph.leaders[j.step]; leader >= 0 {
		s.endAlong(leader, j)
	} else if run.left > 0 {
		s.queue(j.step)
	}
	if run.left == 0 {
		state, cause = run.together()
		s.end(j.step, state, cause)
	}
}

// together is the state of a fan-out whose instances have ended: failed if one has failed, else upstream_failed if one is, else
// succeeded if one has succeeded, else skipped.
func (run *stepRun) together() (State, error) {
	n := map[State]int{}
	first := -1
	for item := range run.instances {
		in := &run.instances[item]
		n[in.state]++
		if in.state == Failed && first < 0 {
			first = item
		}
	}
	run.result.Instances = n
	switch {
	case first >= 0:
		run.result.Log = run.instances[first].log
		return Failed, fmt.Errorf("%d of %d instances failed; the first of them, [%d]: %s", n[Failed], len(run.instances), first, run.instances[first].err)
	case n[UpstreamFailed] > 0:
		return UpstreamFailed, nil
	case n[Succeeded] > 0:
		return Succeeded, nil
	}
	return Skipped, nil
}

// fanIn returns the outputs as lists in the order of the items, with null where an instance has none.
func (run *stepRun) fanIn(step *Step) Values {
	outputs := make(Values, len(step.Outputs))
	for _, o := range step.Outputs {
		values := make([]any, len(run.instances))
		for item := range run.instances {
			if in := &run.instances[item]; in.state == Succeeded {
				values[item] = in.outputs[o.Name]
			}
		}
		outputs[o.Name] = values
	}
	return outputs
}

// jobs is a heap: the first one is the first in the source, and of its instances the first.
type jobs []job

func (h jobs) Len() int { return len(h) }
func (h jobs) Less(a, b int) bool {
	return h[a].step < h[b].step || h[a].step == h[b].step && h[a].item < h[b].item
}
func (h jobs) Swap(a, b int) { h[a], h[b] = h[b], h[a] }

// Push and Pop are for package heap.

func (h *jobs) Push(x any) { *h = append(*h, x.(job)) }

func (h *jobs) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
