//go:build linux

package runtime_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// loadFlag makes TestLoad as heavy as runs get. CI takes a tenth of it.
var loadFlag = flag.Bool("load", false, "run TestLoad with 10,000 steps, 1,000 at once, a fan-out of 100,000 and a log of 1 GB")

// asLoad is the variable that makes the test binary the program of a heavy pipeline.
const asLoad = "ZENC_TEST_LOAD"

func init() { programs[asLoad] = runLoad }

// loads are heavy pipelines, with what the program may take of memory for each: a base, and a few hundred bytes a step.
func loads(scale int) map[string]*rt.Pipeline {
	steps := &rt.Pipeline{Name: "steps"}
	for i := range 1000 * scale {
		steps.Steps = append(steps.Steps, rt.Step{Name: fmt.Sprintf("s%d", i), Command: []rt.Expr{rt.Lit("true")}})
	}
	parallel := &rt.Pipeline{Name: "parallel", MaxParallel: 100 * scale}
	for i := range 100 * scale {
		parallel.Steps = append(parallel.Steps, rt.Step{Name: fmt.Sprintf("s%d", i), Script: "sleep 2"})
	}
	items := make([]any, 10_000*scale)
	for i := range items {
		items[i] = i
	}
	fan := &rt.Pipeline{Name: "fan", Steps: []rt.Step{
		{Name: "f", Command: []rt.Expr{rt.Lit("true")}, Foreach: []rt.Each{{Name: "i", Items: rt.Lit(items)}}, WhenPerItem: true,
			When: rt.Op("==", rt.Op("%", rt.EachItem("i"), rt.Lit(50)), rt.Lit(0))},
	}}
	value := []rt.OutputSpec{{Name: "s", Type: "string"}}
	values := &rt.Pipeline{Name: "values", Steps: []rt.Step{
		{Name: "text", Script: `head -c 100000000 /dev/zero | tr '\0' a > "$OUT_S"`, Outputs: value},
		{Name: "read", Needs: []string{"text"}, Python: "m:length", With: []rt.Input{{Name: "s", Type: "string", Value: rt.Output("text", "s")}},
			Outputs: []rt.OutputSpec{{Name: "n", Type: "int"}}},
		{Name: "file", Script: `head -c 100000000 /dev/zero > "$OUT_F"`, Outputs: []rt.OutputSpec{{Name: "f", Type: "file"}}},
		{Name: "print", Script: fmt.Sprintf("head -c %d /dev/zero | tr '\\0' a", 100_000_000*scale)},
	}}
	return map[string]*rt.Pipeline{"steps": steps, "parallel": parallel, "fan": fan, "values": values}
}

func loadScale() int {
	if *loadFlag || os.Getenv(asLoad+"_FULL") != "" {
		return 10
	}
	return 1
}

// runLoad is the program.
func runLoad(name string) int {
	code := rt.Code{Files: fstest.MapFS{"m.py": {Data: []byte("def length(s):\n    return len(s)\n")}}}
	runner, err := os.ReadFile("../../../templates/zenc_runtime_1/step.py")
	if err != nil {
		panic(err)
	}
	exitCode := rt.Main(loads(loadScale())[name], code, runner, os.Args[1:], os.Stdout, os.Stderr)
	status, err := os.ReadFile("/proc/self/status") // what wait tells has the steps in it
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(os.Getenv(asLoad+"_STATUS"), status, 0o644); err != nil {
		panic(err)
	}
	return exitCode
}

// TestLoad holds heavy runs to a memory that does not grow with values, logs and instances that have ended, and to no more open
// files than what runs needs.
func TestLoad(t *testing.T) {
	for name, most := range map[string]int64{"steps": 60 << 20, "parallel": 60 << 20, "fan": 80 << 20, "values": 60 << 20} { // bytes
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0], "--dir", dir)
			status := filepath.Join(dir, "status")
			cmd.Env = append(os.Environ(), asLoad+"="+name, asLoad+"_STATUS="+status)
			if *loadFlag {
				cmd.Env = append(cmd.Env, asLoad+"_FULL=1")
			}
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, out.String()[max(0, out.Len()-2000):])
			}
			text, err := os.ReadFile(status)
			if err != nil {
				t.Fatal(err)
			}
			var took int64
			_, peak, _ := strings.Cut(string(text), "VmHWM:")
			if _, err := fmt.Sscan(peak, &took); err != nil {
				t.Fatal(err)
			}
			took <<= 10
			t.Logf("%d MiB at most", took>>20)
			if took > most {
				t.Errorf("the runner took %d MiB of memory, more than %d", took>>20, most>>20)
			}
			h, err := rt.ReadRun(lastRun(t, dir))
			if err != nil || h.Status != rt.RunSucceeded {
				t.Fatalf("%v, %+v", err, h)
			}
			if name != "values" {
				return
			}
			if n := h.Steps["read"].Outputs["n"]; n != int64(100_000_000) {
				t.Errorf("the value arrived with a length of %v", n)
			}
			if info, err := os.Stat(filepath.Join(h.Dir, "journal.jsonl")); err != nil || info.Size() > 1<<20 {
				t.Errorf("the journal has the value: %v, %v", info, err)
			}
		})
	}
}
