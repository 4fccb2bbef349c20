//go:build !linux

package runtime

import (
	"errors"
	"os"
	"os/exec"
)

const canFork = false

var errNotStarted = errors.ErrUnsupported

// forkServer is there on Linux alone: elsewhere each attempt starts an interpreter of its own.
type forkServer struct{}

func startForkServer(*exec.Cmd, string, func(string)) (*forkServer, error) {
	return nil, errors.ErrUnsupported
}

func (*forkServer) fork(forkRequest, *os.File) (process, error) {
	return nil, errors.ErrUnsupported
}
func (*forkServer) wasReady() bool { return false }
func (*forkServer) isOver() bool   { return true }
func (*forkServer) close()         {}
