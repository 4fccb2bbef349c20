//go:build unix

package runtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// states are the states of a run's steps by name.
func states(r *rt.Result) map[string]rt.State {
	out := map[string]rt.State{}
	for _, s := range r.Steps {
		out[s.Name] = s.State
	}
	return out
}

func report() rt.Step {
	return rt.Step{Name: "report", Finally: true, Script: `echo "$IN_STATUS" > "$OUT_TEXT"`, Outputs: []rt.OutputSpec{{Name: "text", Type: "string"}},
		With: []rt.Input{{Name: "status", Type: "string", Value: rt.RunField("status")}}}
}

func TestFinallyRunsAfterACancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "a", Script: "sleep 1000"},
		{Name: "b", Script: "true", Needs: []string{"a"}},
		report(),
		{Name: "last", Finally: true, Script: "true", Needs: []string{"report"}},
	}}
	r := runCtx(t, ctx, p, rt.Code{}, rt.Options{Sink: cancelOn{"a", cancel}})
	want := map[string]rt.State{"a": rt.Failed, "b": rt.Skipped, "report": rt.Succeeded, "last": rt.Succeeded}
	if diff := cmp.Diff(want, states(r)); diff != "" || r.Status != rt.RunCancelled || step(t, r, "report").Outputs["text"] != "failed" {
		t.Errorf("%s %v\n%s", r.Status, r.Steps, diff)
	}
}

func TestACancellationEndsFinally(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "a", Script: "true"},
		{Name: "b", Finally: true, Script: "sleep 1000"},
		{Name: "c", Finally: true, Script: "true", Needs: []string{"b"}},
	}}
	r := runCtx(t, ctx, p, rt.Code{}, rt.Options{Sink: cancelOn{"b", cancel}})
	want := map[string]rt.State{"a": rt.Succeeded, "b": rt.Failed, "c": rt.Skipped}
	if diff := cmp.Diff(want, states(r)); diff != "" || r.Status != rt.RunCancelled {
		t.Errorf("%s %v\n%s", r.Status, r.Steps, diff)
	}
}

func TestFinallyRunsAfterTheTimeoutOfThePipeline(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Timeout: 200 * time.Millisecond, Steps: []rt.Step{{Name: "a", Script: "sleep 1000"}, report()}}
	r := run(t, p, rt.Code{}, rt.Options{})
	if r.Status != rt.RunFailed || step(t, r, "a").State != rt.Failed || step(t, r, "report").Outputs["text"] != "failed" {
		t.Errorf("%s %+v", r.Status, r.Steps)
	}
}

// TestFailFast: what has not started is skipped, what runs goes on, and is tried again.
func TestFailFast(t *testing.T) {
	p := &rt.Pipeline{Name: "p", FailFast: true, MaxParallel: 2, Steps: []rt.Step{
		{Name: "fails", Script: "exit 1"},
		{Name: "runs", Script: `[ -e "$MARK" ] || { touch "$MARK"; sleep 0.5; exit 1; }`, Retries: rt.Retries{Limit: 1},
			Env: []rt.EnvVar{{Name: "MARK", Value: rt.Lit(t.TempDir() + "/mark")}}},
		{Name: "waits", Script: "true"},
		{Name: "after", Script: "true", Needs: []string{"runs"}},
		{Name: "cleanup", Script: "true", Needs: []string{"fails"}, RunIf: "done"},
		report(),
	}}
	r := run(t, p, rt.Code{}, rt.Options{})
	want := map[string]rt.State{"fails": rt.Failed, "runs": rt.Succeeded, "waits": rt.Skipped, "after": rt.Skipped, "cleanup": rt.Skipped,
		"report": rt.Succeeded}
	if diff := cmp.Diff(want, states(r)); diff != "" || r.Status != rt.RunFailed || step(t, r, "runs").Attempts != 2 {
		t.Errorf("%s %+v\n%s", r.Status, r.Steps, diff)
	}
}

func TestAllowedFailure(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		{Name: "a", Script: "echo why; exit 3", AllowFailure: true, Retries: rt.Retries{Limit: 1}},
		{Name: "needs", Script: "true", Needs: []string{"a"}},
		{Name: "either", Script: "true", Needs: []string{"a"}, RunIf: "not_failed"},
		{Name: "alarm", Script: "true", Needs: []string{"a"}, RunIf: "failed"},
		{Name: "broken", Script: "true", AllowFailure: true, When: rt.Op("==", rt.Op("/", rt.Lit(1), rt.Lit(0)), rt.Lit(1.0))},
	}}
	r := run(t, p, rt.Code{}, rt.Options{})
	want := map[string]rt.State{"a": rt.Skipped, "needs": rt.Skipped, "either": rt.Succeeded, "alarm": rt.Skipped, "broken": rt.Skipped}
	a := step(t, r, "a")
	if diff := cmp.Diff(want, states(r)); diff != "" || r.Status != rt.RunSucceeded || a.Attempts != 2 || log(t, a) != "why\n" {
		t.Errorf("%s %+v\n%s", r.Status, r.Steps, diff)
	}
}

func TestConditionWithoutAValueFailsTheStepOnce(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "a", Script: "true", Retries: rt.Retries{Limit: 5},
		When: rt.Op("==", rt.Op("/", rt.Lit(1), rt.Lit(0)), rt.Lit(1.0))}}}
	r := run(t, p, rt.Code{}, rt.Options{})
	if a := step(t, r, "a"); r.Status != rt.RunFailed || a.State != rt.Failed || a.Attempts != 1 || a.Error == "" {
		t.Errorf("%s %+v", r.Status, r.Steps)
	}
}
