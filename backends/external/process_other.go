//go:build !unix

package external

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func signalOf(*os.ProcessState) string { return "" }

// isExecutable leaves it to the system, which goes by the file's name.
func isExecutable(os.FileInfo) bool { return true }
