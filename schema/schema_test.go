package schema

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// compiledSchema is a schema as a validator reads it.
func compiledSchema(t *testing.T, s *Schema) *jsonschema.Schema {
	t.Helper()
	text, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("zenc.json", doc); err != nil {
		t.Fatal(err)
	}
	out, err := c.Compile("zenc.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// data is a file as an editor sees it: aliases and merge keys resolved, scalars by the core schema of YAML 1.2.
func data(t *testing.T, file string) (any, bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.List
	v := spec.ParseValue(text, &diags)
	if v == nil || diags.HasErrors() {
		return nil, false
	}
	return plain(v), true
}

func plain(v *spec.Value) any {
	switch v.Kind {
	case spec.Sequence:
		out := []any{}
		for _, item := range v.Items {
			out = append(out, plain(item))
		}
		return out
	case spec.Mapping:
		out := map[string]any{}
		for _, e := range v.Entries {
			out[e.Key.Value] = plain(e.Value)
		}
		return out
	}
	switch v.FormOf() {
	case spec.NullForm:
		return nil
	case spec.BoolForm:
		return v.Text == "true"
	case spec.IntForm, spec.FloatForm:
		return json.Number(v.Text)
	}
	return v.Text
}

// files are those that match one of the patterns.
func files(t *testing.T, least int, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	if len(out) < least {
		t.Fatalf("%d files match %q", len(out), patterns)
	}
	return out
}

// TestLegalFiles holds that no schema finds fault with a file that is right.
func TestLegalFiles(t *testing.T) {
	for name, found := range map[string][]string{
		"spec": files(t, 90, "../golden/*/pipeline.yaml", "../golden/inlined/models/*.yaml", "../conformance/[a-z]*/[a-z]*.yaml", "../examples/*/pipeline.yaml",
			"../templates/init/*/pipeline.yaml", "../compiler/cases/testdata/pipeline.yaml"),
		"project": files(t, 4, "../examples/*/zenc.yaml", "../templates/init/*/zenc.yaml"),
		"tests":   files(t, 4, "../examples/*/*.test.yaml", "../templates/init/*/*.test.yaml"),
	} {
		s := compiledSchema(t, ByName(name))
		for _, file := range found {
			if filepath.Base(file) == "expect.yaml" { // of a conformance case
				continue
			}
			v, ok := data(t, file)
			if !ok {
				t.Errorf("%s cannot be read", file)
				continue
			}
			if err := s.Validate(v); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// formErrors are the cases of golden/errors in which a schema can tell that something is wrong.
var formErrors = []string{
	"a-list", "artifacts", "bad-names", "cache", "conditions", "control-characters", "cron-six-fields", "durations", "entry-points", "exit-codes", "foreach",
	"groups", "images", "inlined", "kinds", "language-version", "no-name", "no-steps", "operators", "quantities", "requirements-lines", "schedule", "secrets",
	"steps-as-list", "types", "unknown-keys",
}

// TestWrongFiles holds that the schema finds what a schema can.
func TestWrongFiles(t *testing.T) {
	s := compiledSchema(t, Spec())
	for _, name := range formErrors {
		v, ok := data(t, "../golden/errors/"+name+"/pipeline.yaml")
		if !ok || s.Validate(v) == nil {
			t.Errorf("%s: the schema finds nothing", name)
		}
	}
	for _, wrong := range []string{
		"name: x\nsteps: {a: {run: echo, timeout: 5}}", "name: x\nsteps: {a: {run: echo, allow_failure: yes}}", "name: x\nsteps: {a: {run: echo, retrys: 2}}",
		"name: x\nsteps: {a: {run: echo, command: [echo]}}", "name: x\nsteps: {a: {run: echo, needs: b}}", "name: x\nsteps: {a: {run: echo, outputs: {x: str}}}",
		"name: x\nsteps: {a: {run: echo, run_if: always}}", "name: x\nsteps: {A: {run: echo}}", "name: My Pipeline\nsteps: {a: {run: echo}}", "name: x\nsteps: {}",
		"name: x\nsteps: {a: {run: echo, retries: {limit: two}}}", "name: x\nsteps: {a: {steps: {b: {run: echo, x: 1}}}}", "name: x\nfinally: {a: {python: f}}\nsteps: {a: {run: echo}}",
		"name: x\nparams: {a: {type: text}}\nsteps: {a: {run: echo}}", "name: x\nschedule: '@daily'\nsteps: {a: {run: echo}}",
	} {
		file := filepath.Join(t.TempDir(), "pipeline.yaml")
		if err := os.WriteFile(file, []byte(wrong), 0o644); err != nil {
			t.Fatal(err)
		}
		if v, ok := data(t, file); !ok || s.Validate(v) == nil {
			t.Errorf("the schema finds nothing in:\n%s", wrong)
		}
	}
}

// TestSpecKeys holds the schema of a pipeline to the keys that the parser takes.
func TestSpecKeys(t *testing.T) {
	var got []string
	add := func(prefix string, p Properties) {
		for _, key := range p.Keys() {
			got = append(got, prefix+key)
		}
	}
	add("", pipeline)
	add("schedule.", schedule.Properties)
	add("params.", param.Properties)
	add("defaults.", defaults)
	add("steps.", stepKeys)
	for _, key := range []string{"retries", "resources", "cache"} {
		i := slices.Index(stepKeys.Keys(), key)
		add("steps."+key+".", stepKeys[i].Value.Properties)
	}
	slices.Sort(got)
	if diff := cmp.Diff(spec.Keys(), got); diff != "" {
		t.Errorf("the schema has other keys (-parser +schema):\n%s", diff)
	}
}

// readKeys are the keys that a package takes, by what their mapping is called in messages: what is given to its function fields.
func readKeys(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, file := range files(t, 1, dir+"/*.go") {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "fields" {
				return true
			}
			what := call.Args[1]
			if sum, ok := what.(*ast.BinaryExpr); ok {
				what = sum.X
			}
			var keys []string
			for _, a := range call.Args[2:] {
				keys = append(keys, literal(a))
			}
			slices.Sort(keys)
			out[literal(what)] = keys
			return true
		})
	}
	return out
}

// literal is the value of a text in a program; "" for anything else.
func literal(x ast.Expr) string {
	if lit, ok := x.(*ast.BasicLit); ok {
		text, _ := strconv.Unquote(lit.Value)
		return text
	}
	return ""
}

// TestTestKeys holds the schema of test files to the keys that their reader takes.
func TestTestKeys(t *testing.T) {
	sorted := func(p Properties) []string { return slices.Sorted(slices.Values(p.Keys())) }
	want := map[string][]string{
		"a test file": sorted(Tests().Properties), "a case": sorted(testCase), "a stand-in": sorted(standIn), "expect": sorted(expectation),
		"an expected step": sorted(expectedStep), "a ": {"path", "text"}, // of a value, which the schema describes in words
	}
	if diff := cmp.Diff(readKeys(t, "../compiler/cases"), want); diff != "" {
		t.Errorf("the schema has other keys (-reader +schema):\n%s", diff)
	}
}

// TestProjectKeys holds the schema of zenc.yaml to the keys that its reader takes.
func TestProjectKeys(t *testing.T) {
	sorted := func(p Properties) []string { return slices.Sorted(slices.Values(p.Keys())) }
	want := map[string][]string{"a zenc.yaml": sorted(project), "an entry of pipelines": sorted(listed), "": sorted(stackDefaults)}
	got := readKeys(t, "../project")
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the schema has other keys (-reader +schema):\n%s", diff)
	}
	if diff := cmp.Diff(stackKeys(t), sorted(stack)); diff != "" {
		t.Errorf("the schema has other keys of a stack (-reader +schema):\n%s", diff)
	}
}

// stackKeys are those that the reader offers for a misspelt key of a stack, which it reads by itself.
func stackKeys(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../project/read.go")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`r\.unknown\(f\.Key, what, ("[a-z", ]+")\)`).FindSubmatch(text)
	if m == nil {
		t.Fatal("project/read.go reads a stack in another way")
	}
	return strings.Split(strings.ReplaceAll(string(m[1]), `"`, ""), ", ")
}

// TestDescriptions holds that every key says what it means, in a sentence.
func TestDescriptions(t *testing.T) {
	var check func(path string, s *Schema)
	check = func(path string, s *Schema) {
		for _, p := range s.Properties {
			at := path + "." + p.Key
			if d := p.Value.Description; !strings.HasSuffix(d, ".") || strings.ToUpper(d[:1]) != d[:1] && !strings.HasPrefix(d, "module:function") {
				t.Errorf("%s: %q is no sentence", at, d)
			}
			check(at, p.Value)
		}
		if values, ok := s.Additional.(*Schema); ok && values != nil && values.Ref == "" {
			check(path+".*", values)
		}
	}
	for _, name := range Names {
		check(name, ByName(name))
	}
	check("step", step())
}
