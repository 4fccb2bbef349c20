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
	"sync"
	"time"
)

// defaultGrace is the time from SIGTERM to SIGKILL.
const defaultGrace = 5 * time.Second

// Run runs a pipeline to its end. A run that failed or was cancelled is a result and no error; an error says that the run
// could not be made, and is a *StartError if that is because of the parameters, or of the earlier run that the options name.
// When ctx ends, the run is cancelled: what runs is ended, and nothing new starts.
func Run(ctx context.Context, p *Pipeline, code Code, o Options) (*Result, error) {
	start, err := newStart(p, code, o)
	if err != nil {
		return nil, err
	}
	base := start.base
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
	python, programs := "", ""
	if usesPython(p) {
		making := func() {
			o.Sink.Event(Event{Event: eventNote, Time: time.Now().UTC(), Notes: []string{"installing the requirements"}})
		}
		if o.Python == "" {
			o.Python = p.Python
		}
		if python, err = findPython(ctx, base, o.Python, p.Requirements, making); err != nil {
			return nil, err
		}
		if programs, err = writePrograms(base, o.StepRunner); err != nil {
			return nil, fmt.Errorf("cannot write the programs that run python steps: %w", err)
		}
	}
	o.Sink = &sharedSink{sink: o.Sink}
	store, journal, err := start.open(code, o)
	if err != nil {
		return nil, err
	}
	sc := &scope{
		params:  start.params,
		run:     Values{"id": store.id, "date": start.date, "interval.start": nil, "interval.end": nil},
		outputs: map[string]Values{},
	}
	in := newInterpreters(p, store, python, programs, sc, secrets, func(text string) {
		o.Sink.Event(Event{Event: eventNote, Time: time.Now().UTC(), Run: store.id, Notes: []string{text}})
	})
	defer store.guard.close()
	defer in.close()
	in.start()
	s := newScheduler(p, start.graph, store, o, in, sc)
	s.secrets, s.known, s.date = secrets, start.known, start.date
	if slices.ContainsFunc(p.Steps, func(step Step) bool { return step.Cache }) {
		if s.cache, err = newCache(store); err != nil {
			return nil, fmt.Errorf("cannot read the run's folder: %w", err)
		}
	}
	s.journal = journal
	result := s.run(ctx)
	in.close()
	killStrays(store.dir)
	return result, errors.Join(journal.close(), os.RemoveAll(store.trees.dir))
}

func usesPython(p *Pipeline) bool {
	for i := range p.Steps {
		if p.Steps[i].Python != "" {
			return true
		}
	}
	return false
}

// sharedSink passes on what several goroutines tell, one at a time, until the run has ended.
type sharedSink struct {
	mu   sync.Mutex
	sink Sink
	over bool
}

// Event passes the event on.
func (s *sharedSink) Event(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.sink.Event(e)
	}
	s.over = e.Event == eventRunEnded
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
	id    string // sorts by time
	dir   string // absolute
	trees *workTrees
	guard guard

	mu      sync.Mutex
	scripts map[string]string // paths, by the text
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
		return openStore(id, dir), err
	}
}

func openStore(id, dir string) *store {
	trees := &workTrees{dir: filepath.Join(dir, "work"), source: filepath.Join(dir, "code")}
	return &store{id: id, dir: dir, trees: trees, scripts: map[string]string{}}
}

// reopen makes the folder of a run that was ended in any way ready to go on: nothing of it runs any more, and no working directory
// is left.
func (s *store) reopen() error {
	killStrays(s.dir)
	return errors.Join(os.RemoveAll(s.trees.dir), os.Mkdir(s.trees.dir, 0o755))
}

func (s *store) code() string { return filepath.Join(s.dir, "code") }

// interpreter is the folder of a fork server.
func (s *store) interpreter(name string) string { return filepath.Join(s.dir, "interpreters", name) }

// script returns the path of the text of a step's script, called as the first step is that has it.
func (s *store) script(step *Step) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, ok := s.scripts[step.Script]
	if ok {
		return path, nil
	}
	path = filepath.Join(s.dir, "scripts", step.Name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(step.Script), 0o644)); err != nil {
		return "", err
	}
	s.scripts[step.Script] = path
	return path, nil
}

// attempt is the folder of the outputs of an attempt. item is the place of an instance, -1 for a step without foreach.
func (s *store) attempt(step string, item, n int) string {
	dir := filepath.Join(s.dir, "steps", step)
	if item >= 0 {
		dir = filepath.Join(dir, strconv.Itoa(item))
	}
	return filepath.Join(dir, fmt.Sprintf("attempt-%d", n))
}

// fill writes the shipped code.
func (s *store) fill(code Code) error {
	return errors.Join(writeTree(s.code(), code), os.Mkdir(s.trees.dir, 0o755))
}
