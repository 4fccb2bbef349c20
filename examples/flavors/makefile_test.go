package flavors

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// makeRuns are the cases that make runs.
var makeRuns = []string{"diamond", "failure", "dirs-and-objects", "files-between-steps", "hostile-strings", "retry-exhausted",
	"retry-on-exit-codes", "timeout", "value-types", "working-directory", "bad-number", "makefile-conditions", "hostile-texts"}

// TestMakefile runs make with the Makefiles of the cases, and compares what comes of them with zenc run.
func TestMakefile(t *testing.T) {
	flavor := open(t, "makefile/makefile.pl")
	taken := map[string]bool{}
	for _, c := range readCases(t) {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if refused := emit(t, flavor, c, dir); refused != "" {
				t.Log("refused at", refused)
				return
			}
			taken[c.name] = true
			if !slices.Contains(makeRuns, c.name) {
				return
			}
			want := runHere(t, c)
			for name, s := range want.Steps {
				if s.State == "failed" || s.State == "upstream_failed" {
					want.Steps[name] = step{State: "did not succeed"}
				}
			}
			got, log := runMake(t, c, dir, c.given(t.TempDir()))
			if diff := cmp.Diff(want, got, withoutEmpty); diff != "" {
				t.Errorf("make makes something else of it (-zenc run +make):\n%s\n%s", diff, log)
			}
		})
	}
	t.Run("takes", func(t *testing.T) {
		for _, name := range makeRuns {
			if !taken[name] {
				t.Errorf("the case %s was refused", name)
			}
		}
	})
}

// runMake runs the Makefile in dir and reads what it left.
func runMake(t *testing.T, c *testCase, dir string, params map[string]string) (result, string) {
	t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	make := exec.Command("make", "-f", c.pipeline.Name+".mk", "-j2", "RUN="+run)
	make.Dir = dir
	make.Env = append(os.Environ(), "PARAMS="+string(text), "MAKEFLAGS=", "MAKELEVEL=")
	log, err := make.CombinedOutput()
	r := result{Status: "succeeded", Steps: map[string]step{}}
	if err != nil {
		r.Status = "failed"
	}
	if _, err := os.Stat(filepath.Join(run, "params.json")); errors.Is(err, fs.ErrNotExist) {
		return result{Status: "refused"}, string(log)
	}
	for _, s := range c.pipeline.Steps {
		text, err := os.ReadFile(filepath.Join(run, s.Name, "result.json"))
		if err != nil {
			r.Steps[s.Name] = step{State: "did not succeed"}
			continue
		}
		out := step{}
		decode(t, text, &out)
		for _, o := range s.Artifacts() {
			if out.State == "succeeded" {
				out.Outputs[o.Name] = contentOf(t, filepath.Join(run, s.Name, "files", o.Name), o.Type)
			}
		}
		r.Steps[s.Name] = out
	}
	return r, string(log)
}

// TestMakeAgain runs only what has not succeeded, what has changed, and what follows from that.
func TestMakeAgain(t *testing.T) {
	c := readCase(t, "testdata/makefile-conditions")
	dir := t.TempDir()
	if refused := emit(t, open(t, "makefile/makefile.pl"), c, dir); refused != "" {
		t.Fatal(refused)
	}
	_, first := runMake(t, c, dir, nil)
	_, second := runMake(t, c, dir, nil)
	if !strings.Contains(first, "counting") || strings.Contains(second, "counting") {
		t.Errorf("the second time:\n%s", second)
	}
	r, third := runMake(t, c, dir, map[string]string{"n": "4"})
	if !strings.Contains(third, "counting") || r.Steps["even"].State != "succeeded" {
		t.Errorf("with another parameter:\n%s\n%v", third, r)
	}
}
