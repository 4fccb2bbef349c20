package runtime

import (
	"fmt"
	"time"
)

// State is where a step stands.
type State string

// The states of a step. The last four are final.
const (
	Pending        State = "pending"
	Running        State = "running"
	Succeeded      State = "succeeded"
	Failed         State = "failed"
	Skipped        State = "skipped"         // a condition was not met, its failure was allowed, or the run was ended before
	UpstreamFailed State = "upstream_failed" // a step that it needs failed, or did not run for that reason
)

// Status is how a run ended.
type Status string

// The statuses of a run.
const (
	RunSucceeded Status = "succeeded"
	RunFailed    Status = "failed"
	RunCancelled Status = "cancelled"
)

// Event is a change of state. Events are told one after the other, in the order in which they happened.
type Event struct {
	Event    string    `json:"event"` // note, run_started, step_started, step_retry, instance_ended, step_ended or run_ended
	Time     time.Time `json:"time"`
	Run      string    `json:"run,omitempty"`      // its id
	Pipeline string    `json:"pipeline,omitempty"` // run_started
	Dir      string    `json:"dir,omitempty"`      // run_started: the run's folder
	Total    int       `json:"total,omitempty"`    // run_started: number of steps; of an instance, when it starts or ends: number of instances
	Date     string    `json:"date,omitempty"`     // run_started: run.date
	Done     int       `json:"done,omitempty"`     // how many of those have ended; run_started: in an earlier part of the run, or an earlier run
	Params   Values    `json:"params,omitempty"`   // run_started
	Notes    []string  `json:"notes,omitempty"`    // note, run_started

	Step     string  `json:"step,omitempty"`
	Index    *int    `json:"index,omitempty"`    // step_started, step_retry, instance_ended: place of an instance of foreach
	Attempt  int     `json:"attempt,omitempty"`  // step_started, step_retry: counted from 1
	Inputs   Values  `json:"inputs,omitempty"`   // step_started: long ones are cut
	Delay    float64 `json:"delay,omitempty"`    // step_retry: seconds until the next attempt
	State    State   `json:"state,omitempty"`    // instance_ended, step_ended
	Attempts int     `json:"attempts,omitempty"` // instance_ended, step_ended
	Outputs  Values  `json:"outputs,omitempty"`  // instance_ended, step_ended
	// Large, in a journal, are the outputs that are too large for it: the files that have them, by name.
	Large   map[string]string `json:"large,omitempty"`
	Stopped bool              `json:"stopped,omitempty"` // instance_ended, step_ended: skipped since the run was ended early
	From    string            `json:"from,omitempty"`    // step_ended: the run that the result was taken from
	Error   string            `json:"error,omitempty"`   // step_retry, instance_ended, step_ended, run_ended
	Log     string            `json:"log,omitempty"`     // step_started, step_retry, instance_ended, step_ended: of the attempt

	Instances map[State]int `json:"instances,omitempty"` // step_ended: of a foreach, how many are in which state

	Status Status                `json:"status,omitempty"` // run_ended
	Steps  map[string]StepResult `json:"steps,omitempty"`  // run_ended
}

// The kinds of event.
const (
	eventNote          = "note" // before the run has started, and while it runs
	eventRunStarted    = "run_started"
	eventStepStarted   = "step_started"
	eventStepRetry     = "step_retry"
	eventInstanceEnded = "instance_ended"
	eventStepEnded     = "step_ended"
	eventRunEnded      = "run_ended"
)

// label names the step, or the instance of a foreach.
func (e Event) label() string {
	if e.Index == nil {
		return e.Step
	}
	return fmt.Sprintf("%s[%d]", e.Step, *e.Index)
}

// Sink is told of events. It is called by one goroutine at a time.
type Sink interface {
	Event(Event)
}

// Result is how a run ended.
type Result struct {
	Run     string // its id
	Dir     string // its folder, absolute
	Status  Status
	Error   string // why the run was ended early, or ""
	Steps   []StepResult
	Started time.Time
	Ended   time.Time
}

// StepResult is how a step ended. Times are zero if it never started.
type StepResult struct {
	Name      string        `json:"-"`
	State     State         `json:"state"`
	Attempts  int           `json:"attempts"`          // of a foreach: of the instances that were not skipped
	Outputs   Values        `json:"outputs,omitempty"` // of a file: its absolute path; a large value is one for Loaded
	Error     string        `json:"error,omitempty"`
	Log       string        `json:"log,omitempty"`       // path of the last attempt's log
	Instances map[State]int `json:"instances,omitempty"` // of a foreach: how many are in which state
	Started   time.Time     `json:"-"`
	Ended     time.Time     `json:"-"`
}
