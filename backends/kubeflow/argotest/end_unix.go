//go:build unix

package argotest

import (
	"os/exec"
	"syscall"
)

// endAsGroup has the whole group of a process get SIGTERM when its context ends, as a pod's containers do.
func endAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
