//go:build unix

package runtime

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// lockFile takes the lock of an open file, which ends with it, or fails if another one has it. Who only asks for it, as isLocked
// does, has it for a moment.
func lockFile(file *os.File) error {
	for tries := 0; ; tries++ {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return err
		case tries == 20:
			return errors.New("somebody works on this run")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// isLocked reports whether somebody has the lock of a file. Several may ask at once.
func isLocked(file *os.File) bool {
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
