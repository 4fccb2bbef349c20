//go:build unix

package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// never is a step that must not run.
func never(name string, outputs ...rt.OutputSpec) rt.Step {
	return rt.Step{Name: name, Script: "exit 99", Outputs: outputs}
}

func output(name, typ string) rt.OutputSpec { return rt.OutputSpec{Name: name, Type: typ} }

func TestGivenOutputsArePassedOn(t *testing.T) {
	fan := never("fan", output("y", "int"))
	fan.Foreach = each("x", 1, 2)
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{never("a", output("n", "float"), output("s", "string")), fan,
		{Name: "all", Needs: []string{"a", "fan"}, Script: `echo "$IN_N $IN_S $IN_Y"`, With: []rt.Input{
			{Name: "n", Type: "float", Value: rt.Output("a", "n")}, {Name: "s", Type: "string", Value: rt.Output("a", "s")},
			{Name: "y", Type: "list[json]", Value: rt.Output("fan", "y")}}}}}
	r := run(t, p, rt.Code{}, rt.Options{Given: map[string]rt.StepResult{
		"a":   {State: rt.Succeeded, Outputs: rt.Values{"n": 1, "s": "two words"}},
		"fan": {State: rt.Succeeded, Outputs: rt.Values{"y": []any{1, nil, 3}}},
	}})
	if got := log(t, step(t, r, "all")); r.Status != rt.RunSucceeded || got != "1.0 two words [1,null,3]\n" {
		t.Errorf("%s, %s", r.Status, got)
	}
	if a := step(t, r, "a"); a.State != rt.Succeeded || a.Attempts != 0 {
		t.Errorf("%+v", a)
	}
}

func TestGivenFailure(t *testing.T) {
	status := rt.Step{Name: "last", Finally: true, Script: `echo "$IN_S"`, With: []rt.Input{{Name: "s", Type: "string", Value: rt.RunField("status")}}}
	alarm := rt.Step{Name: "alarm", Finally: true, Script: "true"}
	p := func() *rt.Pipeline {
		return &rt.Pipeline{Name: "p", Steps: []rt.Step{never("a"), {Name: "b", Needs: []string{"a"}, Script: "true"},
			{Name: "mend", Needs: []string{"a"}, RunIf: "failed", Script: "true"}, {Name: "other", Script: "true"}, status, alarm}}
	}
	for _, c := range []struct {
		given    string
		failFast bool
		want     string
	}{
		{"a", false, "b upstream_failed, mend succeeded, other succeeded, failed"},
		{"a", true, "b upstream_failed, mend skipped, other skipped, failed"},
		// What finally's steps see of the run is settled before they end.
		{"alarm", false, "b succeeded, mend skipped, other succeeded, succeeded"},
	} {
		pipeline := p()
		pipeline.FailFast = c.failFast
		if c.given == "alarm" {
			pipeline.Steps[0].Script = "true"
		}
		r := run(t, pipeline, rt.Code{}, rt.Options{Given: map[string]rt.StepResult{c.given: {State: rt.Failed, Error: "no more disk"}}})
		if s := step(t, r, c.given); r.Status != rt.RunFailed || s.State != rt.Failed || s.Error != "no more disk" {
			t.Errorf("%s: %s, %+v", c.given, r.Status, s)
		}
		var got []string
		for _, name := range []string{"b", "mend", "other"} {
			got = append(got, name+" "+string(step(t, r, name).State))
		}
		got = append(got, strings.TrimSpace(log(t, step(t, r, "last"))))
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s, fail_fast %t: %s, want %s", c.given, c.failFast, text, c.want)
		}
	}
}

// mapped is a group with an instance of its steps for each of three elements.
func mapped() []rt.Step {
	fetch, fit := never("g.fetch", output("n", "int")), rt.Step{Name: "g.fit", Script: `echo $((IN_N * IN_X)) > "$OUT_M"`, Outputs: []rt.OutputSpec{output("m", "int")}}
	fetch.Along, fetch.Gate = "g", "g"
	fit.Along, fit.Gate, fit.Needs = "g", "g", []string{"g.fetch"}
	fit.With = []rt.Input{{Name: "n", Type: "int", Value: rt.Output("g.fetch", "n")}, {Name: "x", Type: "int", Value: rt.EachItem("x")}}
	return []rt.Step{{Name: "g", Foreach: each("x", 1, 2, 3), MaxParallel: 1}, fetch, fit}
}

func TestGivenInstancesOfAGroup(t *testing.T) {
	r := run(t, &rt.Pipeline{Name: "p", Steps: mapped()}, rt.Code{}, rt.Options{Given: map[string]rt.StepResult{
		"g.fetch": {State: rt.Succeeded, Outputs: rt.Values{"n": []any{5, nil, 7}}}}})
	fit := step(t, r, "g.fit")
	if diff := cmp.Diff(rt.Values{"m": []any{int64(5), nil, int64(21)}}, fit.Outputs); diff != "" || fit.Instances[rt.Skipped] != 1 {
		t.Errorf("%+v\n%s", fit, diff)
	}
	r = run(t, &rt.Pipeline{Name: "p", Steps: mapped()}, rt.Code{}, rt.Options{Given: map[string]rt.StepResult{"g.fetch": {State: rt.Failed, Error: "gone"}}})
	if fit := step(t, r, "g.fit"); r.Status != rt.RunFailed || fit.State != rt.UpstreamFailed || step(t, r, "g.fetch").Instances[rt.Failed] != 3 {
		t.Errorf("%+v", r.Steps)
	}
	r = run(t, &rt.Pipeline{Name: "p", Steps: mapped()}, rt.Code{}, rt.Options{Given: map[string]rt.StepResult{
		"g.fetch": {State: rt.Succeeded, Outputs: rt.Values{"n": []any{5}}}}})
	if g := step(t, r, "g"); g.State != rt.Failed || g.Error != `the given outputs of "g.fetch" are lists of 1, and the number of instances is 3` {
		t.Errorf("%+v", g)
	}
}

func TestGivenIsRefused(t *testing.T) {
	steps := append(mapped(), never("a", output("n", "int")))
	for _, c := range []struct {
		name string
		r    rt.StepResult
		want string
	}{
		{"b", rt.StepResult{State: rt.Succeeded}, `there is no step "b"`},
		{"g", rt.StepResult{State: rt.Succeeded}, `"g" is a group`},
		{"a", rt.StepResult{State: rt.UpstreamFailed}, "must be succeeded, failed or skipped"},
		{"a", rt.StepResult{State: rt.Succeeded, Outputs: rt.Values{"n": "x"}}, `output "n": want int, got string "x"`},
		{"g.fetch", rt.StepResult{State: rt.Succeeded, Outputs: rt.Values{"n": 1}}, "want list[int]"},
	} {
		dir := t.TempDir()
		_, err := rt.Run(context.Background(), &rt.Pipeline{Name: "p", Steps: steps}, rt.Code{}, rt.Options{Dir: dir, Given: map[string]rt.StepResult{c.name: c.r}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestGivenSecrets(t *testing.T) {
	a, b := secretStep("a", "exit 1"), secretStep("b", `test "$TOKEN" = sesame`)
	a.Secrets = []rt.Secret{{Name: "UNSET_SECRET_OF_A_STEP_THAT_DOES_NOT_RUN", Ref: "vault/other"}}
	b.Secrets = []rt.Secret{{Name: "TOKEN", Ref: "vault/token"}}
	r := run(t, &rt.Pipeline{Name: "p", Steps: []rt.Step{a, b}}, rt.Code{}, rt.Options{
		Given: map[string]rt.StepResult{"a": {State: rt.Succeeded}}, Secrets: map[string]string{"TOKEN": "sesame"}})
	if r.Status != rt.RunSucceeded {
		t.Errorf("%+v", r.Steps)
	}
}
