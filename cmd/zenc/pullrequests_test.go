package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/zenc-dev/zenc/changes"
	"github.com/zenc-dev/zenc/changes/print"
)

func pullRequestsDoc(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/pull-requests.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPullRequestsDocs runs the commands of docs/pull-requests.md in a repository that has the files of the page: the first version
// of a file is on main, later ones in the working tree. A comment that begins with an exit code says that the command fails.
func TestPullRequestsDocs(t *testing.T) {
	var script strings.Builder
	script.WriteString("exec git init -q -b main\n")
	archive := &txtar.Archive{}
	parts := 0
	add := func(content string) string {
		parts++
		name := fmt.Sprintf("part-%d", parts)
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
		return name
	}
	have := map[string]bool{}
	for _, block := range docsBlock.FindAllStringSubmatch(pullRequestsDoc(t), -1) {
		switch kind, content := block[1], block[2]; kind {
		case "yaml":
			first, rest, _ := strings.Cut(content, "\n")
			name := strings.TrimPrefix(first, "# ")
			if have[name] {
				fmt.Fprintf(&script, "exec git add %s\nexec git commit -q -m first\n", name)
			}
			have[name] = true
			fmt.Fprintf(&script, "cp %s %s\n", add(rest), name)
		case "text":
			command, output, _ := strings.Cut(content, "\n")
			fmt.Fprintf(&script, "! exec %s\ncmp stdout %s\n", strings.TrimPrefix(command, "$ "), add(output))
		case "sh":
			for line := range strings.Lines(content) {
				not := ""
				if strings.Contains(line, "# exit code 1") {
					not = "! "
				}
				fmt.Fprintf(&script, "%sexec sh -e %s\n", not, add(line))
			}
		}
	}
	if parts < 14 {
		t.Fatalf("%d commands and files in the page", parts)
	}
	archive.Comment = []byte(script.String())
	file := filepath.Join(t.TempDir(), "page.txtar")
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for _, variable := range []string{"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"} {
				env.Setenv(variable, "ada@example.com")
			}
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}

// TestPullRequestsFields holds the page to all fields of the JSON.
func TestPullRequestsFields(t *testing.T) {
	all := changes.Changes{{Action: "a", Step: "s", Group: "g", Key: "k", Name: "n", Field: "f", Old: "o", New: "n", Breaking: "b", Steps: []string{"s"}, Diff: "d"}}
	data, err := json.Marshal(print.NewReport("a", "b", []print.Pipeline{{File: "f", Was: "w", Name: "n", Changes: all, Errors: []string{"e"}}, {File: "f", Changes: all}}))
	if err != nil {
		t.Fatal(err)
	}
	doc := pullRequestsDoc(t)
	fields := regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(string(data), -1)
	if len(fields) < 20 {
		t.Fatalf("%d fields", len(fields))
	}
	for _, f := range fields {
		if !strings.Contains(doc, "`"+f[1]+"`") {
			t.Errorf("the page does not tell of the field %s", f[1])
		}
	}
}

// TestPreCommit commits with pre-commit, which installs zenc from a repository as it does from the published one, with the
// configuration of the page.
func TestPreCommit(t *testing.T) {
	preCommit := os.Getenv("ZENC_PRE_COMMIT")
	if preCommit == "" {
		preCommit = "../../.venv/pre-commit/bin/pre-commit"
	}
	preCommit, err := filepath.Abs(preCommit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(preCommit); err != nil {
		t.Fatalf("%v (make venvs installs it)", err)
	}
	home := t.TempDir()
	env := append(os.Environ(), "HOME="+home, "PRE_COMMIT_HOME="+filepath.Join(home, "pre-commit"), "GOPROXY=off", "PATH="+filepath.Dir(preCommit)+":"+os.Getenv("PATH"),
		"GIT_AUTHOR_NAME=ada", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=ada", "GIT_COMMITTER_EMAIL=a@example.com")
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} { // what is there is not downloaded
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, name+"="+strings.TrimSpace(string(value)))
	}
	in := func(dir, program string, args ...string) (string, error) {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(dir, program string, args ...string) string {
		t.Helper()
		out, err := in(dir, program, args...)
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", program, args, err, out)
		}
		return strings.TrimSpace(out)
	}

	hooks := filepath.Join(home, "zenc")
	copySources(t, hooks)
	must(hooks, "git", "init", "-q", "-b", "main")
	must(hooks, "git", "add", "-A")
	must(hooks, "git", "commit", "-q", "-m", "sources")
	block := regexp.MustCompile("(?ms)^```yaml\n# \\.pre-commit-config\\.yaml\n(.*?)^```").FindStringSubmatch(pullRequestsDoc(t))
	if block == nil {
		t.Fatal("the page has no configuration")
	}
	config := strings.NewReplacer("https://github.com/zenc-dev/zenc", hooks, "v0.1.0", must(hooks, "git", "rev-parse", "HEAD")).Replace(block[1])

	repo := filepath.Join(home, "repo")
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(repo, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(".pre-commit-config.yaml", config)
	write("zenc.yaml", "pipelines: [pipelines/*.yaml]\nstacks: {prod: {flavor: airflow, output: dags}}\n")
	write("pipelines/churn.yaml", "name: churn\nsteps: {a: {runs: echo}}\n")
	write("pipelines/churn.test.yaml", "cases: {}\n")
	must(repo, "git", "init", "-q", "-b", "main")
	must(repo, preCommit, "install")
	commit := func() (string, error) {
		must(repo, "git", "add", "-A")
		return in(repo, "git", "commit", "-m", "change")
	}
	if out, err := commit(); err == nil || !strings.Contains(out, `unknown-key`) {
		t.Fatalf("a wrong spec is committed: %v\n%s", err, out)
	}
	write("pipelines/churn.yaml", "name: churn\nsteps: {a: {run: echo}}\n")
	if out, err := commit(); err == nil || !strings.Contains(out, "zenc check...") || !strings.Contains(out, "Passed") || !strings.Contains(out, "missing: dags/churn.py") {
		t.Fatalf("what is not built is committed: %v\n%s", err, out)
	}
	must(repo, filepath.Join(linkZenc(t), "zenc"), "build", "--stack", "prod")
	if out, err := commit(); err != nil || strings.Count(out, "Passed") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
}

// copySources copies what zenc is built of, and the hooks.
func copySources(t *testing.T, to string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", ".pre-commit-hooks.yaml"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folders, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		switch name := folder.Name(); {
		case !folder.IsDir(), name[0] == '.', name == "golden", name == "bench", name == "examples", name == "dist", name == "bin":
		default:
			if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join("../..", name))); err != nil {
				t.Fatal(err)
			}
		}
	}
}
