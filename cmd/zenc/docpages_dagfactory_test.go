package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// checkFromDAGFactory loads both DAGs of the page into Airflow, that of dag-factory and that of zenc, and holds them to being the same:
// tasks and groups, what needs what, what is mapped, schedule, retries, owner.
func checkFromDAGFactory(t *testing.T, s *docSession) {
	python, err := filepath.Abs(fromEnvironment("ZENC_AIRFLOW3_PYTHON", "../../.venv/airflow3/bin/python"))
	if err != nil {
		t.Fatal(err)
	}
	dagFactory, err := filepath.Abs(fromEnvironment("ZENC_DAG_FACTORY", "../../.venv/dag-factory"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/compare_dags.py", s.path("orders.yml"), s.path("dags"))
	cmd.Env = append(s.env, "PYTHONPATH="+dagFactory+string(filepath.ListSeparator)+s.dir, "PYTHONDONTWRITEBYTECODE=1", "SCARF_NO_ANALYTICS=true",
		"AIRFLOW__DAG_FACTORY__STRICT_MODE=True", "AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v; make venvs installs Airflow and dag-factory", err)
	}
	if string(out) != "the same\n" {
		t.Errorf("the DAG of zenc is not that of dag-factory:\n%s", out)
	}
}
