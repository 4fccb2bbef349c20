// Package ir is the intermediate form of a pipeline: what is left once names are resolved, defaults filled in, durations
// parsed and expressions typed. Backends, `zenc run` and custom flavors read it; nobody writes to it after lowering.
//
// Everything here is plain data in source order or in a stated order. There are no maps (a test holds this), no YAML nodes
// and no engine's words. It marshals to the versioned JSON that custom flavors read.
package ir

import "slices"

// Version is the version of the JSON form. It changes when a field is renamed, removed or given another meaning;
// a new optional field does not change it.
const Version = 1

// Pipeline is one compiled pipeline.
type Pipeline struct {
	Version     int       `json:"version"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Owner       string    `json:"owner,omitempty"`
	Labels      []Label   `json:"labels,omitempty"`
	Schedule    *Schedule `json:"schedule,omitempty"`
	Params      []*Param  `json:"params,omitempty"`

	Timeout       int64 `json:"timeout,omitempty"`         // seconds; 0: none
	MaxParallel   int   `json:"max_parallel,omitempty"`    // steps at once; 0: no limit
	MaxActiveRuns int   `json:"max_active_runs,omitempty"` // runs at once; 0: no limit
	FailFast      bool  `json:"fail_fast,omitempty"`       // a failure stops what has not started

	// Defaults are what the spec's defaults say; the steps have it already. An engine that has defaults of its own may
	// write it once.
	Defaults Defaults `json:"defaults,omitzero"`

	// Steps are in a stable topological order; ties go by source order. Those of finally are last.
	Steps []*Step `json:"steps"`
	// Groups are those of the steps, outer ones before inner ones.
	Groups []Group `json:"groups,omitempty"`

	Code         []CodeFile `json:"code,omitempty"`         // what is shipped with the steps, sorted by path
	Requirements []string   `json:"requirements,omitempty"` // lines of a requirements file, without comments
	Options      []Options  `json:"options,omitempty"`      // one block a flavor

	Pos Positions `json:"pos,omitzero"`
}

// Defaults are values that most steps share.
type Defaults struct {
	Retries Retries `json:"retries,omitzero"`
	Timeout int64   `json:"timeout,omitempty"` // seconds
	Image   string  `json:"image,omitempty"`
}

// Positions of the pipeline's keys that an engine may have to refuse.
type Positions struct {
	Name          Pos `json:"name,omitzero"`
	Timeout       Pos `json:"timeout,omitzero"`
	MaxParallel   Pos `json:"max_parallel,omitzero"`
	MaxActiveRuns Pos `json:"max_active_runs,omitzero"`
	FailFast      Pos `json:"fail_fast,omitzero"`
	Requirements  Pos `json:"requirements,omitzero"`
}

// Label is one entry of the pipeline's labels.
type Label struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Pos   Pos    `json:"pos,omitzero"`
}

// Schedule says when runs start by themselves. Exactly one of Cron and Every is set.
type Schedule struct {
	Cron     string `json:"cron,omitempty"`  // five fields or a name such as @daily
	Every    int64  `json:"every,omitempty"` // seconds
	Timezone string `json:"timezone"`        // IANA name; UTC unless given
	Start    string `json:"start,omitempty"` // RFC 3339
	End      string `json:"end,omitempty"`   // RFC 3339
	Catchup  bool   `json:"catchup,omitempty"`
	Overlap  string `json:"overlap"` // allow, skip or replace

	Pos        Pos `json:"pos,omitzero"`
	EveryPos   Pos `json:"every_pos,omitzero"`
	StartPos   Pos `json:"start_pos,omitzero"`
	EndPos     Pos `json:"end_pos,omitzero"`
	CatchupPos Pos `json:"catchup_pos,omitzero"`
	OverlapPos Pos `json:"overlap_pos,omitzero"`
}

// Param is one parameter of a run.
type Param struct {
	Name        string  `json:"name"`
	Type        Type    `json:"type"`
	Default     *Value  `json:"default,omitempty"` // nil: a run must give one
	Enum        []Value `json:"enum,omitempty"`
	Min         *Value  `json:"min,omitempty"` // int and float only, inclusive
	Max         *Value  `json:"max,omitempty"`
	Pattern     string  `json:"pattern,omitempty"` // RE2; the whole value must match
	Description string  `json:"description,omitempty"`
	Pos         Pos     `json:"pos,omitzero"`
}

// Group is a name for steps that belong together. What it means for their order is in the steps already.
type Group struct {
	Name        string `json:"name"`             // with those of the groups around it: outer.inner
	Parent      string `json:"parent,omitempty"` // the group around it
	Description string `json:"description,omitempty"`
	Pos         Pos    `json:"pos,omitzero"`
}

// Kind says what a step runs.
type Kind string

// The kinds of step.
const (
	Python  Kind = "python"
	Run     Kind = "run"
	Command Kind = "command"
	// Operator is one of Airflow's own operators, which no other engine has.
	Operator Kind = "operator"
	// Gate does nothing: whether it runs is whether the steps of its group may.
	Gate Kind = "gate"
)

// Step is one step.
type Step struct {
	Name        string `json:"name"` // with those of the groups around it: group.step
	Description string `json:"description,omitempty"`
	Kind        Kind   `json:"kind"`

	Module   string   `json:"module,omitempty"`   // python: dotted module
	Function string   `json:"function,omitempty"` // python: its function
	Operator string   `json:"operator,omitempty"` // operator: dotted class
	Script   string   `json:"script,omitempty"`   // run: the text
	Shell    []string `json:"shell,omitempty"`    // run: interpreter and flags; the script's path follows them
	Command  []*Expr  `json:"command,omitempty"`  // command: one expression per argument, each of type string

	Inputs  []Input  `json:"inputs,omitempty"`
	Outputs []Output `json:"outputs,omitempty"`
	Env     []EnvVar `json:"env,omitempty"` // each of type string
	Secrets []Secret `json:"secrets,omitempty"`

	Group string   `json:"group,omitempty"` // the name of the group that it is in
	Needs []string `json:"needs,omitempty"` // names of steps, in the order of Pipeline.Steps
	// NeedsAny are parts of Needs of which each counts as one need, which has succeeded if none of it failed and one at least
	// succeeded. Those are groups.
	NeedsAny [][]string `json:"needs_any,omitempty"`
	// Gate is a step that must have succeeded for this one to run, whatever RunIf says; else it is skipped. It is not in Needs.
	Gate  string `json:"gate,omitempty"`
	RunIf RunIf  `json:"run_if,omitempty"`
	// When is a bool; nil: always. With a foreach it is asked of each instance if it mentions each, and else once before.
	When *Expr `json:"when,omitempty"`
	// Foreach makes an instance of the step for each combination of elements; the last one varies fastest.
	Foreach     []Each `json:"foreach,omitempty"`
	MaxParallel int    `json:"max_parallel,omitempty"` // instances at once; 0: no limit
	// Along is the gate of a group with a foreach that the step is in: the step has an instance for each instance of that gate.
	// The steps that it needs go along with the same gate, or are it; of each, an instance needs and reads the one that has its
	// own place. MaxParallel of such a gate bounds the instances of the group: those in which a step has not ended.
	Along string `json:"along,omitempty"`
	// Finally says that the step starts when every other step has ended, however. It needs only steps of its kind.
	Finally      bool `json:"finally,omitempty"`
	AllowFailure bool `json:"allow_failure,omitempty"`  // a failure counts as a skip
	SkipExitCode int  `json:"skip_exit_code,omitempty"` // of run and command: an exit code that is a skip; 0: none

	Cache   Cache   `json:"cache,omitzero"`
	Retries Retries `json:"retries,omitzero"`
	Timeout int64   `json:"timeout,omitempty"` // seconds per attempt; 0: none

	Image     string    `json:"image,omitempty"`
	Resources Resources `json:"resources,omitzero"`
	Options   []Options `json:"options,omitempty"`

	Pos             Pos `json:"pos,omitzero"`      // of the name
	Body            Pos `json:"body_pos,omitzero"` // of the value of python, run or command
	AllowFailurePos Pos `json:"allow_failure_pos,omitzero"`
	ForeachPos      Pos `json:"foreach_pos,omitzero"`
	MaxParallelPos  Pos `json:"max_parallel_pos,omitzero"`
}

// Each is one variable of a foreach.
type Each struct {
	Name  string `json:"name"`
	Type  Type   `json:"type"`  // of an element
	Items *Expr  `json:"items"` // a list or a json that has to be one
	Pos   Pos    `json:"pos,omitzero"`
}

// IsTogether reports a need that counts as one with others.
func (s *Step) IsTogether(need string) bool {
	return slices.ContainsFunc(s.NeedsAny, func(set []string) bool { return slices.Contains(set, need) })
}

// MaySkipItself reports whether the step may turn out to be skipped once it has started.
func (s *Step) MaySkipItself() bool { return s.AllowFailure || s.SkipExitCode > 0 }

// WhenPerItem reports whether the condition is asked of each instance of a foreach.
func (s *Step) WhenPerItem() bool {
	return len(s.Foreach) > 0 && s.When.Mentions(EachRef) || s.Along != "" && s.When != nil
}

// HasInstances reports whether the step has instances, by a foreach of its own or along with a gate.
func (s *Step) HasInstances() bool { return len(s.Foreach) > 0 || s.Along != "" }

// IsAlong reports whether an instance of the step sees the one of the other step that has its place.
func (s *Step) IsAlong(other *Step) bool {
	return s.Along != "" && (s.Along == other.Along || s.Along == other.Name)
}

// RunIf says how the steps that a step needs must have ended for it to run. All of them have ended when it is asked.
type RunIf string

// The conditions on needed steps. A step that did not run since one of its own needs failed counts as failed.
const (
	IfSucceeded RunIf = ""           // all succeeded
	IfNotFailed RunIf = "not_failed" // none failed
	IfFailed    RunIf = "failed"     // at least one failed
	IfDone      RunIf = "done"       // however they ended
)

// Input is a value that a step is given.
type Input struct {
	Name  string `json:"name"`
	Type  Type   `json:"type"`
	Value *Expr  `json:"value"`
	Pos   Pos    `json:"pos,omitzero"`
}

// Output is a value or an artifact that a step declares.
type Output struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Pos  Pos    `json:"pos,omitzero"`
}

// EnvVar is an environment variable of a step.
type EnvVar struct {
	Name  string `json:"name"`
	Value *Expr  `json:"value"`
	Pos   Pos    `json:"pos,omitzero"`
}

// Secret is an environment variable of a step whose value an engine's secret store has.
type Secret struct {
	Name  string `json:"name"`           // of the variable
	Conn  bool   `json:"conn,omitempty"` // Store is an Airflow connection, Key one of its fields
	Store string `json:"store"`
	Key   string `json:"key"`
	Pos   Pos    `json:"pos,omitzero"`
}

// Ref is the secret as it is written in a spec.
func (s Secret) Ref() string {
	if s.Conn {
		return "conn:" + s.Store + "/" + s.Key
	}
	return s.Store + "/" + s.Key
}

// Retries says how often a failed step is tried again and how long to wait before.
type Retries struct {
	Limit    int     `json:"limit,omitempty"`     // further attempts: 2 is at most three
	Delay    int64   `json:"delay,omitempty"`     // seconds before the first of them
	Backoff  float64 `json:"backoff,omitempty"`   // factor from one delay to the next; 1: constant
	MaxDelay int64   `json:"max_delay,omitempty"` // seconds; 0: no limit
	// OnExitCodes are those after which there is another attempt, sorted; nil: whatever failed.
	OnExitCodes []int `json:"on_exit_codes,omitempty"`
	Pos         Pos   `json:"pos,omitzero"`
}

// Cache says whether the outputs may be those of an earlier run with the same code, inputs and declared outputs.
type Cache struct {
	On  bool  `json:"on"`
	TTL int64 `json:"ttl,omitempty"` // seconds; 0: however old
	Pos Pos   `json:"pos,omitzero"`
}

// Resources are Kubernetes quantities.
type Resources struct {
	CPU     string `json:"cpu,omitempty"`
	Memory  string `json:"memory,omitempty"`
	GPU     int    `json:"gpu,omitempty"`
	GPUType string `json:"gpu_type,omitempty"`
	Disk    string `json:"disk,omitempty"`
	Pos     Pos    `json:"pos,omitzero"`
}

// CodeFile is a file that is shipped with the steps.
type CodeFile struct {
	Path       string `json:"path"` // slash-separated, relative to the working directory of a step
	Executable bool   `json:"executable,omitempty"`
	Text       string `json:"text,omitempty"`   // the content, if it is valid UTF-8
	Binary     []byte `json:"binary,omitempty"` // the content, if it is not
}

// Content returns the file's bytes.
func (f CodeFile) Content() []byte {
	if f.Binary != nil {
		return f.Binary
	}
	return []byte(f.Text)
}

// Options are the fields that one flavor is asked to put on its own object.
type Options struct {
	Flavor string  `json:"flavor"`
	Fields []Field `json:"fields"`
	Pos    Pos     `json:"pos,omitzero"`
}

// For returns the fields meant for a flavor, or nil.
func For(all []Options, flavor string) []Field {
	for _, o := range all {
		if o.Flavor == flavor {
			return o.Fields
		}
	}
	return nil
}

// ValueOutputs returns the outputs that are values, and no artifacts.
func (s *Step) ValueOutputs() []Output {
	return s.outputs(func(t Type) bool { return !t.IsArtifact() })
}

// Artifacts returns the outputs that are files, folders and objects.
func (s *Step) Artifacts() []Output { return s.outputs(Type.IsArtifact) }

// ReturnedOutputs returns the outputs that a Python function returns: values and objects.
func (s *Step) ReturnedOutputs() []Output {
	return s.outputs(func(t Type) bool { return !t.IsArtifact() || t == Object })
}

// WrittenOutputs returns the outputs that a Python function writes to a path that it is given: files and folders.
func (s *Step) WrittenOutputs() []Output {
	return s.outputs(func(t Type) bool { return t == File || t == Dir })
}

func (s *Step) outputs(want func(Type) bool) []Output {
	var out []Output
	for _, o := range s.Outputs {
		if want(o.Type) {
			out = append(out, o)
		}
	}
	return out
}
