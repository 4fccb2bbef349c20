package runtime

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// strayPasses bounds how often killStrays looks again: what it kills may have started something just before.
const strayPasses = 20

// killStrays kills the processes that an attempt, or with the folder of a run all of its attempts, have left behind, whatever group
// or session they are in: they have the variable that each step is given, as its folder or one below it. GitHub's runner tells the
// processes of a job in the same way. It returns how many it found.
func killStrays(folder string) int {
	found := 0
	for range strayPasses {
		pids := withMarker(folder)
		if len(pids) == 0 {
			break
		}
		found += len(pids)
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone by now
		}
		time.Sleep(time.Millisecond)
	}
	return found
}

// withMarker returns the processes, but for this one, that have the marker of a folder. What belongs to somebody else cannot be read,
// and is none of ours.
func withMarker(folder string) []int {
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	marker := []byte("\x00" + attemptVariable + "=" + folder)
	var out []int
	for _, path := range environs {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, found := bytes.Cut(append([]byte{0}, environ...), marker)
		if found && (len(rest) == 0 || rest[0] == 0 || rest[0] == filepath.Separator) {
			out = append(out, pid)
		}
	}
	return out
}
