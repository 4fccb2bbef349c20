package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestScheduler runs some cases, and the example, on a real deployment of Airflow 3, where each task is a process of its
// own and nothing is shared but what Airflow shares.
func TestScheduler(t *testing.T) {
	names := []string{"failed-and-skipped", "files-between-steps", "finally-failed", "foreach-failure", "foreach-files", "foreach-per-item-when",
		"groups-foreach-failing-place", "groups-foreach-run", "groups-partly-skipped", "secrets"}
	cases := readCases(t)
	cases = slices.DeleteFunc(cases, func(c *testCase) bool { return !slices.Contains(names, c.name) })
	if len(cases) != len(names) {
		t.Fatalf("%d of %q are there", len(cases), names)
	}
	dags, results := t.TempDir(), filepath.Join(t.TempDir(), "results.json")
	if err := os.CopyFS(dags, os.DirFS("../examples/penguins/dags")); err != nil {
		t.Fatal(err)
	}
	args := []string{"airflow_scheduler.py", dags, results, "penguins"}
	env := os.Environ()
	for _, c := range cases {
		if err := c.buildForAirflow(dags, t.TempDir(), nil); err != nil {
			t.Fatal(err)
		}
		args = append(args, c.name)
		for ref, value := range c.secrets {
			env = append(env, "AIRFLOW_VAR_"+strings.ToUpper(ref)+"="+value)
		}
	}
	cmd := exec.CommandContext(t.Context(), airflowPython(t, "3"), args...)
	cmd.Env = env
	printed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("airflow_scheduler.py: %v\n%s", err, printed)
	}
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]struct {
		Status string            `json:"status"`
		Steps  map[string]string `json:"steps"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	airflowState := map[string]string{"succeeded": "success"}
	for _, c := range cases {
		run := got[c.name]
		if want := stateIn(airflowState, c.want.Status); run.Status != want {
			t.Errorf("%s: the run is %q, want %q", c.name, run.Status, want)
		}
		for _, name := range c.steps() {
			if want := stateIn(airflowState, c.want.Steps[name].State); run.Steps[name] != want {
				t.Errorf("%s: the step %s is %q, want %q", c.name, name, run.Steps[name], want)
			}
		}
		for ref, value := range c.secrets {
			quoted, _ := json.Marshal(value)
			if strings.Contains(string(printed), value) || strings.Contains(string(printed), strings.Trim(string(quoted), `"`)) {
				t.Errorf("%s: a log shows the secret %s", c.name, ref)
			}
		}
	}
	if got["penguins"].Status != "success" {
		t.Errorf("the example's run is %q", got["penguins"].Status)
	}
	if t.Failed() {
		t.Logf("%s", printed)
	}
}

func stateIn(words map[string]string, state string) string {
	if word, ok := words[state]; ok {
		return word
	}
	return state
}
