package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// groupPoll is how often a process group that was asked to end is looked at.
const groupPoll = 10 * time.Millisecond

// process leads a group of processes of its own.
type process interface {
	// ended gives one value when the process has ended: nil, or why its exit code is not known.
	ended() <-chan error
	// code is the exit code as a shell tells it, of one that has ended.
	code() int
	// terminate asks the group to end; kill ends it; exists tells whether anything is left of it. Once the process has ended
	// that was not asked to, kill need not find anything any more.
	terminate()
	kill()
	exists() bool
	// release is called when nothing of the group is left.
	release()
}

// runProcess runs a process in a group of its own to its end and returns its exit code; nothing of the group lives on. When
// ctx ends, the group gets SIGTERM, and SIGKILL if it is still there after the grace period, or when atOnce is closed; the error is
// then the cause of ctx.
func runProcess(ctx context.Context, cmd *exec.Cmd, grace time.Duration, atOnce <-chan struct{}) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	p, err := startProcess(cmd, nil)
	if err != nil {
		return 0, err
	}
	return await(ctx, p, grace, atOnce)
}

// await is runProcess for a process that has been started.
func await(ctx context.Context, p process, grace time.Duration, atOnce <-chan struct{}) (int, error) {
	defer p.release()
	select {
	case err := <-p.ended():
		p.kill()
		return p.code(), err
	case <-ctx.Done():
		endGroup(p, grace, atOnce)
		return 0, context.Cause(ctx)
	}
}

// endGroup returns when nothing of the group is left. The grace ends early when atOnce is closed.
func endGroup(p process, grace time.Duration, atOnce <-chan struct{}) {
	p.terminate()
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	poll := time.NewTicker(groupPoll)
	defer poll.Stop()
	leader := p.ended()
	kill := func() {
		p.kill()
		if leader != nil {
			<-leader
		}
	}
	for {
		select {
		case <-leader:
			leader = nil // it is reaped; the others may still be there
		case <-poll.C:
		case <-deadline.C:
			kill()
			return
		case <-atOnce:
			kill()
			return
		}
		if leader == nil && !p.exists() {
			return
		}
	}
}

// started is a process that this program has started itself.
type started struct {
	cmd     *exec.Cmd
	done    chan error
	guarded func() // ends what the guard does; nil: there is none
}

// startProcess starts a process in a group of its own, which the guard watches over, if there is one.
func startProcess(cmd *exec.Cmd, g *guard) (process, error) {
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %q: %w", cmd.Args[0], bare(err))
	}
	p := started{cmd: cmd, done: make(chan error, 1)}
	if g != nil {
		p.guarded = g.watch(cmd.Process.Pid)
	}
	go func() {
		err := cmd.Wait()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = nil
		}
		p.done <- err
	}()
	return p, nil
}

func (p started) ended() <-chan error { return p.done }
func (p started) code() int           { return stateCode(p.cmd.ProcessState) }
func (p started) terminate()          { terminateGroup(p.cmd.Process) }
func (p started) kill()               { killGroup(p.cmd.Process) }
func (p started) exists() bool        { return groupExists(p.cmd.Process) }

func (p started) release() {
	if p.guarded != nil {
		p.guarded()
	}
}

// bare returns an error without the operation and the path that os and exec put before it.
func bare(err error) error {
	var path *os.PathError
	var lookup *exec.Error
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &lookup):
		return lookup.Err
	}
	return err
}
