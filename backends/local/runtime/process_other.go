//go:build !unix

package runtime

import (
	"os"
	"os/exec"
)

// hasGroups tells whether there are groups of processes.
const hasGroups = false

// venvPython is where a virtual environment has its interpreter.
const venvPython = `Scripts\python.exe`

// There are no process groups: only the step's own process is ended, and at once.

func ownGroup(*exec.Cmd)               {}
func terminateGroup(p *os.Process)     { _ = p.Kill() }
func killGroup(p *os.Process)          { _ = p.Kill() }
func groupExists(*os.Process) bool     { return false }
func stateCode(s *os.ProcessState) int { return s.ExitCode() }
