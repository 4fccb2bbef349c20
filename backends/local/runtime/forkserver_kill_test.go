//go:build linux

package runtime_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// TestKillsOfForkServers kills servers, and forks that wait or run a step, at random moments: every step succeeds in the end, with the
// outputs that it has in a run that nobody disturbs, and none is waited for that nobody runs.
func TestKillsOfForkServers(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": "def f(n): return n + 1\n"})
	p := &rt.Pipeline{Name: "p", MaxParallel: 4}
	add := func(name string, n rt.Expr, needs ...string) {
		p.Steps = append(p.Steps, rt.Step{Name: name, Python: "m:f", Needs: needs, Retries: rt.Retries{Limit: 1000},
			With: []rt.Input{{Name: "n", Type: "int", Value: n}}, Outputs: []rt.OutputSpec{{Name: "x", Type: "int"}}})
	}
	const length = 150
	add("chain0", rt.Lit(int64(0)))
	for i := 1; i < length; i++ {
		before := "chain" + strconv.Itoa(i-1)
		add("chain"+strconv.Itoa(i), rt.Output(before, "x"), before)
	}
	last := "chain" + strconv.Itoa(length-1)
	for i := range length {
		add("wide"+strconv.Itoa(i), rt.Output(last, "x"), last)
	}
	for kills := 0; kills < *killsFlag/2; {
		dir := t.TempDir()
		done, killed := make(chan struct{}), make(chan int)
		go func() { killed <- killForks(dir, rand.New(rand.NewPCG(5, uint64(kills))), done) }()
		r := run(t, p, code, rt.Options{Dir: dir})
		close(done)
		kills += <-killed
		for i, s := range r.Steps {
			if want := int64(min(i, length) + 1); s.State != rt.Succeeded || s.Outputs["x"] != want {
				t.Errorf("%s: %s: %v, not %d: %s", s.Name, s.State, s.Outputs["x"], want, s.Error)
			}
		}
		t.Logf("%d kills", kills)
	}
}

// killForks kills forks below a folder, and now and then their server, until done. It returns how many it has killed.
func killForks(dir string, random *rand.Rand, done <-chan struct{}) int {
	kills := 0
	for {
		select {
		case <-done:
			return kills
		case <-time.After(time.Duration(random.IntN(15)) * time.Millisecond):
		}
		servers := forksBelow(dir)
		if len(servers) == 0 {
			continue
		}
		forks := slices.Sorted(maps.Keys(servers))
		pid := forks[random.IntN(len(forks))]
		if random.IntN(6) == 0 {
			pid = servers[pid]
		}
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			kills++
		}
	}
}

// forksBelow returns the servers of the forks that run below a folder, by fork.
func forksBelow(dir string) map[int]int {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is right
	parents := map[int]int{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(dir)) || !bytes.Contains(text, []byte("forkserver.py")) {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(path), "stat"))
		if err != nil {
			continue
		}
		var pid, parent int
		_, rest, _ := strings.Cut(string(stat), ") ") // behind the name, which may have any character
		if _, err := fmt.Sscanf(string(stat), "%d", &pid); err != nil {
			continue
		}
		if _, err := fmt.Sscanf(rest, "%c %d", new(rune), &parent); err == nil {
			parents[pid] = parent
		}
	}
	forks := map[int]int{}
	for pid, parent := range parents {
		if _, ok := parents[parent]; ok {
			forks[pid] = parent
		}
	}
	return forks
}
