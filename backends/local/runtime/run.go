package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// defaultGrace is the time from SIGTERM to SIGKILL.
const defaultGrace = 5 * time.Second

// Run runs a pipeline to its end. A run that failed or was cancelled is a result and no error; an error says that the run
// could not be made, and is a *StartError if that is because of the parameters, or of the earlier run that the options name. When ctx ends, the run is cancelled: what
// runs is ended, and nothing new starts.
func Run(ctx context.Context, p *Pipeline, code Code, o Options) (*Result, error) {
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
	start, err := findStart(p, graph, plan, base, o)
	if err != nil {
		return nil, &StartError{err}
	}
	secrets, err := readSecrets(start.running(p.Steps), base, o.Secrets)
	if err != nil {
		return nil, err
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Sink == nil {
		o.Sink = silent{}
	}
	if err := makeRoot(base); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the runs: %w", err)
	}
	python := ""
	if usesPython(p) {
		making := func() {
			o.Sink.Event(Event{Event: eventNote, Time: time.Now().UTC(), Notes: []string{"installing the requirements"}})
		}
		if python, err = findPython(ctx, base, o.Python, p.Requirements, making); err != nil {
			return nil, err
		}
	}
	store, journal, err := start.open(base, plan, code, o.StepRunner)
	if err != nil {
		return nil, err
	}
	s := newScheduler(p, graph, store, o, python, &scope{
		params:  start.params,
		run:     Values{"id": store.id, "date": start.date, "interval.start": nil, "interval.end": nil},
		outputs: map[string]Values{},
	})
	s.secrets, s.known, s.date = secrets, start.known, start.date
	if slices.ContainsFunc(p.Steps, func(step Step) bool { return step.Cache }) {
		if s.cache, err = newCache(store); err != nil {
			return nil, fmt.Errorf("cannot read the run's folder: %w", err)
		}
	}
	s.sinks = []Sink{journal, o.Sink}
	result := s.run(ctx)
	return result, journal.close()
}

func usesPython(p *Pipeline) bool {
	for i := range p.Steps {
		if p.Steps[i].Python != "" {
			return true
		}
	}
	return false
}

// silent is the sink of a run that nobody watches.
type silent struct{}

func (silent) Event(Event) {}

// makeRoot makes .zenc below base, which version control is to leave alone.
func makeRoot(base string) error {
	root := filepath.Join(base, ".zenc")
	if err := os.MkdirAll(filepath.Join(root, "runs"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, ".gitignore"), []byte("*\n"), 0o644)
}

// store is the folder of a run.
type store struct {
	id  string // sorts by time
	dir string // absolute
}

// newStore makes .zenc/runs/<id> below base.
func newStore(base string, created time.Time) (*store, error) {
	runs := filepath.Join(base, ".zenc", "runs")
	for {
		var tail [1]byte
		if _, err := rand.Read(tail[:]); err != nil {
			return nil, err
		}
		id := created.Format("20060102-150405-") + fmt.Sprintf("%03d", created.Nanosecond()/1e6) + hex.EncodeToString(tail[:])
		dir := filepath.Join(runs, id)
		err := os.Mkdir(dir, 0o755)
		if errors.Is(err, os.ErrExist) {
			continue // another run of this millisecond
		}
		return &store{id: id, dir: dir}, err
	}
}

func (s *store) code() string   { return filepath.Join(s.dir, "code") }
func (s *store) runner() string { return filepath.Join(s.dir, "step.py") }

// attempt is the folder of an attempt. item is the place of an instance, -1 for a step without foreach.
func (s *store) attempt(step string, item, n int) string {
	dir := filepath.Join(s.dir, "steps", step)
	if item >= 0 {
		dir = filepath.Join(dir, strconv.Itoa(item))
	}
	return filepath.Join(dir, fmt.Sprintf("attempt-%d", n))
}

// fill writes the shipped code and the step runner.
func (s *store) fill(code Code, runner []byte) error {
	if err := writeTree(s.code(), code); err != nil {
		return err
	}
	return os.WriteFile(s.runner(), runner, 0o644)
}
