//go:build unix

package runtime

import (
	"os"
	"os/exec"
	"syscall"
)

// hasGroups tells whether there are groups of processes.
const hasGroups = true

// venvPython is where a virtual environment has its interpreter.
const venvPython = "bin/python"

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// The id of the group is that of its first process, which has been reaped or is about to be. As long as the group has a
// process, no other process or group gets that id. Errors say that the group is gone already.

func terminateGroup(p *os.Process)   { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }
func killGroup(p *os.Process)        { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
func groupExists(p *os.Process) bool { return syscall.Kill(-p.Pid, 0) == nil }

func stateCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
