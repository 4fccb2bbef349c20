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

// runProcess runs a process in a group of its own to its end and returns its exit code; nothing of the group lives on. When
// ctx ends, the group gets SIGTERM, and SIGKILL if it is still there after the grace period; the error is then the cause
// of ctx.
func runProcess(ctx context.Context, cmd *exec.Cmd, grace time.Duration) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("cannot start %q: %w", cmd.Args[0], bare(err))
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		killGroup(cmd.Process)
		return exitCode(cmd, err)
	case <-ctx.Done():
		endGroup(cmd.Process, ended, grace)
		return 0, context.Cause(ctx)
	}
}

// endGroup returns when nothing of the group is left.
func endGroup(p *os.Process, ended <-chan error, grace time.Duration) {
	terminateGroup(p)
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	poll := time.NewTicker(groupPoll)
	defer poll.Stop()
	leader := ended
	for {
		select {
		case <-leader:
			leader = nil // it is reaped; the others may still be there
		case <-poll.C:
		case <-deadline.C:
			killGroup(p)
			if leader != nil {
				<-leader
			}
			return
		}
		if leader == nil && !groupExists(p) {
			return
		}
	}
}

// exitCode returns the exit code as a shell tells it.
func exitCode(cmd *exec.Cmd, err error) (int, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return stateCode(cmd.ProcessState), nil
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
