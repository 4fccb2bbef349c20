//go:build unix

package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

func each(name string, items ...any) []rt.Each {
	return []rt.Each{{Name: name, Items: rt.Lit(items)}}
}

// echo is a script that passes its inputs on.
func echo(name string, foreach []rt.Each, inputs ...string) rt.Step {
	s := rt.Step{Name: name, Foreach: foreach, Outputs: []rt.OutputSpec{{Name: "y", Type: "string"}}}
	for _, in := range inputs {
		s.With = append(s.With, rt.Input{Name: in, Type: "json", Value: rt.EachItem(in)})
		s.Script += `printf '%s ' "$IN_` + strings.ToUpper(in) + `" >> "$OUT_Y"` + "\n"
	}
	return s
}

func TestFanOutIsAligned(t *testing.T) {
	fan := echo("fan", []rt.Each{{Name: "a", Items: rt.Lit([]any{1, 2})}, {Name: "b", Items: rt.Lit([]any{"x", nil, 1.0})}}, "a", "b")
	fan.When, fan.WhenPerItem = rt.Op("!=", rt.EachItem("b"), rt.Lit(nil)), true
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{fan,
		{Name: "all", Needs: []string{"fan"}, Script: `echo "$IN_ALL"`, With: []rt.Input{{Name: "all", Type: "list[json]", Value: rt.Output("fan", "y")}}}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	want := `["1 \"x\" ",null,"1 1.0 ","2 \"x\" ",null,"2 1.0 "]` + "\n"
	if got := log(t, step(t, r, "all")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got := step(t, r, "fan")
	if got.State != rt.Succeeded || got.Attempts != 4 || !cmp.Equal(got.Instances, map[rt.State]int{rt.Succeeded: 4, rt.Skipped: 2}) {
		t.Errorf("%+v", got)
	}
}

func TestFanOutStates(t *testing.T) {
	fan := func(script string, allow bool, items ...any) rt.Step {
		return rt.Step{Name: "fan", Foreach: each("x", items...), Script: script, AllowFailure: allow,
			With: []rt.Input{{Name: "x", Type: "int", Value: rt.EachItem("x")}}, Outputs: []rt.OutputSpec{{Name: "y", Type: "int"}}}
	}
	const unlessTwo = `test "$IN_X" != 2 && echo "$IN_X" > "$OUT_Y"`
	for _, c := range []struct {
		what       string
		fan        rt.Step
		state      rt.State
		dependents string
	}{
		{"one fails", fan(unlessTwo, false, 1, 2, 3), rt.Failed, "upstream_failed [1,null,3]"},
		{"one fails, and may", fan(unlessTwo, true, 1, 2, 3), rt.Succeeded, "succeeded [1,null,3]"},
		{"all fail, and may", fan("false", true, 1, 2), rt.Skipped, "skipped [null,null]"},
		{"empty", fan("false", false), rt.Skipped, "skipped []"},
	} {
		p := &rt.Pipeline{Name: "p", Steps: []rt.Step{c.fan, {Name: "after", Needs: []string{"fan"}, Script: "true"},
			{Name: "all", Needs: []string{"fan"}, RunIf: "done", Script: `printf %s "$IN_Y"`,
				With: []rt.Input{{Name: "y", Type: "list[json]", Value: rt.Output("fan", "y")}}}}}
		r := run(t, p, rt.Code{}, rt.Options{})
		got := fmt.Sprintf("%s %s", step(t, r, "after").State, log(t, step(t, r, "all")))
		if step(t, r, "fan").State != c.state || got != c.dependents {
			t.Errorf("%s: %+v, %s, want %s", c.what, step(t, r, "fan"), got, c.dependents)
		}
	}
}

func TestForeachNeedsAList(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "fan", Foreach: []rt.Each{{Name: "x", Items: rt.Lit("text")}}, Script: "true"}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	if s := step(t, r, "fan"); s.State != rt.Failed || s.Attempts != 0 || s.Error != `foreach "x": want a list, got string "text"` {
		t.Errorf("%+v", s)
	}
}

// TestMaxParallel counts the instances that hold a file at a time.
func TestMaxParallel(t *testing.T) {
	dir := t.TempDir()
	var items []any
	for i := range 9 {
		items = append(items, i)
	}
	fan := rt.Step{Name: "fan", Foreach: each("x", items...), MaxParallel: 2,
		Script: `touch "$DIR/$$"; ls "$DIR" | wc -l > "$OUT_N"; sleep 0.05; rm "$DIR/$$"`,
		Env:    []rt.EnvVar{{Name: "DIR", Value: rt.Lit(dir)}}, Outputs: []rt.OutputSpec{{Name: "n", Type: "int"}}}
	r := run(t, &rt.Pipeline{Name: "p", MaxParallel: 9, Steps: []rt.Step{fan}}, rt.Code{}, rt.Options{})
	counts, most := step(t, r, "fan").Outputs["n"].([]any), int64(0)
	for _, n := range counts {
		most = max(most, n.(int64))
	}
	if len(counts) != 9 || most != 2 {
		t.Errorf("%v", counts)
	}
}

func TestFailFastSkipsInstances(t *testing.T) {
	fan := rt.Step{Name: "fan", Foreach: each("x", 1, 2, 3, 4), MaxParallel: 1, Script: `test "$IN_X" != 2`,
		With: []rt.Input{{Name: "x", Type: "int", Value: rt.EachItem("x")}}}
	r := run(t, &rt.Pipeline{Name: "p", FailFast: true, Steps: []rt.Step{fan}}, rt.Code{}, rt.Options{})
	want := map[rt.State]int{rt.Succeeded: 1, rt.Failed: 1, rt.Skipped: 2}
	if s := step(t, r, "fan"); s.State != rt.Failed || !cmp.Equal(s.Instances, want) {
		t.Errorf("%+v", s)
	}
}

func TestCancellingEndsInstances(t *testing.T) {
	fan := rt.Step{Name: "fan", Foreach: each("x", 1, 2, 3, 4), Script: `sleep 1000`, Retries: rt.Retries{Limit: 1}}
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(300*time.Millisecond, func() { cancel(errors.New("enough")) })
	r, err := rt.Run(ctx, &rt.Pipeline{Name: "p", MaxParallel: 2, Steps: []rt.Step{fan}}, rt.Code{}, rt.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[rt.State]int{rt.Failed: 2, rt.Skipped: 2}
	if s := step(t, r, "fan"); r.Status != rt.RunCancelled || !cmp.Equal(s.Instances, want) {
		t.Errorf("%s %+v", r.Status, s)
	}
}

func TestFilesOfInstances(t *testing.T) {
	fan := rt.Step{Name: "fan", Foreach: each("x", 1, 2), Script: `test "$IN_X" = 1 && echo one > "$OUT_F"`, AllowFailure: true,
		With: []rt.Input{{Name: "x", Type: "int", Value: rt.EachItem("x")}}, Outputs: []rt.OutputSpec{{Name: "f", Type: "file"}}}
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{fan, {Name: "all", Needs: []string{"fan"}, Script: `printf %s "$IN_FILES"`,
		With: []rt.Input{{Name: "files", Type: "list[file]", Value: rt.Output("fan", "f")}}}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	paths := strings.Split(strings.Trim(log(t, step(t, r, "all")), "[]"), ",")
	if len(paths) != 2 || paths[1] != "null" {
		t.Fatalf("%v", paths)
	}
	path, _ := strconv.Unquote(paths[0])
	if content, err := os.ReadFile(path); err != nil || string(content) != "one\n" {
		t.Errorf("%s: %q, %v", path, content, err)
	}
}
