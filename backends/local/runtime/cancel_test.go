//go:build linux

package runtime_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// cancelsFlag is how often TestCancels cancels a run.
var cancelsFlag = flag.Int("cancels", 20, "how often TestCancels cancels a run")

// asCancelled is the variable that makes the test binary the program of cancelledPipeline.
const asCancelled = "ZENC_TEST_CANCELLED"

func init() { programs[asCancelled] = runCancelled }

// cancelledPipeline has steps that leave as much behind as they can: in their group, in a session of their own, deaf to SIGTERM.
// Whatever they start has the number among its arguments.
func cancelledPipeline(folder, number string) *rt.Pipeline {
	begun := "touch '" + folder + "/begun'\n"
	return &rt.Pipeline{Name: "cancelled", MaxParallel: 8, Steps: []rt.Step{
		{Name: "child", Script: begun + "sleep " + number + " & sleep " + number},
		{Name: "session", Script: "setsid sleep " + number + " & setsid bash -c 'sleep " + number + "; true' &\nsleep " + number},
		{Name: "deaf", Script: "trap '' TERM\nsleep " + number + " & wait; sleep " + number},
		{Name: "python", Python: "deaf:run", With: []rt.Input{{Name: "n", Type: "string", Value: rt.Lit(number)}}},
		{Name: "left", Script: "setsid sleep " + number + " > /dev/null 2>&1 &"},
		{Name: "behind", Needs: []string{"child"}, Script: "true"},
		{Name: "last", Finally: true, Script: "echo \"$IN_S\" > '" + folder + "/last'", With: []rt.Input{{Name: "s", Type: "string", Value: rt.RunField("status")}}},
	}}
}

const deafModule = `
import signal, subprocess

def run(n):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["setsid", "sleep", n])
    subprocess.run(["sleep", n])
`

// runCancelled is the program.
func runCancelled(value string) int {
	folder, number, _ := strings.Cut(value, ":")
	runner, err := os.ReadFile("../../../templates/zenc_runtime_1/step.py")
	if err != nil {
		panic(err)
	}
	code := rt.Code{Files: fstest.MapFS{"deaf.py": {Data: []byte(deafModule)}}}
	return rt.Main(cancelledPipeline(folder, number), code, runner, os.Args[1:], os.Stdout, os.Stderr)
}

// TestCancels cancels runs at random moments, some of them twice, and looks for what is left.
func TestCancels(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range *cancelsFlag {
		folder, number, twice := t.TempDir(), fmt.Sprintf("%d.%d", 100_000+i, os.Getpid()), i%2 == 1
		cmd := exec.Command(os.Args[0], "--dir", folder, "--format", "json", "--grace", "100ms")
		cmd.Env = append(os.Environ(), asCancelled+"="+folder+":"+number)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for { // until there is something to cancel
			if _, err := os.Stat(filepath.Join(folder, "begun")); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(random.Int64N(int64(100 * time.Millisecond))))
		signal := []os.Signal{os.Interrupt, syscall.SIGTERM}[i/2%2]
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if twice {
			time.Sleep(time.Duration(random.Int64N(int64(50 * time.Millisecond))))
			_ = cmd.Process.Signal(signal)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 {
			t.Fatalf("cancel %d: exit code %d\n%s", i, code, out.String())
		}
		if left := processesWith(t, number); left != "" {
			t.Fatalf("cancel %d: left behind:\n%s\n%s", i, left, out.String())
		}
		status, err := os.ReadFile(filepath.Join(folder, "last"))
		if !twice && (err != nil || string(status) != "failed\n") {
			t.Errorf("cancel %d: finally did not run: %q, %v\n%s", i, status, err, out.String())
		}
		h, err := rt.ReadRun(lastRun(t, folder))
		if err != nil || h.Status != rt.RunCancelled || h.Steps["behind"].State != rt.Skipped || !h.Steps["behind"].Stopped {
			t.Errorf("cancel %d: %v, %+v", i, err, h)
		}
	}
}

// processesWith returns the command lines that have a word in them.
func processesWith(t *testing.T, word string) string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(line), word) {
			out.WriteString(strings.ReplaceAll(string(line), "\x00", " ") + "\n")
		}
	}
	return out.String()
}
