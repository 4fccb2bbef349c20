package flavors

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// workflow is as much of a workflow as the flavor writes.
type workflow struct {
	On struct {
		Dispatch struct {
			Inputs map[string]struct {
				Type    string `yaml:"type"`
				Default any    `yaml:"default"`
			} `yaml:"inputs"`
		} `yaml:"workflow_dispatch"`
	} `yaml:"on"`
	Jobs yaml.Node `yaml:"jobs"`
}

type job struct {
	Needs    []string          `yaml:"needs"`
	If       string            `yaml:"if"`
	Outputs  map[string]string `yaml:"outputs"`
	Strategy struct {
		Matrix map[string][]string `yaml:"matrix"`
	} `yaml:"strategy"`
	Steps []struct {
		ID   string            `yaml:"id"`
		If   string            `yaml:"if"`
		Uses string            `yaml:"uses"`
		With map[string]string `yaml:"with"`
		Run  string            `yaml:"run"`
		Env  map[string]string `yaml:"env"`
	} `yaml:"steps"`
}

// actions runs a workflow on this machine, a job after the other, each in a folder of its own, as GitHub's documentation says that
// it does.
type actions struct {
	t         *testing.T
	repo      string // what is checked out
	inputs    any    // of the run; nil on a schedule
	secrets   map[string]string
	artifacts string // folder of what is uploaded
	jobs      map[string]*job
	results   map[string]*jobResult
	log       strings.Builder
}

// jobResult is how a job ended: success, failure or skipped.
type jobResult struct {
	result  string
	outputs map[string]any
	before  []string // all jobs that it waited for, in whatever number of steps
}

// runWorkflow runs the one workflow of a repository. Without inputs it is a run by schedule.
func runWorkflow(t *testing.T, repo, name string, given, secrets map[string]string, bySchedule bool) *actions {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repo, ".github/workflows", name+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	a := &actions{t: t, repo: repo, secrets: secrets, artifacts: t.TempDir(), jobs: map[string]*job{}, results: map[string]*jobResult{}}
	if !bySchedule {
		inputs := map[string]any{}
		for name, input := range w.On.Dispatch.Inputs {
			value, isGiven := given[name]
			switch {
			case input.Type == "boolean" && isGiven:
				inputs[name] = value == "true"
			case isGiven:
				inputs[name] = value
			case input.Default != nil:
				inputs[name] = input.Default
			default:
				inputs[name] = ""
			}
		}
		a.inputs = inputs
	}
	for i := 0; i < len(w.Jobs.Content); i += 2 {
		j := &job{}
		if err := w.Jobs.Content[i+1].Decode(j); err != nil {
			t.Fatal(err)
		}
		a.jobs[w.Jobs.Content[i].Value] = j
	}
	for i := 0; i < len(w.Jobs.Content); i += 2 {
		a.job(w.Jobs.Content[i].Value)
	}
	return a
}

// job runs a job once what it needs has run.
func (a *actions) job(id string) *jobResult {
	if r := a.results[id]; r != nil {
		return r
	}
	j, r := a.jobs[id], &jobResult{result: "success", outputs: map[string]any{}}
	if j == nil {
		a.t.Fatalf("there is no job %q", id)
	}
	a.results[id] = r
	needs := map[string]any{}
	for _, need := range j.Needs {
		before := a.job(need)
		needs[need] = map[string]any{"result": before.result, "outputs": before.outputs}
		r.before = append(append(r.before, need), before.before...)
	}
	s := scope{succeeded: true, contexts: map[string]any{"needs": needs, "inputs": a.inputs, "secrets": a.secretsContext(),
		"github": map[string]any{"run_id": "17", "run_attempt": "1"}}}
	for _, name := range r.before {
		s.succeeded = s.succeeded && a.results[name].result == "success"
	}
	if !s.condition(j.If) {
		r.result = "skipped"
		return r
	}
	for index, combination := range combinations(j.Strategy.Matrix) {
		s.contexts["matrix"] = combination
		s.contexts["strategy"] = map[string]any{"job-index": fmt.Sprint(index)}
		if !a.instance(id, j, s, r) {
			r.result = "failure"
		}
	}
	return r
}

func (a *actions) secretsContext() map[string]any {
	out := map[string]any{}
	for name, value := range a.secrets {
		out[name] = value
	}
	return out
}

// combinations are those of a matrix; without one there is one without anything.
func combinations(matrix map[string][]string) []map[string]any {
	out := []map[string]any{{}}
	names := []string{}
	for name := range matrix {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var more []map[string]any
		for _, before := range out {
			for _, value := range matrix[name] {
				one := map[string]any{name: value}
				for k, v := range before {
					one[k] = v
				}
				more = append(more, one)
			}
		}
		out = more
	}
	return out
}

// instance runs the steps of a job in a new folder.
func (a *actions) instance(id string, j *job, s scope, r *jobResult) bool {
	folder := a.t.TempDir()
	steps := map[string]any{}
	s.contexts["steps"] = steps
	s.succeeded = true
	for _, step := range j.Steps {
		if !s.condition(step.If) {
			continue
		}
		with := map[string]string{}
		for key, text := range step.With {
			with[key] = toText(s.expand(text))
		}
		outputs := map[string]any{}
		var err error
		if step.Uses != "" {
			err = a.use(step.Uses, with, folder)
		} else {
			env := []string{}
			for key, text := range step.Env {
				env = append(env, key+"="+toText(s.expand(text)))
			}
			outputs, err = a.shell(toText(s.expand(step.Run)), env, folder)
		}
		if step.ID != "" {
			steps[step.ID] = map[string]any{"outputs": outputs}
		}
		if err != nil {
			fmt.Fprintf(&a.log, "%s: %v\n", id, err)
			s.succeeded = false
		}
	}
	for name, text := range j.Outputs {
		if value := toText(s.expand(text)); value != "" {
			r.outputs[name] = value
		}
	}
	return s.succeeded
}

// use does what the actions do that the flavor uses.
func (a *actions) use(action string, with map[string]string, folder string) error {
	switch action {
	case "actions/checkout@v4":
		return os.CopyFS(folder, os.DirFS(a.repo))
	case "actions/setup-python@v5":
		return nil
	case "actions/upload-artifact@v4":
		content, err := os.ReadFile(filepath.Join(folder, with["path"]))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(a.artifacts, with["name"]+".tar"), content, 0o644)
	case "actions/download-artifact@v4":
		content, err := os.ReadFile(filepath.Join(a.artifacts, with["name"]+".tar"))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(folder, with["path"]), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, with["path"], with["name"]+".tar"), content, 0o644)
	}
	return fmt.Errorf("an unknown action: %s", action)
}

// shell runs the text of a step and reads the outputs that it has written.
func (a *actions) shell(text string, env []string, folder string) (map[string]any, error) {
	file := filepath.Join(folder, "github-output")
	cmd := exec.Command("bash", "-e", "-c", text)
	cmd.Dir = folder
	cmd.Env = append(append(os.Environ(), "GITHUB_OUTPUT="+file), env...)
	cmd.Stdout, cmd.Stderr = &a.log, &a.log
	err := cmd.Run()
	out := map[string]any{}
	written, readErr := os.ReadFile(file)
	if readErr != nil {
		return out, err
	}
	for line := range strings.Lines(string(written)) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !found {
			return out, fmt.Errorf("the line %q of GITHUB_OUTPUT", line)
		}
		out[name] = value
	}
	return out, err
}
