package runtime

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// maxServers bounds the environments that have a fork server of their own, with the modules of their steps. The steps of
	// others are forked from one that has none: modules may read the environment when they are imported.
	maxServers = 4
	// maxStarts is how often a fork server may die before it is ready; the last one imports no modules.
	maxStarts = 2
)

// interpreters run the python steps of a run.
type interpreters struct {
	python   string // interpreter
	programs string // the folder of the Python programs
	note     func(string)

	warm map[string]*warmServer // by environment
	bare *warmServer            // nil: there is no fork server
}

// newInterpreters plans the fork servers of a pipeline; sc has the parameters and facts of the run. Those of an environment that
// no step turns out to have are never started.
func newInterpreters(p *Pipeline, st *store, python, programs string, sc *scope, secrets map[string]string, note func(string)) *interpreters {
	in := &interpreters{python: python, programs: programs, note: onceEach(note), warm: map[string]*warmServer{}}
	if programs == "" || !canFork {
		return in
	}
	in.bare = &warmServer{of: in, store: st, name: "bare"}
	var order []*warmServer
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Python == "" || step.Fresh {
			continue
		}
		inputs := &prepared{}
		for _, variable := range step.Env {
			text, err := evalText(variable.Value, sc)
			if err != nil { // it depends on more than the parameters
				continue
			}
			inputs.env = append(inputs.env, variable.Name+"="+text)
		}
		env := stepEnv(step, inputs, secrets)
		w := in.warm[strings.Join(env, "\x00")]
		if w == nil {
			w = &warmServer{of: in, store: st, name: strconv.Itoa(len(order)), env: env}
			in.warm[strings.Join(env, "\x00")] = w
			order = append(order, w)
		}
		module, _, _ := strings.Cut(step.Python, ":")
		if w.steps++; !slices.Contains(w.preload, module) {
			w.preload = append(w.preload, module)
		}
	}
	slices.SortStableFunc(order, func(a, b *warmServer) int { return b.steps - a.steps })
	for _, w := range order[min(len(order), maxServers):] {
		delete(in.warm, strings.Join(w.env, "\x00"))
	}
	return in
}

// stepEnv is what a step's process is given beside the environment of the run: NAME=value.
func stepEnv(step *Step, inputs *prepared, secrets map[string]string) []string {
	env := slices.Clone(inputs.env)
	for _, secret := range step.Secrets {
		env = append(env, secret.Name+"="+secrets[secret.Name])
	}
	return env
}

// readAtStart reports an environment that an interpreter, or the loader of programs, reads only when it starts.
func readAtStart(env []string) bool {
	return slices.ContainsFunc(env, func(variable string) bool {
		for _, prefix := range []string{"LD_", "PYTHON", "LC_", "LANG", "MALLOC_", "GLIBC_"} {
			if strings.HasPrefix(variable, prefix) {
				return true
			}
		}
		return false
	})
}

// start begins what can take a while: the server of the steps that have no environment of their own.
func (in *interpreters) start() {
	if w := in.warm[""]; w != nil {
		go w.get()
	}
}

// close ends all servers.
func (in *interpreters) close() {
	for _, w := range in.warm {
		w.close()
	}
	if in.bare != nil {
		in.bare.close()
	}
}

// forkRequest is what a fork server is asked for.
type forkRequest struct {
	ID   int               `json:"id"`
	Cwd  string            `json:"cwd"`
	Env  map[string]string `json:"env"`  // beside what the server itself has
	Work json.RawMessage   `json:"work"` // what step.py is told
}

// maxRequest is the size of a request that surely fits into one message.
const maxRequest = 64 << 10

// run starts the interpreter of an attempt in its working directory: a fork of a warm one, or a fresh one where that cannot be.
func (in *interpreters) run(a *attempt, work []byte, dir string, log *os.File, fresh bool) (process, error) {
	env := stepEnv(a.step, a.inputs, a.secrets)
	if !fresh && !a.step.Fresh && len(work) < maxRequest && in.bare != nil && !readAtStart(env) {
		w := in.warm[strings.Join(env, "\x00")]
		r := forkRequest{Cwd: dir, Env: map[string]string{}, Work: work}
		if w == nil {
			w = in.bare
			for _, variable := range env {
				name, value, _ := strings.Cut(variable, "=")
				r.Env[name] = value
			}
		}
		if server := w.get(); server != nil {
			if p, err := server.fork(r, log); err == nil {
				return p, nil
			}
		}
	}
	path := a.dir + ".json"
	if err := os.WriteFile(path, work, 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(in.python, in.program(runnerFile, path)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(append(os.Environ(), attemptVariable+"="+a.dir), env...)
	return startProcess(cmd, &a.store.guard)
}

// warmServer is the fork server of an environment. It is started when it is needed, and anew when it has died.
type warmServer struct {
	of      *interpreters
	store   *store
	name    string
	env     []string
	preload []string // modules
	steps   int      // that have its environment

	mu     sync.Mutex
	server *forkServer
	starts int // in a row of which none was ready
	closed bool
}

// get returns a server that is not known to have died; nil if none can be started.
func (w *warmServer) get() *forkServer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil && !w.server.isOver() {
		return w.server
	}
	if w.server != nil && w.server.wasReady() {
		w.starts = 0
	}
	w.server = nil
	for w.starts < maxStarts && !w.closed {
		w.starts++
		if server, err := w.start(); err == nil {
			w.server = server
			return server
		}
	}
	if !w.closed {
		w.of.note("python steps start an interpreter each: the fork server ended before it was ready, twice")
	}
	return nil
}

func (w *warmServer) start() (*forkServer, error) {
	folder := w.store.interpreter(w.name)
	preload := w.preload
	if w.starts == maxStarts { // one of them may have been the reason
		preload = nil
	}
	config, err := json.Marshal(map[string]any{"code": w.store.code(), "folder": folder, "preload": append([]string{}, preload...)})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "config.json")
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(path, config, 0o644)); err != nil {
		return nil, err
	}
	cmd := exec.Command(w.of.python, w.of.program(forkServerFile, path)...)
	cmd.Env = append(append(os.Environ(), attemptVariable+"="+folder), w.env...)
	return startForkServer(cmd, folder, w.of.note)
}

func (w *warmServer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.server != nil {
		w.server.close()
	}
}

// onceEach passes each text on once.
func onceEach(note func(string)) func(string) {
	var mu sync.Mutex
	said := map[string]bool{}
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if !said[text] {
			said[text] = true
			note(text)
		}
	}
}
