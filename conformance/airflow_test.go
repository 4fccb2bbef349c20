package conformance

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/output"
)

// airflowRequest is what airflow_runner.py reads for a case.
type airflowRequest struct {
	Case  string                        `json:"case"`
	DagID string                        `json:"dag_id"`
	Conf  map[string]json.RawMessage    `json:"conf"`
	Files map[string]map[string]ir.Type `json:"files"`
	Steps []string                      `json:"steps"` // the other tasks help one of them
}

// airflowResult is what airflow_runner.py writes for a case.
type airflowResult struct {
	Case string `json:"case"`
	outcome
}

// runOnAirflow3 builds every case into one DAGs folder, so that pipelines meet there as they do in life, and runs them in
// one process of Airflow 3.
func runOnAirflow3(t *testing.T, cases []*testCase) map[string]result {
	return runOnAirflow(t, cases, airflowPython(t, "3"), nil)
}

// runOnAirflow2 does the same with DAG files for Airflow 2.
func runOnAirflow2(t *testing.T, cases []*testCase) map[string]result {
	return runOnAirflow(t, cases, airflowPython(t, "2"), []ir.Field{{Key: "airflow", Value: ir.Value{Kind: ir.StringValue, Text: "2"}}})
}

// runByInterpreter does the same with an interpreter for the steps that does not have Airflow: the option python.
func runByInterpreter(t *testing.T, cases []*testCase) map[string]result {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	return runOnAirflow(t, cases, airflowPython(t, "3"), []ir.Field{{Key: "python", Value: ir.Value{Kind: ir.StringValue, Text: python}}})
}

func runOnAirflow(t *testing.T, cases []*testCase, python string, options []ir.Field) map[string]result {
	dags := t.TempDir()
	var requests []airflowRequest
	for _, c := range cases {
		if err := c.buildForAirflow(dags, t.TempDir(), options); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		conf, err := c.conf(t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		requests = append(requests, airflowRequest{Case: c.name, DagID: c.pipeline.Name, Conf: conf, Files: c.artifacts(), Steps: c.steps()})
	}
	input, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	resultsFile := filepath.Join(t.TempDir(), "results.json")
	cmd := exec.CommandContext(t.Context(), python, "airflow_runner.py", dags, resultsFile)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Env = os.Environ()
	for _, c := range cases {
		for ref, value := range c.secrets {
			cmd.Env = append(cmd.Env, "AIRFLOW_VAR_"+strings.ToUpper(ref)+"="+value)
		}
	}
	printed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("airflow_runner.py: %v\n%s", err, printed)
	}
	return airflowResults(t, resultsFile, string(printed))
}

// airflowPython is the interpreter that has Airflow of that major version.
func airflowPython(t *testing.T, version string) string {
	t.Helper()
	variable := "ZENC_AIRFLOW" + version + "_PYTHON"
	python := os.Getenv(variable)
	if python == "" {
		python = filepath.Join("..", ".venv", "airflow"+version, "bin", "python")
	}
	path, err := exec.LookPath(python)
	if err != nil {
		t.Fatalf("no Python with Airflow %s: %v; make venvs makes one, or set %s", version, err, variable)
	}
	return path
}

// buildForAirflow writes the DAG file and its code to dags; the files of its runs will lie in artifacts.
func (c *testCase) buildForAirflow(dags, artifacts string, options []ir.Field) error {
	location := url.URL{Scheme: "file", Path: artifacts}
	o := backends.Options{
		Source: "pipeline.yaml",
		Fields: append([]ir.Field{{Key: "artifacts", Value: ir.Value{Kind: ir.StringValue, Text: location.String()}}}, options...),
	}
	backend := airflow.New()
	if err := c.findings(backend.Check(c.pipeline, o)); err != nil {
		return err
	}
	files, err := backend.Emit(c.pipeline, o)
	if err != nil {
		return err
	}
	plan, err := output.Prepare(dags, backends.Sorted(files), false)
	if err != nil {
		return err
	}
	return plan.Write()
}

func airflowResults(t *testing.T, file, printed string) map[string]result {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var results []airflowResult
	if err := decodeJSON(data, &results); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	out := map[string]result{}
	for _, r := range results {
		_, log, _ := strings.Cut(printed, "=== "+r.Case+"\n")
		log, _, _ = strings.Cut(log, "\n=== ")
		out[r.Case] = result{outcome: r.outcome, log: log}
	}
	return out
}
