package external

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const (
	// maxOutput is how much of the standard output is read.
	maxOutput = 64 << 20
	// maxErrors is how much of the standard error is kept: of more, the beginning and the end.
	maxErrors = 32 << 10
	// lingering is how long the output may stay open once the program has ended.
	lingering = time.Second
)

// DefaultTimeout is how long a program may take for an answer.
const DefaultTimeout = 30 * time.Second

// TimeoutVariable is the environment variable that sets another timeout.
const TimeoutVariable = "ZENC_FLAVOR_TIMEOUT"

// process is how a program is run.
type process struct {
	program string // absolute
	dir     string // working directory
	timeout time.Duration
	stderr  io.Writer
	name    string // of the flavor; stands before each line of the standard error
	limit   int    // bytes of standard output
}

// run starts the program, gives it the input and returns its whole standard output. The environment is zenc's own. Whatever the
// program does, run returns soon after the timeout, has kept no more than the limits, and has ended the program's process group if
// that did not end by itself.
func (p process) run(input []byte) ([]byte, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, errTimeout)
	defer cancel()
	ctx, overflow := context.WithCancelCause(ctx)
	defer overflow(nil)

	cmd := exec.CommandContext(ctx, p.program)
	cmd.Dir = p.dir
	cmd.Stdin = bytes.NewReader(input)
	out := &limited{limit: p.limit, full: func() { overflow(errTooMuch) }}
	errs := &ends{limit: maxErrors}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = lingering
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }

	if err := cmd.Start(); err != nil {
		return nil, cannotStart(err)
	}
	err := cmd.Wait()
	if err != nil {
		_ = killGroup(cmd) // what the program has started and left
	}
	p.show(errs)
	return out.data, p.explain(err, context.Cause(ctx))
}

var (
	errTimeout = errors.New("timeout")
	errTooMuch = errors.New("too much output")
)

func cannotStart(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	help := "it must be an executable file that this machine can run"
	if errors.Is(err, os.ErrNotExist) {
		help += "; the interpreter that its first line names may be missing"
	}
	return problemf(help, "it cannot be started: %v", err)
}

// explain says in words what Wait returned; cause is why the process was ended, if it was.
func (p process) explain(err, cause error) error {
	var exit *exec.ExitError
	switch {
	case errors.Is(cause, errTooMuch):
		return problemf("emit less: large data belongs into files that the pipeline ships", "it printed more than %s, and was ended", size(p.limit))
	case err == nil:
		return nil
	case errors.Is(cause, errTimeout):
		return problemf(fmt.Sprintf("it may wait for something; if it needs longer, set %s=2m", TimeoutVariable),
			"it gave no answer within %s, and was ended", p.timeout)
	case cause != nil:
		return problemf("", "it was interrupted")
	case errors.Is(err, exec.ErrWaitDelay):
		return problemf("it must wait for what it starts, or start it with another standard output and standard error",
			"it has ended, but a process that it started holds its output open")
	case errors.As(err, &exit):
		return ended(exit)
	}
	return problemf("", "it cannot be run: %v", err)
}

func ended(exit *exec.ExitError) error {
	const help = "what it printed to standard error, if anything, is shown above; what an engine cannot do is a diagnostic, with exit code 0"
	if name := signalOf(exit.ProcessState); name != "" {
		return problemf(help, "it was ended by a signal: %s", name)
	}
	return problemf(help, "it ended with exit code %d", exit.ExitCode())
}

// show writes what the program printed to standard error.
func (p process) show(errs *ends) {
	for line := range strings.Lines(errs.text()) {
		if line = clean(strings.TrimRight(line, " \r\n")); line != "" {
			fmt.Fprintf(p.stderr, "%s: %s\n", p.name, line)
		}
	}
}

func size(bytes int) string {
	if bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// limited keeps what is written up to a limit, and refuses the rest.
type limited struct {
	data  []byte
	limit int
	full  func() // called once the limit is passed
}

func (l *limited) Write(data []byte) (int, error) {
	if len(l.data)+len(data) > l.limit {
		l.full()
		return 0, errTooMuch
	}
	l.data = append(l.data, data...)
	return len(data), nil
}

// ends keeps the beginning and the end of what is written, half of the limit each.
type ends struct {
	first, last []byte
	dropped     int
	limit       int
}

func (e *ends) Write(data []byte) (int, error) {
	n := len(data)
	half := e.limit / 2
	room := min(n, half-len(e.first))
	e.first = append(e.first, data[:room]...)
	e.last = append(e.last, data[room:]...)
	if extra := len(e.last) - half; extra > half { // not for each small write
		e.dropped += extra
		e.last = append([]byte(nil), e.last[extra:]...)
	}
	return n, nil
}

func (e *ends) text() string {
	last, dropped := e.last, e.dropped
	if extra := len(last) - e.limit/2; extra > 0 {
		last, dropped = last[extra:], dropped+extra
	}
	if dropped == 0 {
		return string(e.first) + string(last)
	}
	return fmt.Sprintf("%s\n… %d bytes are left out …\n%s", e.first, dropped, last)
}
