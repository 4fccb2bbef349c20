// Package golden holds what every flavor must emit for a spec, byte for byte, and what is said of a wrong one.
//
//	go test ./golden -update
//
// rewrites what zenc says now; read the diff before you commit it.
package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/kubeflow/argotest"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// flavors are what every case is emitted for, with the options that its files need.
var flavors = []struct {
	name    string // of the folder
	backend backends.Backend
	options []ir.Field
	only    []string // names of cases; nil: all
}{
	{"airflow", airflow.New(), []ir.Field{option("artifacts", "s3://acme-zenc")}, nil},
	{"airflow2", airflow.New(), []ir.Field{option("airflow", "2"), option("artifacts", "s3://acme-zenc")},
		[]string{"conditions", "finally", "ml-pipeline", "retries", "schedule"}},
	{"kubeflow", kubeflow.New(), nil, nil},
	{"local", local.New(), nil, nil},
}

func option(key, value string) ir.Field {
	return ir.Field{Key: key, Value: ir.Value{Kind: ir.StringValue, Text: value}}
}

// runtimeFiles are the same for every pipeline and have tests where they come from; TestRuntimeFiles holds that they are
// emitted as they stand there.
var runtimeFiles = regexp.MustCompile(`^zenc_runtime_1/|^[^/]+/(runtime/|step\.py$)`)

// stepRunner is what a manifest has of the step runner, which is the same in all of them.
var stepRunner = regexp.MustCompile(`(?m)^(  step\.py: \|\n)(?:    .*\n|\n)+`)

// cases are the folders with a spec, but for those of errors.
func cases(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "errors" || e.Name()[0] == '.' {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, e.Name(), "pipeline.yaml")); err != nil {
			t.Errorf("%s has no pipeline.yaml", filepath.Join(dir, e.Name()))
			continue
		}
		out = append(out, e.Name())
	}
	return out
}

func compile(t *testing.T, dir string) (*ir.Pipeline, diag.Source, diag.List) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "pipeline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	folder := os.DirFS(dir)
	p, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
	return p, diag.Source{Name: "pipeline.yaml", Data: data}, diags
}

func TestGolden(t *testing.T) {
	validator, err := argotest.NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases(t, ".") {
		t.Run(name, func(t *testing.T) {
			want := emit(t, name)
			for range 9 { // no map's order may show
				if diff := cmp.Diff(want, emit(t, name)); diff != "" {
					t.Fatalf("the output differs from run to run:\n%s", diff)
				}
			}
			compare(t, name, want)
			for path, text := range want {
				if strings.HasPrefix(path, "kubeflow/") && strings.HasSuffix(path, ".yaml") {
					if err := validator.Validate([]byte(text)); err != nil {
						t.Errorf("%s: %v", path, err)
					}
				}
			}
		})
	}
}

// emit returns the golden files of a case: the intermediate form and a folder per flavor.
func emit(t *testing.T, name string) map[string]string {
	t.Helper()
	p, src, diags := compile(t, name)
	if diags.HasErrors() {
		t.Fatal(render(src, diags))
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"ir.json": string(text) + "\n"}
	if diags.Len() > 0 {
		out["warnings.txt"] = render(src, diags)
	}
	for _, f := range flavors {
		if f.only != nil && !slices.Contains(f.only, name) {
			continue
		}
		o := backends.Options{Source: "pipeline.yaml", Fields: f.options}
		if found := f.backend.Check(p, o); found.HasErrors() {
			out[f.name+"/refused.txt"] = render(src, found) // what this engine cannot do
			continue
		}
		files, err := f.backend.Emit(p, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if runtimeFiles.MatchString(file.Path) {
				continue
			}
			out[f.name+"/"+file.Path] = stepRunner.ReplaceAllString(string(file.Data), "$1    # as in templates/\n")
		}
	}
	return out
}

func render(src diag.Source, diags diag.List) string {
	var b bytes.Buffer
	diag.Render(&b, src, diags, diag.Style{})
	return b.String()
}

// compare holds the files against those on disk; one that is there and not emitted is an orphan.
func compare(t *testing.T, name string, want map[string]string) {
	t.Helper()
	onDisk := map[string]string{}
	for _, file := range []string{"ir.json", "warnings.txt"} {
		if data, err := os.ReadFile(filepath.Join(name, file)); err == nil {
			onDisk[file] = string(data)
		}
	}
	for _, f := range flavors {
		root := filepath.Join(name, f.name)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			rel, _ := filepath.Rel(name, path)
			onDisk[filepath.ToSlash(rel)] = string(data)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if *update {
		rewrite(t, name, onDisk, want)
		return
	}
	if diff := cmp.Diff(onDisk, want); diff != "" {
		t.Errorf("golden files differ (-on disk +emitted); go test ./golden -update rewrites them:\n%s", diff)
	}
}

func rewrite(t *testing.T, name string, onDisk, want map[string]string) {
	t.Helper()
	for path := range onDisk {
		if _, keep := want[path]; !keep {
			if err := os.Remove(filepath.Join(name, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, text := range want {
		full := filepath.Join(name, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wanted is a comment in a wrong spec: on this line, a finding of this code.
var wanted = regexp.MustCompile(`# want ([a-z-]+)\s*$`)

func TestErrors(t *testing.T) {
	seen := map[diag.Code]bool{}
	for _, name := range cases(t, "errors") {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("errors", name)
			p, src, diags := compile(t, dir)
			if p != nil {
				diags.Append(functions(t, name, p, src))
			}
			for _, f := range flavors { // a case of one engine has its name first
				if strings.HasPrefix(name, f.name+"-") && p != nil {
					o := backends.Options{Source: "pipeline.yaml"}
					if f.name == "airflow2" {
						o.Fields = f.options
					}
					diags.Append(f.backend.Check(p, o))
				}
			}
			if diags.Len() == 0 {
				t.Fatal("nothing was found")
			}
			var got, want []string
			for _, d := range diags.Sorted() {
				seen[d.Code] = true
				got = append(got, fmt.Sprintf("%d: %s", d.Pos.Line, d.Code))
			}
			for i, line := range strings.Split(string(src.Data), "\n") {
				if m := wanted.FindStringSubmatch(line); m != nil {
					want = append(want, fmt.Sprintf("%d: %s", i+1, m[1]))
				}
			}
			if len(want) > 0 && !slices.Equal(got, want) {
				t.Errorf("findings %q, the spec's comments want %q", got, want)
			}
			text := render(src, diags)
			file := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			onDisk, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(onDisk), text); diff != "" {
				t.Errorf("the diagnostics differ (-on disk +now):\n%s", diff)
			}
		})
	}
	for _, code := range codesOf(t) {
		// A large file, which the flavors test themselves; what only test files have, or a zenc.yaml, or programs of custom flavors.
		if !seen[code] && !slices.Contains([]diag.Code{diag.EngineLimit, diag.InvalidCase, diag.WrongVersion, diag.BadFlavor}, code) {
			t.Errorf("no case in errors/ shows the code %s", code)
		}
	}
}

// codesOf reads the codes from their source.
func codesOf(t *testing.T) []diag.Code {
	t.Helper()
	text, err := os.ReadFile("../compiler/diag/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []diag.Code
	for _, m := range regexp.MustCompile(`Code = "([a-z-]+)"`).FindAllSubmatch(text, -1) {
		out = append(out, diag.Code(m[1]))
	}
	return out
}

// TestRuntimeFiles holds what is emitted beside each pipeline against its source.
func TestRuntimeFiles(t *testing.T) {
	p, _, _ := compile(t, "one-function")
	sources := map[string]string{"zenc_runtime_1/": "../templates/zenc_runtime_1/", "one-function/runtime/": "../backends/local/runtime/",
		"one-function/step.py": "../templates/zenc_runtime_1/step.py"}
	found := 0
	for _, f := range flavors {
		files, err := f.backend.Emit(p, backends.Options{Source: "pipeline.yaml", Fields: f.options})
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for prefix, source := range sources {
				rest, ok := strings.CutPrefix(file.Path, prefix)
				if !ok || strings.HasSuffix(file.Path, ".airflowignore") {
					continue
				}
				found++
				if want, err := os.ReadFile(source + rest); err != nil || !bytes.Equal(want, file.Data) {
					t.Errorf("%s is not %s: %v", file.Path, source+rest, err)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("%d runtime files were emitted", found)
	}
}

// TestGoPrograms builds every generated program. They are put into one module, which is built by one command.
func TestGoPrograms(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module zenc.local\n\ngo 1.24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range cases(t, ".") {
		p, src, diags := compile(t, name)
		if diags.HasErrors() {
			t.Errorf("%s: %s", name, render(src, diags))
			continue
		}
		files, err := local.New().Emit(p, backends.Options{Source: "pipeline.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f.Path, "/go.mod") {
				continue
			}
			full := filepath.Join(dir, f.Path)
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	build := exec.Command("go", "build", "-o", os.DevNull, "./...")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s", err, out)
	}
}

// TestRuff holds every DAG file to ruff's checks and to its layout.
func TestRuff(t *testing.T) {
	var dags []string
	for _, name := range cases(t, ".") {
		found, err := filepath.Glob(filepath.Join(name, "airflow*", "*.py"))
		if err != nil {
			t.Fatal(err)
		}
		dags = append(dags, found...)
	}
	if len(dags) == 0 {
		t.Fatal("no DAG file")
	}
	ruff := os.Getenv("ZENC_RUFF")
	if ruff == "" {
		ruff = "../.venv/tools/bin/ruff"
	}
	for _, args := range [][]string{{"check", "--isolated", "--no-cache"}, {"format", "--isolated", "--check", "--diff", "--no-cache"}} {
		if out, err := exec.Command(ruff, append(args, dags...)...).CombinedOutput(); err != nil {
			t.Errorf("%s %s (make venvs installs it): %v\n%s", ruff, strings.Join(args, " "), err, out)
		}
	}
}
