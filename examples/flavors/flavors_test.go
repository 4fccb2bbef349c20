// Package flavors holds the example flavors to what they promise: what they emit is run, and compared with what zenc run makes of
// the same specs.
package flavors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/output"
	"github.com/zenc-dev/zenc/templates"
)

// temporary, in a parameter of expect.yaml, is a folder that is new for every run.
const temporary = "@TMP@"

// testCase is a spec with the parameters and secrets of a run.
type testCase struct {
	name     string
	pipeline *ir.Pipeline
	Params   map[string]string `yaml:"params"`
	Secrets  map[string]string `yaml:"secrets"` // by store/key
}

// readCases reads the conformance cases and those of testdata, without what is expected: that is what zenc run makes of them.
func readCases(t *testing.T) []*testCase {
	t.Helper()
	var out []*testCase
	for _, pattern := range []string{"../../conformance/*/pipeline.yaml", "testdata/*/pipeline.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			out = append(out, readCase(t, filepath.Dir(file)))
		}
	}
	return out
}

func readCase(t *testing.T, dir string) *testCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pipeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := &testCase{name: filepath.Base(dir)}
	folder := os.DirFS(dir)
	p, diags := compiler.Compile(compiler.Source{Data: text, Code: folder, Folder: folder})
	if p == nil {
		t.Fatal(dir, diags.Sorted()[0].Message)
	}
	c.pipeline = p
	if expect, err := os.ReadFile(filepath.Join(dir, "expect.yaml")); err == nil {
		if err := yaml.Unmarshal(expect, c); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// given are the parameters of a run in a folder of its own.
func (c *testCase) given(folder string) map[string]string {
	out := map[string]string{}
	for name, text := range c.Params {
		out[name] = strings.ReplaceAll(text, temporary, folder)
	}
	return out
}

// emit asks a flavor for a case and writes the files; refused is the first error.
func emit(t *testing.T, flavor *external.Flavor, c *testCase, dir string) (refused string) {
	t.Helper()
	o := backends.Options{Source: "pipeline.yaml"}
	diags := flavor.Check(c.pipeline, o)
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			return fmt.Sprintf("%d:%d: %s", d.Pos.Line, d.Pos.Col, d.Message)
		}
	}
	files, err := flavor.Emit(c.pipeline, o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := output.Prepare(dir, files, false)
	if err == nil {
		err = plan.Write()
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// TestMain puts the interpreter itself before a script that looks for it, of which it is started often.
func TestMain(m *testing.M) {
	if out, err := exec.Command("python3", "-c", "import os, sys; print(os.path.dirname(sys.executable))").Output(); err == nil {
		os.Setenv("PATH", strings.TrimSpace(string(out))+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	os.Exit(m.Run())
}

func open(t *testing.T, program string) *external.Flavor {
	t.Helper()
	f, err := external.New(external.Program{Name: "example", Path: program, Base: ".", Dir: t.TempDir()}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// result is how a run ended: its status, and the state and the outputs of each step.
type result struct {
	Status string          `json:"status"`
	Steps  map[string]step `json:"steps"`
}

type step struct {
	State   string         `json:"state"`
	Outputs map[string]any `json:"outputs"`
}

// here are the results of zenc run by case, as JSON, so that each is made once.
var here = map[string][]byte{}

// runHere is what zenc run makes of a case.
func runHere(t *testing.T, c *testCase) result {
	t.Helper()
	if here[c.name] == nil {
		text, err := json.Marshal(runAnew(t, c))
		if err != nil {
			t.Fatal(err)
		}
		here[c.name] = text
	}
	r := result{}
	decode(t, here[c.name], &r)
	return r
}

func runAnew(t *testing.T, c *testCase) result {
	t.Helper()
	folder := t.TempDir()
	args := []string{"--format", "json", "--dir", t.TempDir()}
	for name, text := range c.given(folder) {
		args = append(args, "-p", name+"="+text)
	}
	for _, s := range c.pipeline.Steps {
		for _, secret := range s.Secrets {
			t.Setenv(secret.Name, c.Secrets[secret.Ref()])
		}
	}
	var stdout, stderr bytes.Buffer
	code := runtime.Main(local.Pipeline(c.pipeline), local.Code(c.pipeline), templates.StepRunner, args, &stdout, &stderr)
	if code == 2 {
		return result{Status: "refused"}
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	r := result{}
	decode(t, []byte(lines[len(lines)-1]), &r)
	for _, s := range c.pipeline.Steps {
		for _, o := range s.Artifacts() {
			if path, ok := r.Steps[s.Name].Outputs[o.Name].(string); ok {
				r.Steps[s.Name].Outputs[o.Name] = contentOf(t, path, o.Type)
			}
		}
	}
	return r
}

// decode reads JSON and keeps the digits of numbers.
func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// contentOf is what an artifact has in it; of an object, that it is there.
func contentOf(t *testing.T, path string, typ ir.Type) any {
	t.Helper()
	files := map[string]any{}
	err := filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if typ == ir.Object {
			content = nil
		}
		files[strings.TrimPrefix(name, path)] = fmt.Sprintf("%q", content) // any bytes
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}
