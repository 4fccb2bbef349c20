//go:build unix

package runtime_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// counted is a step that leaves a line in a file outside of the run each time that it really runs.
func counted(t *testing.T) (rt.Step, func() int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "runs")
	step := rt.Step{Name: "s", Cache: true,
		Script:  "echo x >> " + file + `; echo "$IN_X" > "$OUT_Y"; echo a > "$OUT_D/a"; mkdir "$OUT_D/none"; echo f > "$OUT_F"`,
		With:    []rt.Input{{Name: "x", Type: "int", Value: rt.Param("x")}},
		Outputs: []rt.OutputSpec{{Name: "y", Type: "int"}, {Name: "d", Type: "dir"}, {Name: "f", Type: "file"}}}
	return step, func() int {
		content, _ := os.ReadFile(file)
		return strings.Count(string(content), "\n")
	}
}

func TestCache(t *testing.T) {
	step, runs := counted(t)
	dir := t.TempDir()
	reader := rt.Step{Name: "reader", Needs: []string{"s"}, Script: `ls "$IN_D"; cat "$IN_D/a" "$IN_F"`,
		With: []rt.Input{{Name: "d", Type: "dir", Value: rt.Output("s", "d")}, {Name: "f", Type: "file", Value: rt.Output("s", "f")}}}
	code := rt.Code{Files: fstest.MapFS{"a.py": {Data: []byte("1")}}}
	once := func(what string, wanted int, x string, change func(*rt.Step)) {
		t.Helper()
		changed := step
		if change != nil {
			change(&changed)
		}
		p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "x", Type: "int", Default: 1}}, Steps: []rt.Step{changed, reader}}
		r, err := rt.Run(t.Context(), p, code, rt.Options{Dir: dir, Params: map[string]string{"x": x}})
		if err != nil {
			t.Fatal(err)
		}
		if got := runs(); got != wanted || r.Status != rt.RunSucceeded || fmt.Sprint(r.Steps[0].Outputs["y"]) != x {
			t.Fatalf("%s: ran %d times, want %d: %s %+v", what, got, wanted, r.Status, r.Steps)
		}
		if got := log(t, r.Steps[1]); got != "a\nnone\na\nf\n" {
			t.Fatalf("%s: the artifacts are %q", what, got)
		}
	}
	once("the first run", 1, "1", nil)
	once("the same", 1, "1", nil)
	once("another input", 2, "2", nil)
	once("that again", 2, "2", nil)
	once("another variable", 3, "1", func(s *rt.Step) { s.Env = []rt.EnvVar{{Name: "A", Value: rt.Lit("b")}} })
	once("another timeout", 3, "1", func(s *rt.Step) { s.Timeout = time.Minute })
	once("without cache", 4, "1", func(s *rt.Step) { s.Cache = false })
	once("young enough", 4, "1", func(s *rt.Step) { s.CacheTTL = time.Hour })
	once("too old", 5, "1", func(s *rt.Step) { s.CacheTTL = time.Nanosecond })
	code.Files = fstest.MapFS{"a.py": {Data: []byte("2")}}
	once("other code", 6, "1", nil)
	once("that code again", 6, "1", nil)
	for i, broken := range []string{"entry.json", "d/a", "f", "y"} {
		corrupt(t, dir, broken)
		once("a corrupted "+broken, 7+i, "1", nil)
		once("mended", 7+i, "1", nil)
	}
}

// corrupt adds to a file of every entry.
func corrupt(t *testing.T, dir, name string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, ".zenc", "cache", "*", "*", name))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s in the cache: %v", name, err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("broken"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCacheKnowsContents has an input whose path is another one in each run.
func TestCacheKnowsContents(t *testing.T) {
	step, runs := counted(t)
	step.With = append(step.With, rt.Input{Name: "rows", Type: "file", Value: rt.Output("make", "rows")})
	step.Needs = []string{"make"}
	command := rt.Step{Name: "c", Cache: true, Needs: []string{"make"}, Command: []rt.Expr{rt.Lit("cp"), rt.Output("make", "rows"), rt.Path("copy")},
		Outputs: []rt.OutputSpec{{Name: "copy", Type: "file"}}}
	dir := t.TempDir()
	for i, c := range []struct {
		text string
		runs int
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"a", 2}} {
		maker := rt.Step{Name: "make", Script: "echo " + c.text + ` > "$OUT_ROWS"`, Outputs: []rt.OutputSpec{{Name: "rows", Type: "file"}}}
		p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "x", Type: "int", Default: 1}}, Steps: []rt.Step{maker, step, command}}
		r, err := rt.Run(t.Context(), p, rt.Code{}, rt.Options{Dir: dir})
		if err != nil || r.Status != rt.RunSucceeded || runs() != c.runs {
			t.Fatalf("run %d: %v, ran %d times, want %d: %+v", i, err, runs(), c.runs, r)
		}
		fromCache := strings.Contains(log(t, r.Steps[2]), "from the cache")
		if copied, _ := os.ReadFile(r.Steps[2].Outputs["copy"].(string)); string(copied) != c.text+"\n" || fromCache != (i == 1 || i == 3) {
			t.Errorf("run %d: the command gave %q, from the cache: %v", i, copied, fromCache)
		}
	}
}

func TestFailuresAreNotCached(t *testing.T) {
	dir, marker := t.TempDir(), filepath.Join(t.TempDir(), "marker")
	step := rt.Step{Name: "s", Cache: true, Script: "test -e " + marker + ` && echo 1 > "$OUT_Y"`, Outputs: []rt.OutputSpec{{Name: "y", Type: "int"}}}
	once := func(want rt.Status) {
		t.Helper()
		r, err := rt.Run(t.Context(), &rt.Pipeline{Name: "p", Steps: []rt.Step{step}}, rt.Code{}, rt.Options{Dir: dir})
		if err != nil || r.Status != want {
			t.Fatalf("%v %+v, want %s", err, r, want)
		}
	}
	once(rt.RunFailed)
	if err := os.WriteFile(marker, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	once(rt.RunSucceeded)
	if err := os.Remove(marker); err != nil {
		t.Fatal(err)
	}
	once(rt.RunSucceeded)
}
