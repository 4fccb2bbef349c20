// Package runtime runs a pipeline on one machine: every step is a process of its own, started as soon as the steps that it
// needs have succeeded.
//
// A program declares a [Pipeline] and hands it to [Main], which is a complete command line, or to [Run]. Everything that a
// run leaves is below .zenc/runs/<run id>: the journal, the logs and the outputs of every attempt.
//
// The package needs nothing but the standard library.
package runtime

import (
	"errors"
	"io/fs"
	"slices"
	"time"
)

// Pipeline is what is run. A run reads it and never changes it.
type Pipeline struct {
	Name         string
	Params       []ParamSpec
	Steps        []Step
	Timeout      time.Duration // of the steps, but for those of finally; 0: none
	MaxParallel  int           // steps at once; 0: four for each CPU
	Requirements []string      // lines of a requirements file, for the python steps
	Python       string        // interpreter of the python steps, unless Options names one; "": see the package's findPython
	FailFast     bool          // a failure skips what has not started
	Notes        []string      // printed once before the run: what this engine does not apply
}

// ParamSpec declares a parameter of a run. Values are what [Lit] takes.
type ParamSpec struct {
	Name        string
	Type        string
	Required    bool // a run must give a value; Default is not used
	Default     any
	Enum        []any
	Min, Max    any    // inclusive; nil: none
	Pattern     string // RE2; the whole value must match
	Description string
}

// Step is one step. At most one of Python, Script and Command says what runs; a step with none of them does nothing.
type Step struct {
	Name    string
	Python  string   // module:function
	Fresh   bool     // an interpreter of its own for each attempt, not a fork of one that is warm
	Script  string   // the text of a shell script
	Shell   []string // what runs Script: interpreter and flags; nil: bash -eo pipefail
	Command []Expr   // a process: program and arguments, each a string

	With    []Input
	Outputs []OutputSpec
	Env     []EnvVar
	Secrets []Secret

	Needs    []string   // names of the steps that must have ended
	NeedsAny [][]string // parts of Needs that count as one each: one step that succeeded will do, if none failed
	Gate     string     // a step that must have succeeded, else this one is skipped; not in Needs
	// Along is a step with a Foreach that does nothing itself: this one has an instance for each of its instances, and what an
	// instance needs and reads of the steps that go along with it too is of its own place. MaxParallel of that step bounds the
	// places at which something has not ended.
	Along string
	RunIf string // how: "" (all succeeded), not_failed, failed or done
	When  Expr   // a bool; nil: true
	// Foreach makes an instance of the step for each combination of elements; the last one varies fastest. The outputs are
	// lists then, aligned with the instances, with null for one that did not succeed.
	Foreach     []Each
	MaxParallel int  // instances at once; 0: no limit
	WhenPerItem bool // When is asked of each instance, and not once before
	Finally     bool // starts when every other step has ended
	// AllowFailure makes a failure a skip.
	AllowFailure bool
	SkipExitCode int // of Script and Command: an exit code that is a skip; 0: none

	// Cache takes the outputs from an earlier run in which code, inputs and declared outputs were the same, if they are not
	// older than CacheTTL; 0: however old.
	Cache    bool
	CacheTTL time.Duration

	Retries Retries
	Timeout time.Duration // of one attempt; 0: none
}

// hasInstances reports a step that has instances, by its own Foreach or along with another step.
func (s *Step) hasInstances() bool { return s.Foreach != nil || s.Along != "" }

// isGate reports a step that does nothing.
func (s *Step) isGate() bool { return s.Python == "" && s.Script == "" && s.Command == nil }

// Each is one variable of a fan-out: Items is a list.
type Each struct {
	Name  string
	Items Expr
}

// Input is a value that a step is given: an argument of its function, or the environment variable IN_<NAME>.
type Input struct {
	Name  string
	Type  string
	Value Expr
}

// OutputSpec declares an output: a value that the step returns or writes, or, with the type file, a file that it writes.
type OutputSpec struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// EnvVar is an environment variable of a step.
type EnvVar struct {
	Name  string
	Value Expr
}

// Retries says how often a failed step is tried again, and how long to wait before.
type Retries struct {
	Limit    int           // further attempts: 2 is at most three
	Delay    time.Duration // before the first of them
	Backoff  float64       // factor from one delay to the next; 0 is 1: constant
	MaxDelay time.Duration // 0: no limit
	// OnExitCodes are those after which there is another attempt; nil: whatever failed. A timeout has none.
	OnExitCodes []int
}

// after reports whether there may be another attempt after a failure.
func (r Retries) after(err error) bool {
	var exit *exitError
	return r.OnExitCodes == nil || errors.As(err, &exit) && slices.Contains(r.OnExitCodes, exit.code)
}

// delay returns how long to wait after so many failed attempts, at least one.
func (r Retries) delay(attempts int) time.Duration {
	d := float64(r.Delay)
	limit := float64(1<<63 - 1)
	if r.MaxDelay > 0 {
		limit = float64(r.MaxDelay)
	}
	for i := 1; i < attempts && d < limit && r.Backoff > 0 && r.Backoff != 1; i++ {
		d *= r.Backoff
	}
	if d >= limit {
		if r.MaxDelay > 0 {
			return r.MaxDelay
		}
		return 1<<63 - 1
	}
	return time.Duration(d)
}

// Code is what is shipped with the steps: each attempt gets a copy of it as its working directory.
type Code struct {
	Files      fs.FS    // nil: nothing
	Executable []string // paths in Files that are programs; an embed.FS does not keep that
}

// Last stands for the last run of a pipeline.
const Last = "last"

// Options say how to run.
type Options struct {
	Dir        string            // where .zenc/runs is made and Python is looked for; default "."
	Params     map[string]string // texts by name of the parameter
	Python     string            // interpreter of the python steps; "": the pipeline's
	StepRunner []byte            // step.py, which calls the function of a python step
	Sink       Sink              // is told of every event; nil: nobody
	Grace      time.Duration     // from SIGTERM to SIGKILL; default 5 s
	// Kill, once it is closed, ends a run that has been cancelled at once: without grace, and without what has not begun of finally.
	Kill <-chan struct{}
	Jobs int // steps at once; 0: as the pipeline says

	// Resume goes on with an earlier run of the same pipeline: its id, or Last. What has ended there does not run again, unless it
	// failed, or something before it runs again.
	Resume string
	// From and Only name steps, or groups, that a new run consists of: From with all that comes behind them. The others are as they
	// ended in the run Of: its id, or Last.
	From, Only []string
	Of         string

	// Given are results by name of the step: those steps do not run, and count as having ended so before anything starts. Of a step
	// with instances the outputs are lists, with null for an instance that has not succeeded.
	Given map[string]StepResult
	// Secrets are values by name of the variable. What is not here is looked for in the environment and in .env.
	Secrets map[string]string
}
