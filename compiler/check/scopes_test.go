package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/spec"
)

const scoped = `
name: x
params: {p: {type: "list[int]"}, q: 1.5}
steps:
  a: {run: x, outputs: {n: int, f: file}}
  fan: {run: x, foreach: {v: "${{ params.p }}"}, when: "${{ each.v > 1 }}", with: {v: "${{ each.v }}"}, outputs: {n: int}}
  g:
    foreach: {place: [north, south]}
    steps:
      a: {run: x, with: {place: "${{ each.place }}"}, outputs: {s: string}}
      b: {run: x, needs: [a]}
    outputs: {s: "${{ steps.a.s }}"}
  other: {pipeline: other.yaml, with: {rate: 0.5}}
  soft: {run: x, needs: [a, g], run_if: done}
finally:
  end: {run: x}
`

const inner = `
name: other
params: {rate: {type: float, description: How fast}}
steps: {t: {run: x, outputs: {loss: float}}}
outputs: {loss: "${{ steps.t.loss }}"}
`

func scopes(t *testing.T, text string) *check.Scopes {
	t.Helper()
	tree := spec.Parse([]byte(text), &diag.List{})
	if tree == nil {
		t.Fatal("no tree")
	}
	return check.NewScopes(tree, check.Folders{Pipeline: fstest.MapFS{"other.yaml": {Data: []byte(inner)}}})
}

// TestTypes asks for the type of an expression at a place.
func TestTypes(t *testing.T) {
	s := scopes(t, scoped)
	for _, c := range []struct{ path, key, text, want string }{
		{"soft", "with", "steps.a.n", "int, or null"},
		{"fan", "with", "each.v", "int"},
		{"fan", "with", "steps.a.n", "int"},
		{"g a", "with", "each.place", "string"},
		{"g b", "with", "steps.a.s", "string"},
		{"g b", "with", "steps.fan.n[0]", "int, or null"},
		{"g", "outputs", "steps.a.s", "string"},
		{"end", "with", "run.status", "string"},
		{"end", "with", "steps.g.s", "list[string], elements may be null"},
		{"soft", "with", "steps.other.loss", "float, or null"},
		{"", "outputs", "steps.fan.n", "list[int], elements may be null"},
		{"soft", "with", "run.interval.start", "string, or null"},
		{"a", "with", "steps.nothing.n", ""},
		{"a", "with", "steps.", ""},
	} {
		scope, ok := s.At(strings.Fields(c.path), c.key)
		if !ok {
			t.Errorf("%s: no scope", c.path)
			continue
		}
		e := expr.Value(&spec.Value{Text: "${{ " + c.text + " }}"}, scope, &diag.List{})
		if got := expr.TypeOf(e); got != c.want {
			t.Errorf("%s in %s of %q: %q, want %q", c.text, c.key, c.path, got, c.want)
		}
	}
	if _, ok := s.At([]string{"g", "nothing"}, "with"); ok {
		t.Error("there is a scope of a step that is not there")
	}
}

// TestResolve asks which step a name means.
func TestResolve(t *testing.T) {
	s := scopes(t, scoped)
	for _, c := range []struct{ path, key, name, want string }{
		{"g b", "needs", "a", "g.a"},
		{"soft", "needs", "a", "a"},
		{"g b", "with", "fan", "fan"},
		{"g", "outputs", "b", "g.b"},
		{"g a", "with", "g", ""},
		{"", "outputs", "g", "g"},
		{"a", "with", "b", ""},
	} {
		found, _ := s.Resolve(strings.Fields(c.path), c.key, c.name)
		if got := strings.Join(found, "."); got != c.want {
			t.Errorf("%s in %s of %q: %q, want %q", c.name, c.key, c.path, got, c.want)
		}
	}
}

func TestAbout(t *testing.T) {
	s := scopes(t, scoped)
	for path, want := range map[string]string{
		"soft":  "run, needs [a g], done",
		"fan":   "run, v int, in [v int], out [n int]",
		"g":     "group, place string, out [s list[string]]",
		"g a":   "run, in [place string], out [s string]",
		"other": "group of other.yaml with [rate float], out [loss float]",
	} {
		about, ok := s.About(strings.Fields(path))
		got := string(about.Kind)
		if about.Group {
			got = "group"
		}
		if about.Inlines != "" {
			got += fmt.Sprintf(" of %s with [%s %s]", about.Inlines, about.Params[0].Name, about.Params[0].Type)
		}
		for _, e := range about.Elements {
			got += fmt.Sprintf(", %s %s", e.Name, e.Type)
		}
		for _, in := range about.Inputs {
			got += fmt.Sprintf(", in [%s %s]", in.Name, in.Type)
		}
		for _, o := range about.Outputs {
			got += fmt.Sprintf(", out [%s %s]", o.Name, o.Type)
		}
		if len(about.Needs) > 0 {
			got += fmt.Sprintf(", needs %v", about.Needs)
		}
		if about.RunIf != "" {
			got += ", " + string(about.RunIf)
		}
		if !ok || got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestScopesOfAnything asks everything of every spec of the tests, right or wrong.
func TestScopesOfAnything(t *testing.T) {
	asked := 0
	for _, pattern := range []string{"../../golden/*/pipeline.yaml", "../../golden/errors/*/pipeline.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := spec.Parse(data, &diag.List{})
			if tree == nil {
				continue
			}
			s := check.NewScopes(tree, check.Folders{Pipeline: os.DirFS(filepath.Dir(file))})
			asked += askAll(s, nil, tree.Steps) + askAll(s, nil, tree.Finally) + askAll(s, nil, nil)
		}
	}
	if asked < 200 {
		t.Errorf("asked of %d places only", asked)
	}
}

func askAll(s *check.Scopes, path []string, steps []*spec.Step) int {
	asked := 1
	s.About(path)
	for _, key := range []string{"with", "outputs", "command"} {
		s.Elements(path, key)
		scope, ok := s.At(path, key)
		if !ok {
			continue
		}
		for _, name := range scope.StepNames() {
			s.Resolve(path, key, name.Value)
			if p, ok := scope.Step(name.Value); ok {
				for _, o := range p.Outputs {
					expr.TypeOf(expr.Value(&spec.Value{Text: "${{ steps." + name.Value + "." + o.Name + " }}"}, scope, &diag.List{}))
				}
			}
		}
	}
	for _, step := range steps {
		asked += askAll(s, append(path[:len(path):len(path)], step.Name.Value), step.Steps)
	}
	return asked
}
