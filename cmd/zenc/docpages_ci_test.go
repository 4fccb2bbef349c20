package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"gopkg.in/yaml.v3"
)

// checkCI holds the workflow of the page to actionlint, and runs what its job, GitLab's and the Makefile run: they succeed in the
// repository that the page has made, and fail when somebody changes a spec alone.
func checkCI(t *testing.T, s *docSession) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	workflow := s.path(".github/workflows/check.yml")
	findings, err := linter.LintFile(workflow, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
	var github struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run string }
		}
	}
	var gitlab struct {
		Zenc struct{ Script []string }
	}
	readYAML(t, workflow, &github)
	readYAML(t, s.path(".gitlab-ci.yml"), &gitlab)
	var commands []string
	for _, step := range github.Jobs["zenc"].Steps {
		if step.Run != "" && step.Name != "Install zenc" {
			commands = append(commands, step.Run)
		}
	}
	if got, want := strings.ReplaceAll(strings.Join(commands, "\n"), " --format github", ""), strings.Join(gitlab.Zenc.Script, "\n"); got != want || len(commands) != 3 {
		t.Errorf("GitHub runs %q and GitLab %q", got, want)
	}
	for _, command := range append(commands, "make check") {
		if out, code, err := s.run(command); err != nil || code != 0 {
			t.Errorf("%s: exit code %d, %v\n%s", command, code, err, out)
		}
	}
	if err := s.apply("pipeline.yaml", "-  who: {type: string, default: moon, description: Who is greeted}\n+  who: {type: string, default: sun, description: Who is greeted}\n"); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]int{commands[0]: 0, commands[1]: 0, commands[2]: 1, "make check": 2} {
		if out, code, err := s.run(command); err != nil || code != want {
			t.Errorf("with a stale build, %s: exit code %d, want %d, %v\n%s", command, code, want, err, out)
		}
	}
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
