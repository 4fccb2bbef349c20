//go:build linux || darwin || freebsd || netbsd || dragonfly

package runtime

import (
	"os"
	"syscall"
	"unsafe"
)

// terminalSize returns the size of a terminal in characters; 0, 0 if the file is no terminal.
func terminalSize(file *os.File) (width, height int) {
	var size struct{ rows, columns, xPixels, yPixels uint16 }
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0, 0
	}
	return int(size.columns), int(size.rows)
}
