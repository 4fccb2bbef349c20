//go:build unix

package external

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zenc-dev/zenc/backends"
)

// TestChildren ends what a program has started, with the program and after it.
func TestChildren(t *testing.T) {
	tests := []struct{ program, want, timeout string }{
		{"slow-with-child.sh", "it gave no answer within 500ms", "500ms"},
		{"leaves-child.sh", "a process that it started holds its output open", ""},
		{"slow-with-child.sh", "it was interrupted", ""},
	}
	for _, test := range tests {
		t.Run(test.program+" "+test.want, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			t.Setenv("PID_FILE", file)
			t.Setenv(TimeoutVariable, test.timeout)
			if test.want == "it was interrupted" {
				go func() {
					for info, err := os.Stat(file); err != nil || info.Size() == 0; info, err = os.Stat(file) {
						time.Sleep(10 * time.Millisecond)
					}
					_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
				}()
			}
			started := time.Now()
			checkFailure(t, open(t, test.program, &bytes.Buffer{}).Check(compile(t, hello), backends.Options{}), test.want)
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			for range 100 { // it is dead once its parent, by now init, has reaped it; a zombie has no command line
				line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
				if err != nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && len(line) == 0 {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Errorf("the process %d goes on", pid)
		})
	}
}
