package runtime

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"time"
)

// errCancelled is the cause that ends the attempts of a cancelled run.
var errCancelled = errors.New("cancelled")

// scheduler runs the steps of one run. One goroutine, that of run, owns everything in it; attempts and timers report to it
// through messages. The work for one message does not depend on the number of steps.
type scheduler struct {
	pipeline *Pipeline
	graph    *graph
	store    *store
	options  Options
	python   *interpreters
	scope    *scope
	secrets  map[string]string // all of the run's, by name
	cache    *cache            // nil if no step has one
	known    map[int]*known    // what is taken from before, by step
	date     string            // run.date
	journal  *journal

	held      []func() // what waits until the journal is on the disk
	syncing   bool     // the journal is being put there
	steps     []stepRun
	ready     jobs // what may start, in source order
	slots     int  // how many more may run
	busy      int  // attempts that run and retries that wait
	messages  chan message
	stopped   error // why nothing starts any more, or nil
	reason    error // the first stopped: why the run was ended early, or nil
	failed    bool  // a step has failed
	draining  bool  // a failure lets nothing start any more that has not
	dropping  bool  // what has not started is being skipped
	restoring bool  // what is known of instances is being put in its place
	finally   bool  // all steps but those of finally have ended
	killed    bool  // the run is to end at once
}

// stepRun is where a step stands.
type stepRun struct {
	result StepResult
	needs  int // that have not ended

	lists     [][]any    // of foreach
	instances []instance // one for a step without foreach
	left      int        // instances that have not ended
	queued    int        // instances that have been let start
	open      []int      // by place, of a step that others go along with: those at it that have not ended
}

// message is the end of an attempt, or of the wait before the next one.
type message struct {
	job
	waited  bool
	outputs Values
	err     error
	synced  *batch // the journal is on the disk up to here; no attempt has ended
}

// batch is what has ended when the journal was synced.
type batch struct {
	held   []func() // lets go on what has waited for it
	events int      // of which others have not been told
	err    error
}

func newScheduler(p *Pipeline, g *graph, st *store, o Options, python *interpreters, sc *scope) *scheduler {
	s := &scheduler{pipeline: p, graph: g, store: st, options: o, python: python, scope: sc,
		slots: p.MaxParallel, messages: make(chan message), steps: make([]stepRun, len(p.Steps))}
	if o.Jobs > 0 {
		s.slots = o.Jobs
	}
	if s.slots <= 0 {
		s.slots = 4 * goruntime.NumCPU()
	}
	for i := range s.steps {
		s.steps[i] = stepRun{needs: g.needs[i], result: StepResult{Name: p.Steps[i].Name, State: Pending}}
	}
	return s
}

// run returns when every attempt has ended.
func (s *scheduler) run(parent context.Context) *Result {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent)) // so that every attempt ends with a reason of ours
	defer cancel(nil)
	started := time.Now()
	var timeout <-chan time.Time
	if s.pipeline.Timeout > 0 {
		timer := time.NewTimer(s.pipeline.Timeout)
		defer timer.Stop()
		timeout = timer.C
	}
	done := 0
	for i := range s.steps {
		if s.isKnown(i) {
			done++
		}
	}
	s.emit(Event{Event: eventRunStarted, Pipeline: s.pipeline.Name, Dir: s.store.dir, Total: len(s.steps), Done: done,
		Date: s.date, Params: s.scope.params, Notes: s.pipeline.Notes})
	s.adopt()
	ended, kill := parent.Done(), s.options.Kill
	for {
		if ended != nil && parent.Err() != nil {
			ended = nil
			s.stop(errCancelled, cancel)
		}
		s.startReady(ctx)
		s.settle()
		if s.busy == 0 {
			if s.finally || s.killed {
				break
			}
			ctx, cancel = context.WithCancelCause(context.WithoutCancel(parent))
			defer cancel(nil)
			timeout = nil
			s.startFinally()
			continue
		}
		select {
		case m := <-s.messages:
			s.receive(ctx, m)
			s.receiveWaiting(ctx)
		case <-ended:
		case <-kill:
			kill, s.killed = nil, true
			s.stop(errCancelled, cancel)
			cancel(errCancelled)
		case <-timeout:
			s.stop(fmt.Errorf("the pipeline's timeout of %v is over", s.pipeline.Timeout), cancel)
		}
	}
	return s.finish(started)
}

// stop lets nothing start any more and ends what runs. Only the first reason counts.
func (s *scheduler) stop(reason error, cancel context.CancelCauseFunc) {
	if s.stopped == nil {
		s.stopped = reason
		if s.reason == nil {
			s.reason = reason
		}
		cancel(reason)
	}
}

// startFinally ends what never started and lets the steps of finally start.
func (s *scheduler) startFinally() {
	s.endRest(s.stopped)
	s.finally, s.stopped, s.draining = true, nil, false
	s.scope.run["status"] = string(RunSucceeded)
	if s.failed || s.reason != nil {
		s.scope.run["status"] = string(RunFailed)
	}
	s.failed = s.failed || s.givenFailure(true)
	for i := range s.steps {
		if s.pipeline.Steps[i].Finally && s.steps[i].needs == 0 && !s.isKnown(i) {
			s.decide(i)
		}
	}
}

// endRest ends what will not run, or not again, when nothing runs any more.
func (s *scheduler) endRest(reason error) {
	s.skipPending(reason)
	for i := range s.steps {
		for item, in := range s.steps[i].instances {
			if in.state == Running { // it waited for a slot to be tried again
				s.fail(job{i, item}, errors.New(in.err))
			}
		}
	}
}

// skipPending skips what has not started of the steps, or of those of finally once the steps have ended.
func (s *scheduler) skipPending(reason error) {
	s.draining, s.dropping = true, true
	defer func() { s.dropping = false }()
	for i := range s.steps {
		run := &s.steps[i]
		if s.pipeline.Steps[i].Finally != s.finally {
			continue
		}
		if run.result.State == Pending {
			s.end(i, Skipped, reason)
			continue
		}
		for item, in := range run.instances {
			if in.state == Pending {
				s.endInstance(job{i, item}, Skipped, reason)
			}
		}
	}
}

// startReady starts what may, in source order, as long as there are slots.
func (s *scheduler) startReady(ctx context.Context) {
	for s.stopped == nil && s.slots > 0 && len(s.ready) > 0 {
		j := heap.Pop(&s.ready).(job)
		switch run := &s.steps[j.step]; {
		case j.item == beginning:
			if run.result.State == Pending {
				s.begin(j.step)
			}
		case run.result.State != Running: // it has been ended since
		case run.instances[j.item].state == Running || run.instances[j.item].state == Pending && s.prepare(j):
			s.startAttempt(ctx, j)
		}
	}
}

func (s *scheduler) startAttempt(ctx context.Context, j job) {
	step, in := &s.pipeline.Steps[j.step], s.instance(j)
	in.attempts++
	a := &attempt{step: step, inputs: in.inputs, dir: s.store.attempt(step.Name, j.place(step), in.attempts+in.before),
		store: s.store, interpreters: s.python, grace: s.options.Grace, atOnce: s.options.Kill, secrets: s.secretsOf(step)}
	// Here, where nobody else writes what the expressions read. That they have values was found out before the first attempt.
	a.argv, _ = commandArgv(step, s.scopeOf(j), a.dir)
	if step.Cache {
		a.cache = s.cache
		a.portableArgv, _ = commandArgv(step, s.scopeOf(j), "")
	}
	in.log = a.log()
	s.slots--
	s.busy++
	total, done := s.progress(j)
	s.emit(Event{Event: eventStepStarted, Step: step.Name, Index: j.index(step), Total: total, Done: done, Attempt: in.attempts + in.before,
		Inputs: in.inputs.brief(), Log: a.log()})
	go func() {
		outputs, err := a.run(ctx)
		s.messages <- message{job: j, outputs: outputs, err: err}
	}()
}

// secretsOf returns the secrets of a step, by name.
func (s *scheduler) secretsOf(step *Step) map[string]string {
	out := make(map[string]string, len(step.Secrets))
	for _, secret := range step.Secrets {
		out[secret.Name] = s.secrets[secret.Name]
	}
	return out
}

// receiveWaiting receives what has been sent by now, so that it goes to the disk together.
func (s *scheduler) receiveWaiting(ctx context.Context) {
	for {
		select {
		case m := <-s.messages:
			s.receive(ctx, m)
		default:
			return
		}
	}
}

// hold calls f once what has ended by now is on the disk: a power cut must not lose a step of which another one has the outputs. What
// is independent of it does not wait.
func (s *scheduler) hold(f func()) { s.held = append(s.held, f) }

// settle has what has ended put on the disk, all that has by then at once, and tells of it.
func (s *scheduler) settle() {
	switch {
	case s.syncing:
	case !s.journal.ended:
		s.journal.tell(len(s.journal.untold))
	default:
		b := &batch{held: s.held, events: len(s.journal.untold)}
		s.held, s.journal.ended, s.syncing = nil, false, true
		s.busy++
		go func() {
			b.err = s.journal.file.Sync()
			s.messages <- message{synced: b}
		}()
	}
}

// settled lets go on what has waited for the disk.
func (s *scheduler) settled(b *batch) {
	s.syncing = false
	if s.journal.err == nil {
		s.journal.err = b.err
	}
	s.journal.tell(b.events)
	for _, f := range b.held {
		if s.stopped == nil && !s.draining {
			f()
		}
	}
}

func (s *scheduler) receive(ctx context.Context, m message) {
	s.busy--
	if m.synced != nil {
		s.settled(m.synced)
		return
	}
	in := s.instance(m.job)
	if m.waited {
		if s.stopped != nil {
			s.fail(m.job, errors.New(in.err))
			return
		}
		heap.Push(&s.ready, m.job)
		return
	}
	s.slots++
	step := &s.pipeline.Steps[m.step]
	switch {
	case m.err == nil:
		in.outputs = m.outputs
		s.endInstance(m.job, Succeeded, nil)
	case errors.Is(m.err, errSkipped):
		s.endInstance(m.job, Skipped, fmt.Errorf("exit code %d, which is its skip_exit_code", step.SkipExitCode))
	case in.attempts <= step.Retries.Limit && step.Retries.after(m.err) && s.stopped == nil:
		s.retry(ctx, m.job, m.err)
	default:
		s.fail(m.job, m.err)
	}
}

// retry waits, without a slot, and reports when the next attempt may start.
func (s *scheduler) retry(ctx context.Context, j job, cause error) {
	step, in := &s.pipeline.Steps[j.step], s.instance(j)
	delay := step.Retries.delay(in.attempts)
	in.err = cause.Error()
	s.emit(Event{Event: eventStepRetry, Step: step.Name, Index: j.index(step), Attempt: in.attempts + in.before, Delay: delay.Seconds(),
		Error: in.err, Log: in.log})
	s.busy++
	go func() {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		s.messages <- message{job: j, waited: true}
	}()
}

// end makes a state final and tells those that wait for the step.
func (s *scheduler) end(i int, state State, cause error) {
	run := &s.steps[i]
	run.result.State, run.result.Error, run.result.Ended = state, "", time.Now()
	if cause != nil {
		run.result.Error = cause.Error()
	}
	step := &s.pipeline.Steps[i]
	if step.hasInstances() {
		outputs := run.fanIn(step)
		s.scope.outputs[step.Name] = outputs
		if state == Succeeded {
			run.result.Outputs = outputs
		}
	}
	switch state {
	case Failed:
		s.failed = true
	case Succeeded:
		s.scope.outputs[step.Name] = run.result.Outputs
	}
	s.forget(i)
	r := run.result
	s.emit(Event{Event: eventStepEnded, Step: r.Name, State: state, Attempts: r.Attempts, Outputs: r.Outputs,
		Stopped: s.dropping, Error: r.Error, Log: r.Log, Instances: r.Instances})
	s.hold(func() { s.release(i) })
}

// release counts an ended step off from those that need it.
func (s *scheduler) release(i int) {
	for _, d := range s.graph.dependents[i] {
		next := &s.steps[d]
		if next.result.State != Pending { // its instances have been released, one by one
			continue
		}
		next.needs--
		if next.needs == 0 && s.pipeline.Steps[d].Finally == s.finally {
			s.decide(d)
		}
	}
}

// decide lets a step start whose needs have ended, or ends it for the way in which they did.
func (s *scheduler) decide(i int) {
	if state := s.pipeline.Steps[i].after(s.stateOf); state != Pending {
		s.end(i, state, nil)
		return
	}
	heap.Push(&s.ready, job{i, beginning})
}

func (s *scheduler) stateOf(name string) State { return s.steps[s.graph.places[name]].result.State }

// finish ends what never started and returns the result.
func (s *scheduler) finish(started time.Time) *Result {
	s.endRest(s.stopped)
	if !s.finally { // it was ended at once
		s.finally = true
		s.skipPending(s.reason)
	}
	result := &Result{Run: s.store.id, Dir: s.store.dir, Status: RunSucceeded, Started: started, Ended: time.Now()}
	switch {
	case errors.Is(s.reason, errCancelled):
		result.Status = RunCancelled
	case s.reason != nil || s.failed:
		result.Status = RunFailed
	}
	if s.reason != nil {
		result.Error = s.reason.Error()
	}
	steps := make(map[string]StepResult, len(s.steps))
	for i := range s.steps {
		result.Steps = append(result.Steps, s.steps[i].result)
		steps[s.steps[i].result.Name] = s.steps[i].result
	}
	s.emit(Event{Event: eventRunEnded, Status: result.Status, Error: result.Error, Steps: steps})
	s.journal.flush()
	return result
}

func (s *scheduler) emit(e Event) {
	e.Time, e.Run = time.Now().UTC(), s.store.id
	s.journal.Event(e)
}
