package runtime

// Preview is what a run would do, as far as that can be told before it.
type Preview struct {
	Pipeline string        `json:"pipeline"`
	Resumed  string        `json:"resumed,omitempty"` // the id of the run that would go on
	Params   Values        `json:"params"`
	Notes    []string      `json:"notes,omitempty"`
	Steps    []StepPreview `json:"steps"` // in the order of the pipeline
}

// Outlook is what a run would do with a step.
type Outlook string

// The outlooks. A step that will run does so if all that come before it succeed.
const (
	WillRun    Outlook = "runs"
	MayRun     Outlook = "may_run"      // a condition decides whose value is not known, or whether something fails
	WillNotRun Outlook = "does_not_run" // State is what becomes of it
	Taken      Outlook = "taken"        // State is how it ended in an earlier run, or an earlier part of this one
)

// StepPreview is what a run would do with a step.
type StepPreview struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`           // python, run, command or gate
	What    string   `json:"what,omitempty"` // the function or the script
	Needs   []string `json:"needs,omitempty"`
	RunIf   string   `json:"run_if,omitempty"`
	Finally bool     `json:"finally,omitempty"`

	Outlook Outlook `json:"outlook"`
	State   State   `json:"state,omitempty"`  // of one that does not run, or is taken
	Reason  string  `json:"reason,omitempty"` // for the outlook
	From    string  `json:"from,omitempty"`   // the id of the run that the result is taken from

	When    *Shown  `json:"when,omitempty"`
	Foreach []Shown `json:"foreach,omitempty"`
	// Count is how many instances a step has, if that is known, and Instances are the first of them.
	Count     *int              `json:"count,omitempty"`
	Instances []InstancePreview `json:"instances,omitempty"`
	Done      int               `json:"done,omitempty"` // instances that have ended in an earlier part of the run
	Arguments
	Secrets []Secret `json:"secrets,omitempty"`
}

// Arguments are what a step, or an instance, is given.
type Arguments struct {
	With    []Shown `json:"with,omitempty"`
	Env     []Shown `json:"env,omitempty"`
	Command []Shown `json:"command,omitempty"` // program and arguments
}

// InstancePreview is an instance of a fan-out.
type InstancePreview struct {
	Each Values `json:"each"`
	When *Shown `json:"when,omitempty"`
	Arguments
}

// Shown is a value by its name: the Value if it is known, else the Expression that gives it, or the Error of one that has no value.
type Shown struct {
	Name       string   `json:"name,omitempty"`
	Value      *Literal `json:"value,omitempty"`
	Expression string   `json:"expression,omitempty"`
	Error      string   `json:"error,omitempty"`
}
