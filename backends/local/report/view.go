package report

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// view is what the page shows.
type view struct {
	Style    template.CSS // ours
	States   []runtime.State
	Pipeline string
	Run      string
	Status   runtime.Status
	Error    string
	Started  string
	Ended    string
	Duration string
	Resumed  int // how often
	Counts   []stateCount
	Params   []field
	Notes    []string
	Failures []*step
	Graph    *graph
	Timeline *timeline
	Steps    []*step
}

type stateCount struct {
	State runtime.State
	Text  string
	Count int
}

// field is a parameter, an input or an output.
type field struct{ Name, Value string }

// step is a section of the page.
type step struct {
	Name      string
	Kind      string
	What      string
	Needs     []*step
	MoreNeeds int // that are left out
	State     runtime.State
	StateText string
	Duration  string
	Instances string // of a foreach: how many are in which state
	Error     string
	From      string // the run that its result was taken from
	Outputs   []field
	Attempts  []attempt
	Hidden    int // further attempts
	Open      bool

	history *runtime.StepHistory // nil for one that has not begun
	ready   time.Time            // when all that it needs had ended
}

// Href is a link to the section, within the page.
func (s *step) Href() string { return "#step-" + s.Name }

// Long is where the step stands, in words.
func (s *step) Long() string {
	switch {
	case s.Instances != "":
		return s.StateText + ", " + s.Instances
	case s.Duration != "":
		return s.StateText + " " + s.Duration
	}
	return s.StateText
}

// Tries is how many attempts there were.
func (s *step) Tries() int { return len(s.Attempts) + s.Hidden }

// attempt is one try of a step.
type attempt struct {
	Title    string
	State    runtime.State
	Text     string // of the state
	Started  string // since the start of the run
	Duration string
	Error    string
	Inputs   []field
	Outputs  []field // of an instance
	Log      string
	Left     string // how much of the log is left out
	NoLog    string // why there is none
	Open     bool
}

func newView(h *runtime.History) *view {
	v := &view{
		Style: template.CSS(style), States: allStates, Pipeline: clean(h.Plan.Pipeline), Run: clean(h.Run), Status: h.Standing(), Error: clean(h.Error),
		Started: clockTime(h.Started), Duration: took(h.LastTime().Sub(h.Started)), Resumed: max(0, len(h.Parts)-1), Params: fields(h.Params, limits{value: mostValue, rows: mostRows}),
	}
	if !h.Ended.IsZero() {
		v.Ended = clockTime(h.Ended)
	}
	for _, note := range h.Notes {
		v.Notes = append(v.Notes, clean(note))
	}
	v.Steps = newSteps(h)
	counts := map[runtime.State]int{}
	for _, s := range v.Steps {
		counts[s.State]++
		if s.State == runtime.Failed {
			v.Failures = append(v.Failures, s)
		}
	}
	for _, state := range allStates {
		if counts[state] > 0 {
			v.Counts = append(v.Counts, stateCount{state, stateText(state), counts[state]})
		}
	}
	v.Graph = newGraph(h.Plan, v.Steps)
	v.Timeline = newTimeline(h, v.Steps)
	return v
}

// allStates are those that a step can have, in the order in which they are told.
var allStates = []runtime.State{runtime.Succeeded, runtime.Running, runtime.Failed, runtime.Killed, runtime.Skipped, runtime.UpstreamFailed, runtime.Pending}

func stateText(s runtime.State) string { return strings.ReplaceAll(string(s), "_", " ") }

func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func newSteps(h *runtime.History) []*step {
	steps, byName := make([]*step, len(h.Plan.Steps)), map[string]*step{}
	limits := newLimits(h)
	for i, p := range h.Plan.Steps {
		s := &step{Name: clean(p.Name), Kind: clean(p.Kind), What: beginning(p.What, limits.value), State: h.StateOf(p.Name), history: h.Steps[p.Name], ready: h.Started}
		s.StateText = stateText(s.State)
		for _, need := range p.Needs {
			if from := byName[need]; from != nil {
				s.Needs = append(s.Needs, from)
				if from.history != nil && from.history.Ended.After(s.ready) {
					s.ready = from.history.Ended
				}
			}
		}
		if more := len(s.Needs) - limits.rows; more > 0 {
			s.Needs, s.MoreNeeds = s.Needs[:limits.rows], more
		}
		s.fill(h, p.Name, limits)
		steps[i], byName[p.Name] = s, s
	}
	return steps
}

// fill adds what became of the step.
func (s *step) fill(h *runtime.History, name string, limits limits) {
	past := s.history
	if past == nil {
		return
	}
	s.Error, s.From = beginning(past.Error, limits.value), clean(past.From)
	s.Outputs = fields(past.Outputs, limits)
	s.Open = s.State == runtime.Failed
	if len(past.Tries) > 0 {
		ended := past.Ended
		if ended.IsZero() {
			ended = h.LastTime()
		}
		s.Duration = took(ended.Sub(past.Tries[0].Started))
	}
	counts := past.Counts
	if counts == nil && past.Instances != nil {
		counts = map[runtime.State]int{}
		for _, in := range past.Instances {
			counts[in.State]++
		}
	}
	s.Instances = strings.ReplaceAll(runtime.StateCounts(counts), "_", " ")
	shown := limits.choose(h, past.Tries)
	s.Hidden = len(past.Tries) - len(shown)
	for _, t := range shown {
		s.Attempts = append(s.Attempts, newAttempt(h, name, t, limits))
	}
}

func newAttempt(h *runtime.History, name string, t *runtime.Try, limits limits) attempt {
	state := h.StateOfTry(t)
	a := attempt{Title: fmt.Sprintf("Attempt %d", t.Attempt), State: state, Text: stateText(state), Started: took(t.Started.Sub(h.Started)),
		Error: beginning(t.Error, limits.value), Inputs: fields(t.Inputs, limits), Open: t.Place < 0 || state == runtime.Failed}
	if t.Place >= 0 {
		a.Title = fmt.Sprintf("Instance [%d], attempt %d", t.Place, t.Attempt)
		if in := h.Steps[name].Instances[t.Place]; in != nil && state == runtime.Succeeded {
			a.Outputs = fields(in.Outputs, limits)
		}
	}
	if !t.Ended.IsZero() {
		a.Duration = took(t.Ended.Sub(t.Started))
	}
	text, left, err := ending(h.LogOf(name, t), limits.logOf(state))
	switch {
	case err != nil:
		a.NoLog = "There is no log."
	case text == "":
		a.NoLog = "The log is empty."
	default:
		a.Log = text
	}
	if left > 0 {
		a.Left = bytes(left)
	}
	return a
}

func fields(values runtime.Values, limits limits) []field {
	var out []field
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(out) == limits.rows {
			return append(out, field{"…", fmt.Sprintf("%d more", len(values)-len(out))})
		}
		out = append(out, field{clean(name), beginning(runtime.ValueText(values[name]), limits.value)})
	}
	return out
}
