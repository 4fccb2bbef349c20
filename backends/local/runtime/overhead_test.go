//go:build linux

package runtime_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// BenchmarkOverhead sets what a step costs beside the least that a process of its kind can cost, one after the other in the
// same run: for a shell step a bare start of the same shell, for a python step a bare fork of a warm interpreter, each with
// as many at once. It reports the best of b.N rounds of each; a few rounds are enough: -benchtime 5x.
func BenchmarkOverhead(b *testing.B) {
	for _, steps := range []int{100, 5000} {
		b.Run(fmt.Sprintf("shell-%d", steps), func(b *testing.B) {
			script := filepath.Join(b.TempDir(), "script")
			if err := os.WriteFile(script, []byte("true"), 0o644); err != nil {
				b.Fatal(err)
			}
			compare(b, steps, func() time.Duration { return startShells(b, script, steps) }, func() time.Duration {
				return runWide(b, steps, func(i int) rt.Step { return rt.Step{Name: "s" + strconv.Itoa(i), Script: "true"} })
			})
		})
	}
	for _, steps := range []int{100, 5000} {
		b.Run(fmt.Sprintf("python-%d", steps), func(b *testing.B) {
			compare(b, steps, func() time.Duration { return forkInterpreter(b, steps) }, func() time.Duration {
				return runWide(b, steps, func(i int) rt.Step { return rt.Step{Name: "s" + strconv.Itoa(i), Python: "m:f"} })
			})
		})
	}
}

// compare runs both in turn and reports the best times for a step, and the least processor time of all processes, which tells
// more on a machine that has other things to do.
func compare(b *testing.B, steps int, bare, zenc func() time.Duration) {
	best := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	cpu := best
	for b.Loop() {
		for i, f := range []func() time.Duration{bare, zenc} {
			before := processorTime(b)
			best[i] = min(best[i], f())
			cpu[i] = min(cpu[i], processorTime(b)-before)
		}
	}
	per := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(steps) }
	b.ReportMetric(per(best[0]), "bare-ms/step")
	b.ReportMetric(per(best[1]), "zenc-ms/step")
	b.ReportMetric(per(best[1])/per(best[0]), "ratio")
	b.ReportMetric(per(cpu[0]), "bare-cpu-ms/step")
	b.ReportMetric(per(cpu[1]), "zenc-cpu-ms/step")
	b.ReportMetric(per(cpu[1])/per(cpu[0]), "cpu-ratio")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process and all that it has started and waited for have used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			b.Fatal(err)
		}
		total += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return total
}

// runWide runs a pipeline of independent steps, from the first start of an interpreter to the last line of the journal.
func runWide(b *testing.B, steps int, step func(i int) rt.Step) time.Duration {
	b.Helper()
	p := &rt.Pipeline{Name: "p"}
	for i := range steps {
		p.Steps = append(p.Steps, step(i))
	}
	code := rt.Code{Files: fstest.MapFS{"m.py": {Data: []byte("def f(): pass\n")}}}
	o := rt.Options{Dir: b.TempDir()}
	started := time.Now()
	if r := run(b, p, code, o); r.Status != rt.RunSucceeded {
		b.Fatalf("%+v", r.Steps[0])
	}
	return time.Since(started)
}

// startShells starts the shell for each step, as many at once as a run does.
func startShells(b *testing.B, script string, steps int) time.Duration {
	b.Helper()
	started := time.Now()
	work := make(chan int)
	var all sync.WaitGroup
	for range 4 * goruntime.NumCPU() {
		all.Add(1)
		go func() {
			defer all.Done()
			for range work {
				if err := exec.Command("bash", "-eo", "pipefail", script).Run(); err != nil {
					b.Error(err)
				}
			}
		}()
	}
	for i := range steps {
		work <- i
	}
	close(work)
	all.Wait()
	return time.Since(started)
}

// forkLoop forks a warm interpreter, as many at once as a run does, in which nothing is done.
const forkLoop = `
import json, os, pickle, subprocess, sys, tempfile, time, traceback
steps, slots = map(int, sys.argv[1:])
running = 0
started = time.monotonic()
for _ in range(steps):
    if running == slots:
        os.wait()
        running -= 1
    if os.fork() == 0:
        os._exit(0)
    running += 1
while running:
    os.wait()
    running -= 1
print(time.monotonic() - started)
`

func forkInterpreter(b *testing.B, steps int) time.Duration {
	b.Helper()
	cmd := exec.Command("python3", "-c", forkLoop, strconv.Itoa(steps), strconv.Itoa(4*goruntime.NumCPU()))
	out, err := cmd.Output()
	seconds, bad := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil || bad != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return time.Duration(seconds * float64(time.Second))
}
