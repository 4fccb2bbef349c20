//go:build unix

package runtime_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

func stepRunner(t testing.TB) []byte { return template(t, "zenc_runtime_1/step.py") }

func template(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile("../../../templates/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// events collects what a run tells.
type events struct{ all []rt.Event }

func (e *events) Event(event rt.Event) { e.all = append(e.all, event) }

func run(t testing.TB, p *rt.Pipeline, code rt.Code, o rt.Options) *rt.Result {
	t.Helper()
	return runCtx(t, context.Background(), p, code, o)
}

func runCtx(t testing.TB, ctx context.Context, p *rt.Pipeline, code rt.Code, o rt.Options) *rt.Result {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.StepRunner = stepRunner(t)
	result, err := rt.Run(ctx, p, code, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func step(t testing.TB, r *rt.Result, name string) rt.StepResult {
	t.Helper()
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no step %q", name)
	return rt.StepResult{}
}

func log(t testing.TB, s rt.StepResult) string {
	t.Helper()
	content, err := os.ReadFile(s.Log)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestValuesGoFromStepToStep(t *testing.T) {
	code := rt.Code{Files: fstest.MapFS{
		"churn/__init__.py": {},
		"churn/steps.py": {Data: []byte(`
def extract(region, rows):
    rows.write_text(region * 2)
    return 3

def train(rows, count, ratio):
    return {"seen": rows.read_text(), "score": count * ratio}
`)},
		"deploy.sh": {Data: []byte("#!/bin/bash\necho \"$IN_SCORE\" > \"$1\"\n")},
	}, Executable: []string{"deploy.sh"}}
	p := &rt.Pipeline{Name: "churn", Params: []rt.ParamSpec{{Name: "region", Type: "string", Default: "eu"}}, Steps: []rt.Step{
		{Name: "extract", Python: "churn.steps:extract", With: []rt.Input{{Name: "region", Type: "string", Value: rt.Param("region")}},
			Outputs: []rt.OutputSpec{{Name: "rows", Type: "file"}, {Name: "count", Type: "int"}}},
		{Name: "train", Python: "churn.steps:train", Needs: []string{"extract"}, With: []rt.Input{
			{Name: "rows", Type: "file", Value: rt.Output("extract", "rows")},
			{Name: "count", Type: "int", Value: rt.Output("extract", "count")},
			{Name: "ratio", Type: "float", Value: rt.Lit(2)}},
			Outputs: []rt.OutputSpec{{Name: "seen", Type: "string"}, {Name: "score", Type: "float"}}},
		{Name: "deploy", Command: []rt.Expr{rt.Lit("./deploy.sh"), rt.Path("url")}, Needs: []string{"train"},
			With:    []rt.Input{{Name: "score", Type: "float", Value: rt.Output("train", "score")}},
			Outputs: []rt.OutputSpec{{Name: "url", Type: "string"}}},
		{Name: "report", Script: "pwd; ls; echo \"$GREETING\" > $OUT_TEXT", Needs: []string{"deploy"},
			Env:     []rt.EnvVar{{Name: "GREETING", Value: rt.Text(rt.Lit("at "), rt.Output("deploy", "url"))}},
			Outputs: []rt.OutputSpec{{Name: "text", Type: "string"}}},
	}}
	r := run(t, p, code, rt.Options{Params: map[string]string{"region": "us"}})
	if r.Status != rt.RunSucceeded {
		t.Fatalf("%+v", r.Steps)
	}
	if got := step(t, r, "train").Outputs; got["seen"] != "usus" || got["score"] != 6.0 {
		t.Errorf("train: %v", got)
	}
	if got := step(t, r, "report").Outputs["text"]; got != "at 6.0" {
		t.Errorf("report: %v", got)
	}
	if !strings.Contains(log(t, step(t, r, "report")), "deploy.sh") {
		t.Error("the shipped tree is not the working directory")
	}
	if left, err := os.ReadDir(filepath.Join(r.Dir, "work")); err == nil {
		t.Errorf("working directories are left: %v", left)
	}
}

func TestIndependentStepsRunAtOnce(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []rt.EnvVar{{Name: "D", Value: rt.Lit(dir)}}
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{ // each one waits for the other
		{Name: "a", Script: "echo x > $D/a; cat $D/b", Env: env, Timeout: 10 * time.Second},
		{Name: "b", Script: "cat $D/a; echo x > $D/b", Env: env, Timeout: 10 * time.Second},
	}}
	if r := run(t, p, rt.Code{}, rt.Options{}); r.Status != rt.RunSucceeded {
		t.Fatalf("%+v", r.Steps)
	}
}

func TestFailureStopsOnlyWhatNeedsIt(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "bad", Script: "echo why >&2; exit 7", Retries: rt.Retries{Limit: 2}},
		{Name: "good", Script: "true"},
		{Name: "both", Script: "true", Needs: []string{"bad", "good"}},
		{Name: "after", Script: "true", Needs: []string{"both"}},
		{Name: "free", Script: "true", Needs: []string{"good"}},
	}}
	r := run(t, p, rt.Code{}, rt.Options{})
	want := map[string]rt.State{"bad": rt.Failed, "good": rt.Succeeded, "both": rt.UpstreamFailed, "after": rt.UpstreamFailed, "free": rt.Succeeded}
	for _, s := range r.Steps {
		if s.State != want[s.Name] {
			t.Errorf("%s: %s", s.Name, s.State)
		}
	}
	bad := step(t, r, "bad")
	if r.Status != rt.RunFailed || bad.Attempts != 3 || bad.Error != "exit code 7" || log(t, bad) != "why\n" {
		t.Errorf("%s, %+v", r.Status, bad)
	}
	if step(t, r, "both").Attempts != 0 {
		t.Error("an upstream_failed step has attempts")
	}
}

func TestTimeoutEndsTheProcessGroup(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "slow", Timeout: 2 * time.Second, Script: `
trap "" TERM
sleep 1000 & echo $!
wait
sleep 1000`}}}
	r := run(t, p, rt.Code{}, rt.Options{Grace: 100 * time.Millisecond})
	s := step(t, r, "slow")
	if s.State != rt.Failed || !strings.Contains(s.Error, "timeout") {
		t.Fatalf("%+v", s)
	}
	assertDead(t, log(t, s))
}

func TestNothingOutlivesAStep(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Script: "sleep 1000 & echo $!"}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	if r.Status != rt.RunSucceeded {
		t.Fatalf("%+v", r.Steps)
	}
	assertDead(t, log(t, step(t, r, "s")))
}

// assertDead waits until the process is gone or a zombie that nobody has reaped yet.
func assertDead(t *testing.T, text string) {
	t.Helper()
	pid := strings.TrimSpace(text)
	if _, err := strconv.Atoi(pid); err != nil {
		t.Fatalf("no pid: %q", text)
	}
	for deadline := time.Now().Add(5 * time.Second); ; {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %s lives: %s", pid, stat)
		}
	}
}

// cancelOn cancels the run when a step starts.
type cancelOn struct {
	step   string
	cancel func()
}

func (c cancelOn) Event(e rt.Event) {
	if e.Event == "step_started" && e.Step == c.step {
		c.cancel()
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "a", Script: "sleep 1000", Retries: rt.Retries{Limit: 3}},
		{Name: "b", Script: "true", Needs: []string{"a"}},
	}}
	r := runCtx(t, ctx, p, rt.Code{}, rt.Options{Sink: cancelOn{"a", cancel}})
	a, b := step(t, r, "a"), step(t, r, "b")
	if r.Status != rt.RunCancelled || a.State != rt.Failed || a.Attempts != 1 || a.Error != "cancelled" || b.State != rt.Skipped || b.Error != "cancelled" {
		t.Errorf("%s %+v", r.Status, r.Steps)
	}
}

func TestPipelineTimeout(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Timeout: 200 * time.Millisecond, Steps: []rt.Step{
		{Name: "a", Script: "sleep 1000"}, {Name: "b", Script: "true", Needs: []string{"a"}}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	if r.Status != rt.RunFailed || step(t, r, "a").State != rt.Failed || step(t, r, "b").State != rt.Skipped {
		t.Errorf("%s %+v", r.Status, r.Steps)
	}
}

func TestParamErrorsAreAllToldBeforeAnythingIsMade(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{
		{Name: "region", Type: "string", Default: "eu", Enum: []any{"eu", "us"}},
		{Name: "folds", Type: "int", Required: true, Min: 1, Max: 5},
		{Name: "tag", Type: "string", Default: "v1", Pattern: "v[0-9]+"},
		{Name: "n", Type: "int", Default: 1},
		{Name: "missing", Type: "int", Required: true},
	}}
	dir := t.TempDir()
	_, err := rt.Run(context.Background(), p, rt.Code{}, rt.Options{Dir: dir,
		Params: map[string]string{"region": "asia", "folds": "6", "tag": "xv1", "n": "012", "regoin": "eu"}})
	var params *rt.ParamError
	if !errors.As(err, &params) || len(params.Problems) != 6 {
		t.Fatal(err)
	}
	for _, want := range []string{`"eu", "us"`, "at most 5", "v[0-9]+", "write 12", "-p missing=", `did you mean "region"?`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("files were made: %v", entries)
	}
}

func TestOutputErrorsNameTheOutput(t *testing.T) {
	for script, want := range map[string]string{
		"true":                  `output "x": nothing was written to $OUT_X`,
		"echo 1.5 > $OUT_X":     `output "x": want int, got "1.5"`,
		"mkdir $OUT_X":          "not a file",
		"ln -s /etc $OUT_X":     "not a file",
		"printf '\\xff'>$OUT_X": "not UTF-8",
	} {
		p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Script: script, Outputs: []rt.OutputSpec{{Name: "x", Type: "int"}}}}}
		s := step(t, run(t, p, rt.Code{}, rt.Options{}), "s")
		if s.State != rt.Failed || !strings.Contains(s.Error, want) {
			t.Errorf("%s: %+v", script, s)
		}
	}
}

func TestExpressionErrorIsNotTried(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "with", Script: "true", Retries: rt.Retries{Limit: 2}, With: []rt.Input{{Name: "x", Type: "float", Value: rt.Op("/", rt.Lit(1), rt.Lit(0))}}},
		{Name: "command", Command: []rt.Expr{rt.Lit("true"), rt.Index(rt.List(), rt.Lit(0))}},
		{Name: "big", Script: "true", With: []rt.Input{{Name: "x", Type: "string", Value: rt.Lit(strings.Repeat("a", 131072))}}},
		{Name: "nul", Script: "true", Env: []rt.EnvVar{{Name: "X", Value: rt.Lit("a\x00b")}}},
	}}
	r := run(t, p, rt.Code{}, rt.Options{})
	for name, want := range map[string]string{"with": "1 / 0: division by zero", "command": "argument 1: no element [0]", "big": `input "x": exceeds the 128 KiB`, "nul": `env "X": has a NUL`} {
		if s := step(t, r, name); s.State != rt.Failed || s.Attempts != 1 || !strings.Contains(s.Error, want) {
			t.Errorf("%+v", s)
		}
	}
}

func TestHostileStringsArriveUnchanged(t *testing.T) {
	hostile := "'\"`$(id) ${HOME} {{ x }} {% y %} %s \\n \\ \n\r\n\t é 🐍 \u2028 <&>!* -n\n" + strings.Repeat("0123456789", 1024)
	code := rt.Code{Files: fstest.MapFS{"m.py": {Data: []byte("import os\ndef f(x, j):\n    return {'x': x, 'j': j, 'e': os.environ['E']}\n")}}}
	out := []rt.OutputSpec{{Name: "x", Type: "string"}, {Name: "j", Type: "json"}, {Name: "e", Type: "string"}}
	with := []rt.Input{{Name: "x", Type: "string", Value: rt.Param("s")}, {Name: "j", Type: "json", Value: rt.Map([]string{hostile}, rt.List(rt.Param("s")))}}
	env := []rt.EnvVar{{Name: "E", Value: rt.Param("s")}}
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "s", Type: "string", Required: true}}, Steps: []rt.Step{
		{Name: "python", Python: "m:f", With: with, Env: env, Outputs: out},
		{Name: "script", Script: `printf '%s\n' "$IN_X" > $OUT_X; printf '%s\n' "$IN_J" > $OUT_J; printf '%s\n' "$E" > $OUT_E`, With: with, Env: env, Outputs: out},
		{Name: "command", Command: []rt.Expr{rt.Lit("bash"), rt.Lit("-c"), rt.Lit(`printf '%s\n' "$1" > $OUT_X; printf '%s\n' "$IN_J" > $OUT_J; printf '%s\n' "$E" > $OUT_E`), rt.Lit("-"), rt.Param("s")}, With: with, Env: env, Outputs: out},
	}}
	r := run(t, p, code, rt.Options{Params: map[string]string{"s": hostile}})
	for _, s := range r.Steps {
		j, _ := s.Outputs["j"].(map[string]any)
		items, _ := j[hostile].([]any)
		if s.Outputs["x"] != hostile || s.Outputs["e"] != hostile || len(items) != 1 || items[0] != hostile {
			t.Errorf("%s: %s %.300v", s.Name, s.Error, s.Outputs)
		}
	}
}

func TestWidePipeline(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "first", Script: "true"}}}
	for i := range 1000 {
		p.Steps = append(p.Steps, rt.Step{Name: "s" + strconv.Itoa(i), Command: []rt.Expr{rt.Lit("true")}, Needs: []string{"first"}})
	}
	if r := run(t, p, rt.Code{}, rt.Options{}); r.Status != rt.RunSucceeded || len(r.Steps) != 1001 {
		t.Error(r.Status)
	}
}

func TestStepsStartInSourceOrder(t *testing.T) {
	p := &rt.Pipeline{Name: "p", MaxParallel: 1}
	for _, name := range []string{"c", "a", "b"} {
		p.Steps = append(p.Steps, rt.Step{Name: name, Script: "true"})
	}
	var seen events
	run(t, p, rt.Code{}, rt.Options{Sink: &seen})
	var order string
	for _, e := range seen.all {
		if e.Event == "step_started" {
			order += e.Step
		}
	}
	if order != "cab" {
		t.Error(order)
	}
}
