// Package conformance holds what every engine must make of a pipeline: each folder has a spec, the code of its steps, and
// in expect.yaml the outcome that every engine must reach.
package conformance

import (
	"flag"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/local"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// outcome is what became of a run.
type outcome struct {
	Status string                 `json:"status"` // succeeded, failed or, for a run that did not begin, refused
	Steps  map[string]stepOutcome `json:"steps"`
}

// stepOutcome is what became of a step.
type stepOutcome struct {
	State    string         `json:"state"`    // succeeded, failed, skipped or upstream_failed
	Attempts int            `json:"attempts"` // those that were started
	Outputs  map[string]any `json:"outputs"`  // as decodeJSON returns it; a file is {"file": content}
}

// result is an outcome, and what the engine printed on the way.
type result struct {
	outcome outcome
	log     string
}

// engines are what every case runs on. An engine runs all cases at once and returns their results by the case's name;
// what keeps it from running at all it reports by t.Fatal.
var engines = []struct {
	name    string
	backend backends.Backend
	run     func(t *testing.T, cases []*testCase) map[string]result
	only    []string // names of cases; nil: all
}{
	{"run", local.New(), runInProcess, nil},
	{"program", local.New(), runProgram, nil},
	{"manifest", kubeflow.New(), runManifest, nil},
	{"airflow3", airflow.New(), runOnAirflow3, nil},
	{"airflow2", airflow.New(), runOnAirflow2, nil},
	{"airflow3-python", airflow.New(), runByInterpreter, []string{"dirs-and-objects", "failure", "files-between-steps", "foreach-artifacts", "foreach-files", "hostile-strings", "value-types", "working-directory", "wrong-output"}},
}

// casesFlag picks cases while one works on them.
var casesFlag = flag.String("cases", "", "regular expression for the names of the cases to run")

func TestConformance(t *testing.T) {
	picked, err := regexp.Compile(*casesFlag)
	if err != nil {
		t.Fatal(err)
	}
	cases := slices.DeleteFunc(readCases(t), func(c *testCase) bool { return !picked.MatchString(c.name) })
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			cases := cases
			cases = slices.DeleteFunc(slices.Clone(cases), func(c *testCase) bool {
				return e.only != nil && !slices.Contains(e.only, c.name) || c.isRefused(t, e.backend)
			})
			results := e.run(t, cases)
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					got, ran := results[c.name]
					if !ran {
						t.Fatal("the engine has no result for the case")
					}
					got.outcome = c.onlySteps(got.outcome)
					for ref, value := range c.secrets {
						if e.name != "manifest" && strings.Contains(got.log, value) { // Kubernetes shows what a pod prints
							t.Errorf("the log shows the secret %s:\n%s", ref, got.log)
						}
					}
					if diff := cmp.Diff(c.want, digested(c.want, got.outcome), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s\nthe outcome differs (-want +got):\n%s\nlog of the run:\n%s", c.rule, diff, got.log)
					}
				})
			}
		})
	}
}

// onlySteps leaves out what is no step of the spec: gates of groups.
func (c *testCase) onlySteps(o outcome) outcome {
	steps := c.steps()
	maps.DeleteFunc(o.Steps, func(name string, _ stepOutcome) bool { return !slices.Contains(steps, name) })
	return o
}

// isRefused reports a case that a flavor is known to refuse, and holds it to that.
func (c *testCase) isRefused(t *testing.T, b backends.Backend) bool {
	t.Helper()
	if !slices.Contains(c.refusedBy, b.Flavor()) {
		return false
	}
	if diags := b.Check(c.pipeline, backends.Options{}); !diags.HasErrors() {
		t.Errorf("%s: the %s flavor does not refuse it any more; take it out of refused_by", c.name, b.Flavor())
	}
	return true
}
