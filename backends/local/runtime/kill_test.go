//go:build unix

package runtime_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// killsFlag is how often TestKills kills the runner. CI takes fewer than one does who has changed the scheduler.
var killsFlag = flag.Int("kills", 60, "how often TestKills kills the runner")

// asRunner is the variable that makes the test binary the program of killedPipeline.
const asRunner = "ZENC_TEST_KILLED"

// programs are what the test binary is where the variable is set whose name is the key; they are handed its value.
var programs = map[string]func(value string) int{asRunner: runKilled}

func TestMain(m *testing.M) {
	for variable, program := range programs {
		if value := os.Getenv(variable); value != "" {
			os.Exit(program(value))
		}
	}
	os.Exit(m.Run())
}

func runKilled(folder string) int {
	return rt.Main(killedPipeline(folder), rt.Code{}, nil, os.Args[1:], os.Stdout, os.Stderr)
}

// killedPipeline has every kind of state. Each attempt begins with a line in the file begun, and takes a few milliseconds.
func killedPipeline(folder string) *rt.Pipeline {
	script := func(label, text string) string {
		return fmt.Sprintf("echo \"%s ${IN_I:-} ${IN_G:-}\" >> '%s/begun'\nsleep 0.00$((RANDOM %% 9))\n%s\n", label, folder, text)
	}
	out := []rt.OutputSpec{{Name: "n", Type: "int"}}
	n := func(step string) rt.Input { return rt.Input{Name: "n", Type: "int", Value: rt.Output(step, "n")} }
	each := func(name string) rt.Input {
		return rt.Input{Name: name, Type: "int", Value: rt.EachItem(name)}
	}
	list := rt.Each{Name: "i", Items: rt.Lit([]any{1, 2, 3, 4, 5})}
	groups := rt.Each{Name: "g", Items: rt.Lit([]any{10, 20, 30})}
	return &rt.Pipeline{Name: "killed", MaxParallel: 3, Params: []rt.ParamSpec{{Name: "x", Type: "int", Default: 7}}, Steps: []rt.Step{
		{Name: "a", Script: script("a", `echo 1 > "$OUT_N"`), Outputs: out},
		{Name: "b", Script: script("b", `echo $((IN_N + 1)) > "$OUT_N"`), With: []rt.Input{n("a")}, Needs: []string{"a"}, Outputs: out},
		{Name: "c", Script: script("c", `echo $((IN_N + IN_X)) > "$OUT_N"`), Needs: []string{"a"}, Outputs: out,
			With: []rt.Input{n("a"), {Name: "x", Type: "int", Value: rt.Param("x")}}},
		{Name: "soft", Script: script("soft", "exit 3"), AllowFailure: true, Retries: rt.Retries{Limit: 1}},
		{Name: "off", Script: script("off", ""), When: rt.Lit(false)},
		{Name: "behind_off", Script: script("behind_off", ""), Needs: []string{"off"}},
		{Name: "items", Script: script("items", `echo $((IN_I * 2)) > "$OUT_N"`), Foreach: []rt.Each{list}, MaxParallel: 2,
			With: []rt.Input{each("i")}, Outputs: out, When: rt.Op("!=", rt.EachItem("i"), rt.Lit(3)), WhenPerItem: true},
		{Name: "sum", Script: script("sum", `echo "$IN_ALL" > "$OUT_ALL"`), Needs: []string{"items", "b", "c"},
			With:    []rt.Input{{Name: "all", Type: "list[json]", Value: rt.Output("items", "n")}},
			Outputs: []rt.OutputSpec{{Name: "all", Type: "string"}}},
		{Name: "group", Foreach: []rt.Each{groups}, MaxParallel: 2, Needs: []string{"b"}},
		{Name: "group.one", Along: "group", Needs: []string{"group"}, Script: script("group.one", `echo "$IN_G" > "$OUT_N"`), With: []rt.Input{each("g")}, Outputs: out},
		{Name: "group.two", Along: "group", Needs: []string{"group.one"}, Script: script("group.two", `test "$IN_G" != 20; echo $((IN_N + 1)) > "$OUT_N"`),
			With: []rt.Input{n("group.one"), each("g")}, Outputs: out, AllowFailure: true},
		{Name: "group.three", Along: "group", Needs: []string{"group.two"}, RunIf: "done", Script: script("group.three", ""), With: []rt.Input{each("g")}},
		{Name: "file", Script: script("file", `echo file > "$OUT_F"`), Outputs: []rt.OutputSpec{{Name: "f", Type: "file"}}},
		{Name: "reads", Script: script("reads", `cat "$IN_F" > "$OUT_T"`), Needs: []string{"file", "group.one", "group.two", "group.three"},
			NeedsAny: [][]string{{"group.one", "group.two", "group.three"}},
			With:     []rt.Input{{Name: "f", Type: "file", Value: rt.Output("file", "f")}}, Outputs: []rt.OutputSpec{{Name: "t", Type: "string"}}},
		{Name: "last", Finally: true, Script: script("last", `echo "$IN_S" > "$OUT_STATUS"`), With: []rt.Input{{Name: "s", Type: "string", Value: rt.RunField("status")}},
			Outputs: []rt.OutputSpec{{Name: "status", Type: "string"}}},
	}}
}

// TestKills kills the runner at random moments, resumes, and compares what comes of it with an undisturbed run.
func TestKills(t *testing.T) {
	undisturbed := t.TempDir()
	if code := runUntil(t, undisturbed, 0); code != 0 {
		t.Fatalf("the undisturbed run ended with exit code %d", code)
	}
	want := outcome(t, undisturbed)
	random := rand.New(rand.NewPCG(1, 2))
	kills, resumed, round := 0, 0, 0
	defer func() { t.Logf("%d kills in %d runs, %d of them of a run that had a journal", kills, round, resumed) }()
	for ; kills < *killsFlag; round++ {
		folder := t.TempDir()
		ended := map[string]int{} // what has ended, with how often it had begun by then
		args := []string{}
		for {
			after := time.Duration(random.Int64N(int64(120 * time.Millisecond)))
			code := runUntil(t, folder, after, args...)
			if code == 0 {
				break
			}
			if code != -1 {
				t.Fatalf("round %d: exit code %d", round, code)
			}
			kills++
			if dirs, err := rt.Runs(folder); err != nil || len(dirs) == 0 {
				continue // killed before the run had a folder
			}
			h, err := rt.ReadRun(lastRun(t, folder))
			if errors.Is(err, os.ErrNotExist) {
				if err := os.RemoveAll(filepath.Join(folder, ".zenc")); err != nil { // before it had a journal
					t.Fatal(err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if h.Status != "" { // it had ended by then
				break
			}
			args = []string{"--resume"}
			resumed++
			begun := begunSteps(t, folder)
			for label := range endedSteps(h) {
				if before, known := ended[label]; known && before != begun[label] {
					t.Errorf("round %d: %q ran again though it had ended", round, label)
				}
				ended[label] = begun[label]
			}
		}
		for label, n := range begunSteps(t, folder) {
			if before, known := ended[label]; known && before != n {
				t.Errorf("round %d: %q ran again though it had ended", round, label)
			}
		}
		if diff := cmp.Diff(want, outcome(t, folder)); diff != "" {
			t.Fatalf("round %d: the outcome differs (-undisturbed +killed):\n%s", round, diff)
		}
	}
}

// runUntil runs the pipeline and kills the runner after a time, unless that is 0. It returns its exit code, -1 for a killed one.
func runUntil(t *testing.T, folder string, after time.Duration, args ...string) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"--dir", folder, "--format", "json"}, args...)...)
	cmd.Env = append(os.Environ(), asRunner+"="+folder)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != -1 {
		t.Logf("%s", stderr.String())
	}
	return cmd.ProcessState.ExitCode()
}

func lastRun(t *testing.T, folder string) string {
	t.Helper()
	dirs, err := rt.Runs(folder)
	if err != nil || len(dirs) != 1 {
		t.Fatalf("runs %q, %v", dirs, err)
	}
	return dirs[0]
}

// outcome is what became of each step, without paths and times.
func outcome(t *testing.T, folder string) map[string]string {
	t.Helper()
	h, err := rt.ReadRun(lastRun(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"": string(h.Status)}
	for name, s := range h.Steps {
		delete(s.Outputs, "f")
		out[name] = fmt.Sprintf("%s %d %v %v", s.State, s.Attempts, s.Outputs, s.Counts)
	}
	return out
}

// begunSteps counts the attempts, by label.
func begunSteps(t *testing.T, folder string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "begun"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	out := map[string]int{}
	for line := range strings.Lines(string(text)) {
		out[strings.Join(strings.Fields(line), " ")]++
	}
	return out
}

// endedSteps are the labels of what has ended.
func endedSteps(h *rt.History) map[string]bool {
	out := map[string]bool{}
	for name, s := range h.Steps {
		for place, in := range s.Instances {
			if in.State != rt.Running {
				label := map[string]int{"items": 1 + place, "group.one": 10 + 10*place, "group.two": 10 + 10*place, "group.three": 10 + 10*place}
				out[fmt.Sprintf("%s %d", name, label[name])] = true
			}
		}
		if s.State != rt.Running && s.Instances == nil {
			out[name] = true
		}
	}
	return out
}
