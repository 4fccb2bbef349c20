package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// attempt is one try to run a step.
type attempt struct {
	step         *Step
	inputs       *prepared
	argv         []string // of a command, and the same with no folder before the outputs
	portableArgv []string
	dir          string // the folder of the outputs, absolute; the log lies beside it
	store        *store
	interpreters *interpreters
	grace        time.Duration
	atOnce       <-chan struct{} // closed: no grace any more
	cache        *cache          // nil: the step has none
	// secrets are those of the step, by name.
	secrets map[string]string
}

// errSkipped is what a step ends with that skips itself.
var errSkipped = errors.New("the step skipped itself")

// exitError is a process that failed.
type exitError struct {
	code int
	error
}

func (a *attempt) log() string { return logBeside(a.dir) }

// logBeside is the log of an attempt that has its outputs in a folder.
func logBeside(dir string) string { return dir + ".log" }

// run runs the step in a fresh working directory and returns its outputs.
func (a *attempt) run(ctx context.Context) (Values, error) {
	if err := a.makeDirs(); err != nil {
		return nil, err
	}
	key := ""
	if a.cache != nil {
		var err error
		if key, err = a.cache.key(a.step, a.inputs, a.portableArgv); err != nil {
			return nil, fmt.Errorf("cache: %w", err)
		}
		if a.cache.load(key, a.step, a.dir) {
			if outputs, err := readOutputs(a.step, a.dir); err == nil {
				return outputs, os.WriteFile(a.log(), []byte("zenc: the outputs are from the cache\n"), 0o644)
			}
		}
	}
	outputs, err := a.inWorkTree(ctx)
	if err == nil && a.cache != nil {
		if err := a.cache.save(key, a.step, a.dir); err != nil { // the step itself has succeeded
			return outputs, appendLine(a.log(), "zenc: the outputs are not in the cache: "+err.Error())
		}
	}
	return outputs, err
}

// appendLine adds a line to a log.
func appendLine(log, line string) error {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, line)
	return errors.Join(err, file.Close())
}

// inWorkTree runs the step's process in a copy of the shipped tree.
func (a *attempt) inWorkTree(ctx context.Context) (Values, error) {
	tree, err := a.store.trees.take()
	if err != nil {
		return nil, err
	}
	defer a.store.trees.give(tree, time.Now())
	return a.start(ctx, tree.path)
}

// start runs the step's process in its working directory.
func (a *attempt) start(ctx context.Context, work string) (Values, error) {
	log, err := os.OpenFile(a.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if len(a.secrets) > 0 {
		masking, err := newMaskingLog(log, hidden(a.secrets))
		if err != nil {
			return nil, err
		}
		outputs, err := a.process(ctx, work, masking.pipe)
		return outputs, errors.Join(err, masking.close())
	}
	return a.process(ctx, work, log)
}

// makeDirs makes the folder of the step, and that of the outputs, if there are any, with those of them that are folders.
func (a *attempt) makeDirs() error {
	dirs := []string{filepath.Dir(a.dir)}
	if len(a.step.Outputs) > 0 {
		dirs = append(dirs, a.dir)
	}
	for _, o := range a.step.Outputs {
		if o.Type == "dir" {
			dirs = append(dirs, filepath.Join(a.dir, o.Name))
		}
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// process runs the step's process and reads its outputs. The log is a file or a pipe, and no other writer, so that its end is
// not waited for: what the step leaves behind may hold it.
func (a *attempt) process(ctx context.Context, work string, log *os.File) (Values, error) {
	if a.step.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.step.Timeout, fmt.Errorf("timeout: ran longer than %v", a.step.Timeout))
		defer cancel()
	}
	code, err := a.runToEnd(ctx, work, log)
	if ctx.Err() != nil { // what has left the group that was ended
		killStrays(a.dir)
	}
	switch {
	case err != nil:
		return nil, err
	case code == 0:
	case code == a.step.SkipExitCode:
		return nil, errSkipped
	default:
		return nil, &exitError{code, a.failure(code)}
	}
	outputs, err := readOutputs(a.step, a.dir)
	if err == nil {
		err = checkHidden(outputs, a.secrets)
	}
	if err != nil {
		return nil, errors.New(masked(err.Error(), hidden(a.secrets)))
	}
	return outputs, nil
}

// maxForks is how often a fork server may die under an attempt before anything of it has run.
const maxForks = 3

// runToEnd runs the step's process in its working directory and returns its exit code.
func (a *attempt) runToEnd(ctx context.Context, work string, log *os.File) (int, error) {
	for tries := 1; ; tries++ {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		p, err := a.launch(work, log, tries > maxForks)
		if err != nil {
			return 0, err
		}
		if code, err := await(ctx, p, a.grace, a.atOnce); !errors.Is(err, errNotStarted) {
			return code, err
		}
	}
}

// launch starts the step's process; fresh asks for no fork.
func (a *attempt) launch(work string, log *os.File, fresh bool) (process, error) {
	if a.step.Python != "" {
		text, err := a.workText()
		if err != nil {
			return nil, err
		}
		return a.interpreters.run(a, text, work, log, fresh)
	}
	cmd, err := a.command()
	if err != nil {
		return nil, err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = work, log, log
	return startProcess(cmd, &a.store.guard)
}

// command returns the process of a script or a command.
func (a *attempt) command() (*exec.Cmd, error) {
	argv, err := a.argv, error(nil)
	if a.step.Command == nil {
		if argv, err = a.scriptArgv(); err != nil {
			return nil, err
		}
	}
	own, err := processEnv(a.step, a.inputs, a.dir)
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), attemptVariable+"="+a.dir)
	env = append(env, own...)
	for _, secret := range a.step.Secrets {
		env = append(env, secret.Name+"="+a.secrets[secret.Name])
	}
	cmd := exec.Command(lookProgram(argv[0], env), argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Env = env
	return cmd, nil
}

func (a *attempt) scriptArgv() ([]string, error) {
	path, err := a.store.script(a.step)
	return append(slices.Clone(a.step.shell()), path), err
}

// workInput is an input in the work file of a python step.
type workInput struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value,omitempty"`
	Path  string          `json:"path,omitempty"`
	Text  string          `json:"text,omitempty"` // the file that has the value
}

// workText is what step.py is told, in JSON.
func (a *attempt) workText() ([]byte, error) {
	with := map[string]workInput{}
	for _, in := range a.inputs.with {
		if path, ok := in.value.(string); ok && isArtifact(in.typ) {
			with[in.name] = workInput{Type: in.typ, Path: path}
			continue
		}
		if large, ok := in.value.(stored); ok {
			with[in.name] = workInput{Type: in.typ, Text: large.path}
			continue
		}
		text, err := jsonText(in.value)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.name, err)
		}
		with[in.name] = workInput{Type: in.typ, Value: json.RawMessage(text)}
	}
	outputs := map[string]string{}
	for _, o := range a.step.Outputs {
		outputs[o.Name] = o.Type
	}
	return json.Marshal(struct {
		Python  string               `json:"python"`
		With    map[string]workInput `json:"with,omitempty"`
		Outputs map[string]string    `json:"outputs,omitempty"`
		Out     string               `json:"out"`
	}{a.step.Python, with, outputs, a.dir})
}

// failure says why a process failed: in the words of step.py where it was that.
func (a *attempt) failure(code int) error {
	var problems []string
	if a.step.Python != "" {
		for _, line := range slices.Backward(lastLines(a.log(), logTail)) {
			problem, ok := strings.CutPrefix(line, "zenc: ")
			if !ok {
				break
			}
			problems = append(problems, problem)
		}
	}
	if problems == nil {
		return fmt.Errorf("exit code %d", code)
	}
	slices.Reverse(problems)
	return errors.New(strings.Join(problems, "; "))
}

// lastLines returns at most n lines from the end of a file, of its last 16 KiB; none if it cannot be read.
func lastLines(path string, n int) []string {
	const tail = 16 << 10
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > tail {
		if _, err := file.Seek(-tail, io.SeekEnd); err != nil {
			return nil
		}
	}
	content, err := io.ReadAll(io.LimitReader(file, tail))
	if err != nil || len(content) == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	return lines[max(0, len(lines)-n):]
}
