//go:build linux

package runtime_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// runnerDir is set in the process that TestRunnerIsKilled kills: where it runs.
const runnerDir = "ZENC_TEST_RUNNER"

// steady is a module whose functions leave the numbers of all processes of a step and stay.
const steady = `
import os, pathlib, subprocess, time
def f(into):
    child = subprocess.Popen(["sleep", "1000"])
    pathlib.Path(into + ".new").write_text(f"{os.getppid()} {os.getpid()} {child.pid}")
    os.rename(into + ".new", into)
    time.sleep(1000)
`

// TestRunnerIsKilled kills a process that runs steps, and finds nothing of them left.
func TestRunnerIsKilled(t *testing.T) {
	if dir := os.Getenv(runnerDir); dir != "" {
		p := &rt.Pipeline{Name: "p"}
		for _, name := range []string{"a", "b"} {
			p.Steps = append(p.Steps, rt.Step{Name: name, Python: "m:f",
				With: []rt.Input{{Name: "into", Type: "string", Value: rt.Lit(filepath.Join(dir, name))}}})
		}
		p.Steps[1].Fresh = true
		p.Steps = append(p.Steps, rt.Step{Name: "c", Script: `sleep 1000 & echo $$ $! > "$IN_INTO.new"; mv "$IN_INTO.new" "$IN_INTO"; wait`,
			With: []rt.Input{{Name: "into", Type: "string", Value: rt.Lit(filepath.Join(dir, "c"))}}},
			rt.Step{Name: "d", Command: []rt.Expr{rt.Lit("true")}})
		_, _ = rt.Run(context.Background(), p, pythonCode(map[string]string{"m.py": steady}),
			rt.Options{Dir: dir, StepRunner: stepRunner(t)})
		return
	}
	dir := t.TempDir()
	runner := exec.Command(os.Args[0], "-test.run", "^TestRunnerIsKilled$")
	runner.Env = append(os.Environ(), runnerDir+"="+dir)
	if err := runner.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, name := range []string{"a", "b", "c"} {
		pids = append(pids, strings.Fields(waitForFile(t, filepath.Join(dir, name)))...)
	}
	if err := runner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = runner.Wait()
	for _, pid := range pids {
		assertDead(t, pid)
	}
}

// waitForFile returns the content of a file that another process is going to make.
func waitForFile(t *testing.T, path string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if content, err := os.ReadFile(path); err == nil {
			return string(content)
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is no %s", path)
		}
	}
}
