package flavors

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"

	"github.com/zenc-dev/zenc/compiler/ir"
)

const githubFlavor = "github-actions/github_actions.py"

// jobsRun are the cases whose jobs are run; the others that the flavor takes are only linted.
var jobsRun = []string{"diamond", "failure", "failed-and-skipped", "failures-in-a-chain", "dirs-and-objects", "files-between-steps",
	"finally-fails", "finally-reads-outputs", "hostile-strings", "long-string", "params-given", "params-of-every-type", "bad-number", "bad-pattern",
	"retry-exhausted", "retry-on-exit-codes", "secrets", "timeout", "value-types", "working-directory", "github-conditions", "hostile-texts"}

// TestWorkflow lints the workflow of every case that the flavor takes, and runs the jobs of many.
func TestWorkflow(t *testing.T) {
	flavor := open(t, githubFlavor)
	taken := map[string]bool{}
	for _, c := range readCases(t) {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if refused := emit(t, flavor, c, dir); refused != "" {
				t.Log("refused at", refused)
				return
			}
			taken[c.name] = true
			lint(t, dir, c.pipeline.Name)
			if !slices.Contains(jobsRun, c.name) {
				return
			}
			want := runHere(t, c)
			for _, s := range c.pipeline.Steps {
				out := want.Steps[s.Name]
				if out.State == "skipped" || out.State == "upstream_failed" {
					out = step{State: "did not run"}
				}
				if len(s.Foreach) > 0 {
					out.Outputs = nil
				}
				if want.Steps != nil {
					want.Steps[s.Name] = out
				}
			}
			a := runWorkflow(t, dir, c.pipeline.Name, c.given(t.TempDir()), secretsOf(c), false)
			if c.name == "long-string" { // over 128 KiB, which README.md says
				if !strings.Contains(a.log.String(), "argument list too long") {
					t.Errorf("it is not too long:\n%s", &a.log)
				}
				return
			}
			if diff := cmp.Diff(want, a.result(c.pipeline), withoutEmpty); diff != "" {
				t.Errorf("GitHub Actions makes something else of it (-zenc run +jobs):\n%s\n%s", diff, &a.log)
			}
		})
	}
	t.Run("takes", func(t *testing.T) {
		for _, name := range jobsRun {
			if !taken[name] {
				t.Errorf("the case %s was refused", name)
			}
		}
	})
}

// withoutEmpty makes no difference between no outputs and an empty map of them.
var withoutEmpty = cmp.Transformer("empty", func(s step) step {
	if len(s.Outputs) == 0 {
		s.Outputs = nil
	}
	return s
})

// lint asks actionlint what is wrong with a workflow.
func lint(t *testing.T, dir, name string) {
	t.Helper()
	file := filepath.Join(dir, ".github/workflows", name+".yml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	errs, err := linter.Lint(file, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range errs {
		t.Errorf("actionlint: %v\n%s", e, text)
	}
}

var notInName = regexp.MustCompile("[^A-Z0-9]")

// secretsOf are the secrets of a case by their names at GitHub.
func secretsOf(c *testCase) map[string]string {
	out := map[string]string{}
	for ref, value := range c.Secrets {
		out[notInName.ReplaceAllString(strings.ToUpper(ref), "_")] = value
	}
	return out
}

// result is how a run ended, in the words of zenc run.
func (a *actions) result(p *ir.Pipeline) result {
	a.t.Helper()
	if check := a.results["check-parameters"]; check != nil && check.result != "success" {
		for id, r := range a.results {
			if id != "check-parameters" && r.result != "skipped" {
				a.t.Errorf("the job %s runs though a parameter is bad", id)
			}
		}
		return result{Status: "refused"}
	}
	out := result{Status: "succeeded", Steps: map[string]step{}}
	for _, s := range p.Steps {
		r := a.results[strings.ReplaceAll(s.Name, ".", "--")]
		switch {
		case r.result == "failure":
			out.Status = "failed"
			out.Steps[s.Name] = step{State: "failed"}
		case r.result == "skipped" || r.outputs["zenc-skipped"] == "true":
			out.Steps[s.Name] = step{State: "did not run"}
		default:
			out.Steps[s.Name] = step{State: "succeeded", Outputs: a.outputs(s, r)}
		}
	}
	return out
}

// outputs are the values that a job handed on and the files that it uploaded.
func (a *actions) outputs(s *ir.Step, r *jobResult) map[string]any {
	out := map[string]any{}
	if len(s.Foreach) > 0 {
		return out
	}
	for _, o := range s.ValueOutputs() {
		var v any
		decode(a.t, []byte(toText(r.outputs[o.Name])), &v)
		out[o.Name] = v
	}
	if len(s.Artifacts()) == 0 {
		return out
	}
	dir := a.t.TempDir()
	if text, err := exec.Command("tar", "-C", dir, "-xf", filepath.Join(a.artifacts, s.Name+".tar")).CombinedOutput(); err != nil {
		a.t.Errorf("%v: %s", err, text)
	}
	for _, o := range s.Artifacts() {
		out[o.Name] = contentOf(a.t, filepath.Join(dir, s.Name, "files", o.Name), o.Type)
	}
	return out
}
