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
	Parts   []Part                  // from a start to the end, or to the last that is known: more than one of a run that was resumed
	Running bool                    // somebody worked on it when it was read

	good int64 // how much of the journal is whole lines, in bytes
}

// Part is a part of a run that was made in one go.
type Part struct{ Started, Ended time.Time }

// StepHistory is what became of a step.
type StepHistory struct {
	State     State // Running if it had not ended
	Outputs   Values
	Large     map[string]string // outputs that are in files, by name
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

	open map[int]*Try // those that have not ended, by place
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
	State   State     // Running for such a one; Failed also for one that is tried again
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
	h := &History{Run: filepath.Base(dir), Dir: dir, Plan: plan, Params: plan.Given, Date: plan.Date, Steps: map[string]*StepHistory{}}
	if err := h.Update(); err != nil {
		return nil, err
	}
	return h, nil
}

// Update reads what has been told since the run was read.
func (h *History) Update() error {
	h.Running = IsRunning(h.Dir) // first: what ends while this reads has not been killed
	file, err := os.Open(filepath.Join(h.Dir, journalFile))
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(h.good, io.SeekStart); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(file, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what is left has no end: it is torn, or being written
		}
		if err != nil {
			return err
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			if _, err := reader.Peek(1); errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("%s: the line at byte %d is damaged: %w", file.Name(), h.good, err)
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
		h.Parts = append(h.Parts, Part{Started: e.Time})
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
		t := &Try{Place: e.place(), Attempt: e.Attempt, Started: e.Time, State: Running, Log: e.Log, Inputs: e.Inputs}
		s.Tries = append(s.Tries, t)
		if s.open == nil {
			s.open = map[int]*Try{}
		}
		s.open[t.Place] = t
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
		s.Counts, s.Stopped, s.From, s.Large = e.Instances, e.Stopped, e.From, e.Large
		s.ended(e)
	case eventRunEnded:
		h.Ended, h.Status, h.Error = e.Time, e.Status, e.Error
	}
	if n := len(h.Parts); n > 0 {
		h.Parts[n-1].Ended = e.Time
	}
}

// ended notes the end of the last attempt at a place.
func (s *StepHistory) ended(e *Event) {
	if t := s.open[e.place()]; t != nil {
		t.Ended, t.Error, t.State = e.Time, e.Error, e.State
		if e.Event == eventStepRetry {
			t.State = Failed
		}
		delete(s.open, t.Place)
	}
}

// place is that of an instance, -1 for a step without foreach.
func (e *Event) place() int {
	if e.Index == nil {
		return -1
	}
	return *e.Index
}
