//go:build unix

package runtime

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the lock of an open file, which ends with it, or fails at once if another one has it.
func lockFile(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errors.New("somebody works on this run")
	}
	return err
}
