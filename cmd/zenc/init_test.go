package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends/kubeflow/argotest"
)

// zencRun runs zenc in this process and returns what it prints. Nothing is found wrong, not even a little.
func zencRun(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(args, strings.NewReader(""), &stdout, &stderr); code != exitOK || strings.Contains(stderr.String(), "warning") {
		t.Fatalf("zenc %s: exit code %d\n%s%s", strings.Join(args, " "), code, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// TestScaffolds holds every template to working as it is: its tests pass, it runs, it is built for all engines and the output is what
// the spec says, and its Python is clean.
func TestScaffolds(t *testing.T) {
	validator, err := argotest.NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	ruff, err := filepath.Abs(fromEnvironment("ZENC_RUFF", "../../.venv/tools/bin/ruff"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range scaffolds {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			zencRun(t, "init", "a-"+name, "--yes", "--template", name)
			if err := os.Chdir("a-" + name); err != nil {
				t.Fatal(err)
			}
			zencRun(t, "check", "pipeline.yaml")
			zencRun(t, "test")
			if out := zencRun(t, "run", "pipeline.yaml"); !strings.Contains(out, "\nsucceeded in ") || strings.Contains(out, "skipped") {
				t.Errorf("the run: %s", out)
			}
			for _, stack := range []string{"dev", "prod", "cluster"} {
				zencRun(t, "build", "pipeline.yaml", "--stack", stack)
				zencRun(t, "build", "pipeline.yaml", "--stack", stack, "--check")
			}
			manifest, err := os.ReadFile("k8s/a-" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			if err := validator.Validate(manifest); err != nil {
				t.Error(err)
			}
			for _, args := range [][]string{{"check"}, {"format", "--check"}} {
				if out, err := exec.Command(ruff, append(args, "--isolated", "--no-cache", "--exclude", "dags,dist", ".")...).CombinedOutput(); err != nil {
					t.Errorf("%s (make venvs installs it): %v\n%s", ruff, err, out)
				}
			}
		})
	}
}

func fromEnvironment(variable, otherwise string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	return otherwise
}

var dagSucceeded = regexp.MustCompile(`(?m)^.*DagRun Finished.*\bstate=success\b`)

// TestInitToAirflow is the first hour of a new user: zenc init, and then the commands that it prints, as they are. The last one runs the
// DAG on a real Airflow, which has a fresh database.
func TestInitToAirflow(t *testing.T) {
	python, err := filepath.Abs(fromEnvironment("ZENC_AIRFLOW3_PYTHON", "../../.venv/airflow3/bin/python"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("AIRFLOW_HOME", filepath.Join(t.TempDir(), "airflow"))
	t.Setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
	t.Setenv("PATH", filepath.Dir(python)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	if out, err := exec.Command("airflow", "db", "migrate").CombinedOutput(); err != nil {
		t.Fatalf("no Airflow 3: %v; make venvs installs it, or set ZENC_AIRFLOW3_PYTHON\n%s", err, out)
	}
	printed, err := exec.Command("zenc", "init", "demo", "--yes").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	_, commands, _ := strings.Cut(string(printed), "\nnext:\n")
	if len(strings.Split(commands, "\n")) != 6 {
		t.Errorf("the next commands are %q", commands)
	}
	out, err := exec.Command("sh", "-ec", commands).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "\nHELLO, WORLD\n") || !dagSucceeded.Match(out) {
		t.Errorf("the DAG did not do what it is to do:\n%s", out)
	}
}

func TestNameFor(t *testing.T) {
	for folder, want := range map[string]string{
		"demo": "demo", "My Demo": "my-demo", "a__b--c": "a-b-c", "-x-": "x", "2024": "pipeline-2024", "": "pipeline", "/": "pipeline", "äöü": "pipeline",
		"Übung 1": "bung-1", "$(rm -rf ~)": "rm-rf", "x\ny: z": "x-y-z", strings.Repeat("abc-", 20): strings.TrimSuffix(strings.Repeat("abc-", 12), "-"),
	} {
		if got := nameFor(folder); got != want || checkName(got) != nil {
			t.Errorf("%q: got %q, want %q", folder, got, want)
		}
	}
}
