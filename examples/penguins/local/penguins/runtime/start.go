package runtime

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// start is where a run begins: at its own beginning, in the middle, or with what another run has made.
type start struct {
	base   string // in which .zenc is, absolute
	graph  *graph
	plan   *Plan
	params Values
	known  map[int]*known
	date   string   // run.date
	before *History // of the same run; nil for a new one
}

// dateForm is that of run.date.
const dateForm = "2006-01-02T15:04:05Z"

// StartError says why a run does not begin: it wraps a [ParamError], a [SpecChangedError], or what else is wrong with the options.
// Nothing was started and no file was made.
type StartError struct{ err error }

func (e *StartError) Error() string { return e.err.Error() }

// Unwrap returns what it wraps.
func (e *StartError) Unwrap() error { return e.err }

// SpecChangedError says that a run cannot go on, since the pipeline is not the one that it began with.
type SpecChangedError struct {
	Run         string
	Differences []string
}

func (e *SpecChangedError) Error() string {
	return fmt.Sprintf("the run %s cannot go on, since the pipeline is not what it was:\n  %s\nstart a new run with its outputs instead: --from STEP --of %s", e.Run,
		strings.Join(e.Differences, "\n  "), e.Run)
}

// newStart orders the steps and reads what the options refer to; it makes no file.
func newStart(p *Pipeline, code Code, o Options) (*start, error) {
	graph, err := newGraph(p.Steps)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	plan, err := newPlan(p, code)
	if err != nil {
		return nil, err
	}
	st, err := findStart(p, graph, plan, base, o)
	if err != nil {
		return nil, &StartError{err}
	}
	st.base, st.graph, st.plan = base, graph, plan
	return st, nil
}

// findStart reads the parameters, and the earlier run that the options name.
func findStart(p *Pipeline, g *graph, plan *Plan, base string, o Options) (*start, error) {
	st, err := findBeginning(p, g, plan, base, o)
	if err != nil {
		return nil, err
	}
	return st, st.give(p, g, o.Given)
}

func findBeginning(p *Pipeline, g *graph, plan *Plan, base string, o Options) (*start, error) {
	if o.Resume != "" {
		return goOn(p, g, plan, base, o)
	}
	params, err := readParams(p.Params, o.Params)
	if err != nil {
		return nil, err
	}
	st := &start{params: params}
	if len(o.From)+len(o.Only) == 0 {
		return st, nil
	}
	chosen, err := g.chosen(p, o.From, true)
	if err != nil {
		return nil, err
	}
	only, err := g.chosen(p, o.Only, false)
	if err != nil {
		return nil, err
	}
	for i := range only {
		chosen[i] = true
	}
	h := &History{Run: "that there is none of", Steps: map[string]*StepHistory{}}
	if dir, err := findRun(base, p.Name, o.Of); err == nil {
		if h, err = ReadRun(dir); err != nil {
			return nil, err
		}
	} else if o.Of != "" && o.Of != Last {
		return nil, err
	}
	st.known, err = h.taken(p, g, chosen)
	return st, err
}

// goOn reads the run that goes on.
func goOn(p *Pipeline, g *graph, plan *Plan, base string, o Options) (*start, error) {
	if len(o.From)+len(o.Only) > 0 {
		return nil, errors.New("a run that goes on does so where it ended: --resume goes neither with --from nor with --only")
	}
	dir, err := findRun(base, p.Name, o.Resume)
	if err != nil {
		return nil, err
	}
	h, err := ReadRun(dir)
	if err != nil {
		return nil, err
	}
	if diffs := plan.differences(h.Plan); diffs != nil {
		return nil, &SpecChangedError{h.Run, diffs}
	}
	if h.Status == RunSucceeded {
		return nil, fmt.Errorf("the run %s has succeeded: there is nothing to go on with", h.Run)
	}
	params, err := h.sameParams(p, o.Params)
	return &start{params: params, known: h.resumed(p, g), date: h.Date, before: h}, err
}

// sameParams are those that the run began with. Others, by the command line, are refused.
func (h *History) sameParams(p *Pipeline, given map[string]string) (Values, error) {
	params := make(Values, len(p.Params))
	for _, spec := range p.Params {
		value, err := conform(h.Params[spec.Name], spec.Type)
		if err != nil {
			return nil, fmt.Errorf("the journal of %s: parameter %q: %w", h.Run, spec.Name, err)
		}
		params[spec.Name] = value
	}
	for name, text := range given {
		for _, spec := range p.Params {
			if spec.Name != name {
				continue
			}
			value, err := parseAs(text, spec.Type)
			if err != nil || !equal(value, params[name]) {
				return nil, fmt.Errorf("the run %s began with another %s: %s", h.Run, name, short(params[name]))
			}
		}
	}
	return params, nil
}

// findRun returns the folder of a run of a pipeline, by its id, or the last one.
func findRun(base, pipeline, id string) (string, error) {
	runs, err := Runs(base)
	if err != nil {
		return "", err
	}
	for _, dir := range runs {
		if id != "" && id != Last {
			if filepath.Base(dir) == id {
				return dir, nil
			}
			continue
		}
		if plan, err := readPlan(dir); err == nil && plan.Pipeline == pipeline {
			return dir, nil
		}
	}
	if id != "" && id != Last {
		return "", fmt.Errorf("there is no run %q below %s", id, filepath.Join(base, ".zenc", "runs"))
	}
	return "", fmt.Errorf("there is no run of %q below %s", pipeline, filepath.Join(base, ".zenc", "runs"))
}

// open makes the folder and the journal of a new run, or opens them.
func (st *start) open(code Code, o Options) (*store, *journal, error) {
	if h := st.before; h != nil {
		store := openStore(h.Run, h.Dir)
		j, err := continueJournal(h, o.Sink)
		if err == nil {
			err = store.reopen()
		}
		return store, j, err
	}
	created := time.Now().UTC()
	st.date = created.Format(dateForm)
	store, err := newStore(st.base, created)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make the run's folder: %w", err)
	}
	st.plan.Given, st.plan.Date = st.params, st.date
	if err := errors.Join(store.fill(code), st.plan.write(store.dir)); err != nil {
		return nil, nil, fmt.Errorf("cannot fill the run's folder: %w", err)
	}
	j, err := newJournal(store.dir, o.Sink)
	return store, j, err
}
