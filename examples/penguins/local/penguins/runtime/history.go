package runtime

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// History is what a run has left in its folder: what became of it, or how far it has come.
type History struct {
	Run     string // its id
	Dir     string // its folder
	Plan    *Plan
	Params  Values
	Date    string // run.date
	Started time.Time
	Ended   time.Time // zero for a run that has not ended, or was killed
	Status  Status    // "" for such a one
	Error   string
	Notes   []string
	Steps   map[string]*StepHistory // of those that have begun, by name

	good int64 // how much of the journal is whole lines, in bytes
}

// StepHistory is what became of a step.
type StepHistory struct {
	State     State // Running if it had not ended
	Outputs   Values
	Error     string
	Log       string
	Attempts  int
	Started   time.Time
	Ended     time.Time
	Stopped   bool                     // it was skipped since the run was ended early
	From      string                   // the id of the run that the result was taken from
	Counts    map[State]int            // of a foreach
	Instances map[int]*InstanceHistory // of a foreach: by place
	Tries     []*Try                   // in the order in which they started
}

// InstanceHistory is what became of an instance, or with the place 0 of a step without foreach.
type InstanceHistory struct {
	State    State
	Outputs  Values
	Error    string
	Log      string
	Attempts int
	Stopped  bool
}

// Try is an attempt.
type Try struct {
	Place   int // of the instance, -1 for a step without foreach
	Attempt int
	Started time.Time
	Ended   time.Time // zero for one that was under way
	Error   string
	Log     string
	Inputs  Values
}

// ReadRun reads the folder of a run. A torn last line of the journal, as a power cut leaves one, is fine.
func ReadRun(dir string) (*History, error) {
	plan, err := readPlan(dir)
	if err != nil {
		return nil, fmt.Errorf("no run in %s: %w", dir, err)
	}
	file, err := os.Open(filepath.Join(dir, journalFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	h := &History{Run: filepath.Base(dir), Dir: dir, Plan: plan, Steps: map[string]*StepHistory{}}
	reader := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return h, nil // what is left has no end: it is torn
		}
		if err != nil {
			return nil, err
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			if _, err := reader.Peek(1); errors.Is(err, io.EOF) {
				return h, nil
			}
			return nil, fmt.Errorf("%s: line %d is damaged: %w", file.Name(), n, err)
		}
		h.apply(&e)
		h.good += int64(len(line))
	}
}

// Runs returns the folders of the runs below dir/.zenc, the last one first.
func Runs(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, ".zenc", "runs"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range slices.Backward(entries) { // an id begins with the time
		if e.IsDir() {
			out = append(out, filepath.Join(dir, ".zenc", "runs", e.Name()))
		}
	}
	return out, nil
}

func (h *History) step(name string) *StepHistory {
	s := h.Steps[name]
	if s == nil {
		s = &StepHistory{State: Running}
		h.Steps[name] = s
	}
	return s
}

// apply takes an event in. The last that is told of something counts: a run that was resumed tells of some things again.
func (h *History) apply(e *Event) {
	switch e.Event {
	case eventRunStarted:
		if h.Started.IsZero() {
			h.Started, h.Params, h.Date, h.Notes = e.Time, e.Params, e.Date, e.Notes
		}
		h.Ended, h.Status, h.Error = time.Time{}, "", ""
	case eventStepStarted:
		s := h.step(e.Step)
		if s.State != Running {
			s.State, s.Ended, s.Stopped = Running, time.Time{}, false
		}
		if s.Started.IsZero() {
			s.Started = e.Time
		}
		if e.Index != nil {
			delete(s.Instances, *e.Index)
		}
		s.Tries = append(s.Tries, &Try{Place: e.place(), Attempt: e.Attempt, Started: e.Time, Log: e.Log, Inputs: e.Inputs})
	case eventStepRetry:
		h.step(e.Step).ended(e)
	case eventInstanceEnded:
		s := h.step(e.Step)
		if s.Instances == nil {
			s.Instances = map[int]*InstanceHistory{}
		}
		s.Instances[e.place()] = &InstanceHistory{State: e.State, Outputs: e.Outputs, Error: e.Error, Log: e.Log, Attempts: e.Attempts, Stopped: e.Stopped}
		s.ended(e)
	case eventStepEnded:
		s := h.step(e.Step)
		s.State, s.Outputs, s.Error, s.Log, s.Attempts, s.Ended = e.State, e.Outputs, e.Error, e.Log, e.Attempts, e.Time
		s.Counts, s.Stopped, s.From = e.Instances, e.Stopped, e.From
		s.ended(e)
	case eventRunEnded:
		h.Ended, h.Status, h.Error = e.Time, e.Status, e.Error
	}
}

// ended notes the end of the last attempt at a place.
func (s *StepHistory) ended(e *Event) {
	for _, t := range slices.Backward(s.Tries) {
		if t.Place == e.place() {
			if t.Ended.IsZero() {
				t.Ended, t.Error = e.Time, e.Error
			}
			return
		}
	}
}

// place is that of an instance, -1 for a step without foreach.
func (e *Event) place() int {
	if e.Index == nil {
		return -1
	}
	return *e.Index
}
