//go:build unix

package runtime_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

func dryRun(t *testing.T, p *rt.Pipeline, o rt.Options) (*rt.Preview, string) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	before := files(t, o.Dir)
	preview, err := rt.DryRun(p, rt.Code{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, files(t, o.Dir)); diff != "" {
		t.Errorf("the folder is not what it was: %s", diff)
	}
	var b strings.Builder
	if err := preview.Write(&b, "text"); err != nil {
		t.Fatal(err)
	}
	return preview, b.String()
}

// files are the names of what is in a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// outlooks is one word a step: its outlook, or what becomes of it.
func outlooks(p *rt.Preview) string {
	var out []string
	for _, s := range p.Steps {
		word := string(s.Outlook)
		if s.Outlook == rt.WillNotRun {
			word = string(s.State)
		}
		out = append(out, s.Name+" "+word)
	}
	return strings.Join(out, ", ")
}

func TestDryRunFollowsConditions(t *testing.T) {
	is := func(value any) rt.Expr { return rt.Op("==", rt.Param("region"), rt.Lit(value)) }
	perhaps := rt.Op(">", rt.Output("a", "n"), rt.Lit(1))
	bad := rt.Step{Name: "bad", Script: "true", With: []rt.Input{{Name: "x", Type: "float", Value: rt.Op("/", rt.Lit(1), rt.Lit(0))}}}
	for _, c := range []struct {
		what  string
		steps []rt.Step
		want  string
	}{
		{"a false one", []rt.Step{{Name: "us", Script: "true", When: is("us")}, {Name: "b", Script: "true", Needs: []string{"us"}},
			{Name: "c", Script: "true", Needs: []string{"us"}, RunIf: "not_failed"}}, "us skipped, b skipped, c runs"},
		{"one that is not known", []rt.Step{{Name: "a", Script: "true", Outputs: []rt.OutputSpec{{Name: "n", Type: "int"}}},
			{Name: "b", Script: "true", Needs: []string{"a"}, When: perhaps}, {Name: "c", Script: "true", Needs: []string{"b"}},
			{Name: "d", Script: "true", Needs: []string{"b"}, RunIf: "not_failed"}}, "a runs, b may_run, c may_run, d runs"},
		{"a failure", []rt.Step{{Name: "a", Script: "true"}, {Name: "alarm", Script: "true", Needs: []string{"a"}, RunIf: "failed"}, bad,
			{Name: "c", Script: "true", Needs: []string{"bad"}}, {Name: "mend", Script: "true", Needs: []string{"bad"}, RunIf: "failed"}},
			"a runs, alarm may_run, bad failed, c upstream_failed, mend runs"},
		{"nothing to fail", []rt.Step{{Name: "a", Script: "true", When: is("us")}, {Name: "b", Script: "true", Needs: []string{"a"}, RunIf: "failed"}}, "a skipped, b skipped"},
		{"a gate", []rt.Step{{Name: "g", When: is("us")}, {Name: "g.a", Script: "true", Gate: "g", RunIf: "done"}}, "g skipped, g.a skipped"},
	} {
		p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "region", Type: "string", Default: "eu"}}, Steps: c.steps}
		preview, _ := dryRun(t, p, rt.Options{})
		if got := outlooks(preview); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestDryRunShowsValues(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "n", Type: "int", Default: 3}}, Steps: []rt.Step{
		{Name: "a", Command: []rt.Expr{rt.Lit("train"), rt.Text(rt.Lit("--out="), rt.Path("m"))}, Outputs: []rt.OutputSpec{{Name: "m", Type: "file"}},
			With: []rt.Input{{Name: "n", Type: "float", Value: rt.Op("*", rt.Param("n"), rt.Lit(2))}, {Name: "id", Type: "string", Value: rt.RunField("id")}},
			Env:  []rt.EnvVar{{Name: "X", Value: rt.Text(rt.Lit("n"), rt.Param("n"))}}, Secrets: []rt.Secret{{Name: "TOKEN", Ref: "vault/token"}}},
		{Name: "b", Script: "one\ntwo\n", Needs: []string{"a"}, With: []rt.Input{{Name: "m", Type: "file", Value: rt.Output("a", "m")}}},
	}}
	_, text := dryRun(t, p, rt.Options{Params: map[string]string{"n": "4"}})
	want := `p: a dry run, nothing is started and no file is made
    params.n = 4
a: command train --out=…/m
    secret TOKEN (vault/token)
    with n = 8.0
    with id = ${{ run.id }}
    env X = "n4"
b: run
    | one
    | two
    needs a
    with m = ${{ steps.a.m }}
steps: 2 would run
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}

func TestDryRunOfManyInstances(t *testing.T) {
	var items []any
	for i := range 1000 {
		items = append(items, i)
	}
	fan := echo("fan", each("x", items...), "x")
	fan.When, fan.WhenPerItem = rt.Op("!=", rt.EachItem("x"), rt.Lit(1)), true
	none := echo("none", each("x"), "x")
	later := echo("later", []rt.Each{{Name: "x", Items: rt.Output("fan", "y")}}, "x")
	later.Needs = []string{"fan"}
	preview, text := dryRun(t, &rt.Pipeline{Name: "p", Steps: []rt.Step{fan, none, later}}, rt.Options{})
	if got := outlooks(preview); got != "fan runs, none skipped, later runs" || *preview.Steps[0].Count != 1000 || preview.Steps[2].Count != nil {
		t.Errorf("%s, %+v", got, preview.Steps)
	}
	for _, want := range []string{"instances: 1000\n", "[0] x = 0\n", "[1] x = 1: skipped", "… and 997 more\n", "foreach x in ${{ steps.fan.y }}", "with x = ${{ each.x }}"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var b strings.Builder
	if err := preview.Write(&b, "json"); err != nil || !json.Valid([]byte(b.String())) {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestDryRunOfAGroup(t *testing.T) {
	preview, text := dryRun(t, &rt.Pipeline{Name: "p", Steps: mapped()}, rt.Options{})
	if got := outlooks(preview); got != "g runs, g.fetch runs, g.fit runs" {
		t.Error(got)
	}
	for _, want := range []string{"g: group\n", "    [2] x = 3\n", "        with n = ${{ steps.g.fetch.n }}\n        with x = 3\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestDryRunRefusesAsRunDoes(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "n", Type: "int", Default: 3, Max: 5}}}
	_, err := rt.DryRun(p, rt.Code{}, rt.Options{Dir: t.TempDir(), Params: map[string]string{"n": "6"}})
	var bad *rt.ParamError
	if !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
}
