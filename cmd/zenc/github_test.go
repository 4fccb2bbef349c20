package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"gopkg.in/yaml.v3"
)

const githubExample = "../../examples/github/pipelines.yml"

// workflow is the part of a GitHub workflow that the tests look at.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Env   map[string]string `yaml:"env"`
		Steps []workflowStep    `yaml:"steps"`
	} `yaml:"jobs"`
}

type workflowStep struct {
	Name string            `yaml:"name"`
	ID   string            `yaml:"id"`
	If   string            `yaml:"if"`
	Env  map[string]string `yaml:"env"`
	Run  string            `yaml:"run"`
}

func readWorkflow(t *testing.T) workflow {
	t.Helper()
	data, err := os.ReadFile(githubExample)
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWorkflowLint holds the example of a GitHub workflow to actionlint, to the least permissions, and to expressions that are in no
// script.
func TestWorkflowLint(t *testing.T) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	findings, err := linter.LintFile(githubExample, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
	w := readWorkflow(t)
	if want := map[string]string{"contents": "read", "pull-requests": "write"}; !maps.Equal(w.Permissions, want) {
		t.Errorf("permissions %v, want %v", w.Permissions, want)
	}
	for _, step := range w.Jobs["pipelines"].Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("the script of %q has an expression in it: give it as a variable", step.Name)
		}
	}
}

// runner runs the scripts of the workflow as GitHub's runner does, in a repository.
type runner struct {
	t       *testing.T
	repo    string
	temp    string
	api     string
	path    string
	outputs map[string]string // of steps, as in expressions
}

// run runs the steps that have scripts, but for the installation, and returns those that failed. As on GitHub, none runs after one
// that failed.
func (r *runner) run() (failed string, log string) {
	r.t.Helper()
	job := readWorkflow(r.t).Jobs["pipelines"]
	ran := 0
	for _, step := range job.Steps {
		if step.Run == "" || step.Name == "Install zenc" {
			continue
		}
		ran++
		out, err := r.step(step, job.Env)
		log += out
		if err != nil {
			return step.Name, log
		}
	}
	if ran != 4 {
		r.t.Fatalf("%d steps ran", ran)
	}
	return "", log
}

func (r *runner) step(step workflowStep, env map[string]string) (string, error) {
	r.t.Helper()
	script, output := filepath.Join(r.temp, "script.sh"), filepath.Join(r.temp, "output")
	for file, text := range map[string]string{script: step.Run, output: ""} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	cmd := exec.Command("bash", "-e", script)
	cmd.Dir = r.repo
	cmd.Env = []string{"PATH=" + r.path, "HOME=" + r.temp, "RUNNER_TEMP=" + r.temp, "GITHUB_OUTPUT=" + output,
		"GITHUB_STEP_SUMMARY=" + filepath.Join(r.temp, "summary.md"), "GITHUB_API_URL=" + r.api, "GITHUB_REPOSITORY=acme/pipelines"}
	for _, variables := range []map[string]string{env, step.Env} {
		for name, value := range variables {
			cmd.Env = append(cmd.Env, name+"="+r.evaluate(value))
		}
	}
	out, err := cmd.CombinedOutput()
	written, readErr := os.ReadFile(output)
	if readErr != nil {
		r.t.Fatal(readErr)
	}
	for line := range strings.Lines(string(written)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.outputs["steps."+step.ID+".outputs."+name] = value
	}
	return string(out), err
}

// evaluate is the value of a variable: a text, or one expression.
func (r *runner) evaluate(value string) string {
	name, isExpression := strings.CutPrefix(value, "${{ ")
	if !isExpression {
		return value
	}
	out, known := r.outputs[strings.TrimSuffix(name, " }}")]
	if !known {
		r.t.Fatalf("the test does not know the expression %s", value)
	}
	return out
}

// comment is one of a pull request, as GitHub's API has it.
type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

// github speaks the calls of GitHub's API that the workflow makes.
type github struct {
	t        *testing.T
	comments []comment
	calls    []string // those that write
}

func (g *github) add(login, body string) {
	c := comment{ID: len(g.comments) + 1, Body: body}
	c.User.Login = login
	g.comments = append(g.comments, c)
}

func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer secret-token" {
		http.Error(w, `{"message": "Bad credentials"}`, http.StatusUnauthorized)
		return
	}
	const issues = "/repos/acme/pipelines/issues/"
	at := strings.TrimPrefix(r.URL.Path, issues)
	switch {
	case r.Method == http.MethodGet && at == "7/comments":
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*size, len(g.comments))
		g.answer(w, g.comments[from:min(from+size, len(g.comments))])
		return
	case r.Method == http.MethodPost && at == "7/comments":
		g.calls = append(g.calls, "POST")
		g.add("github-actions[bot]", g.body(r))
		g.answer(w, g.comments[len(g.comments)-1])
		return
	case r.Method == http.MethodPatch && strings.HasPrefix(at, "comments/"):
		g.calls = append(g.calls, "PATCH "+at)
		if id, _ := strconv.Atoi(strings.TrimPrefix(at, "comments/")); id > 0 && id <= len(g.comments) {
			g.comments[id-1].Body = g.body(r)
			g.answer(w, g.comments[id-1])
			return
		}
	}
	http.Error(w, `{"message": "Not Found"}`, http.StatusNotFound)
}

func (g *github) body(r *http.Request) string {
	var c comment
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		g.t.Error(err)
	}
	return c.Body
}

func (g *github) answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		g.t.Error(err)
	}
}

// TestWorkflowRuns runs the scripts of the example in a repository with a pull request, against a server that speaks GitHub's API.
func TestWorkflowRuns(t *testing.T) {
	repo := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = repo
		cmd.Env = append(os.Environ(), "HOME="+repo,
			"GIT_AUTHOR_NAME=ada", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=ada", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	zenc := linkZenc(t)
	build := func() {
		t.Helper()
		cmd := exec.Command(filepath.Join(zenc, "zenc"), "build", "--stack", "prod")
		cmd.Dir = repo
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(repo, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(repo, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const spec = "name: train\nsteps:\n  a: {run: %q}\n"
	// merge makes the commit that GitHub checks out for a pull request: the merge of the branch.
	merge := func(text string, isBuilt bool) {
		t.Helper()
		git("switch", "-q", "-C", "feature", "main")
		write("pipelines/train.yaml", text)
		if isBuilt {
			build()
		}
		git("add", "-A")
		git("commit", "-q", "--allow-empty", "-m", "change")
		git("switch", "-q", "--detach", "main")
		git("merge", "-q", "--no-ff", "-m", "merge", "feature")
	}
	git("init", "-q", "-b", "main")
	write("zenc.yaml", "pipelines: [pipelines/*.yaml]\nstacks: {prod: {flavor: airflow, output: dags}}\n")
	write("pipelines/train.yaml", fmt.Sprintf(spec, "echo hello"))
	write("pipelines/train.test.yaml", "cases: {}\n")
	build()
	git("add", "-A")
	git("commit", "-q", "-m", "first")

	api := &github{t: t}
	for i := range 120 {
		api.add("mallory", "<!-- zenc diff -->\nnot by the workflow "+strconv.Itoa(i))
	}
	server := httptest.NewServer(api)
	defer server.Close()
	r := &runner{t: t, repo: repo, temp: t.TempDir(), api: server.URL, path: zenc + ":" + os.Getenv("PATH"), outputs: map[string]string{
		"github.token": "secret-token", "github.event.pull_request.number": "7"}}

	expect := func(what, wantFailed string, wantCalls []string, wantComment string) {
		t.Helper()
		api.calls = nil
		failed, log := r.run()
		if failed != wantFailed || !slices.Equal(api.calls, wantCalls) {
			t.Fatalf("%s: failed at %q, called %q; want %q and %q\n%s", what, failed, api.calls, wantFailed, wantCalls, log)
		}
		if last := api.comments[len(api.comments)-1].Body; !strings.Contains(last, wantComment) {
			t.Errorf("%s: no %q in the comment\n%s", what, wantComment, last)
		}
	}
	merge(fmt.Sprintf(spec, "echo hello"), true)
	expect("nothing changes", "", nil, "not by the workflow 119")
	const hostileScript = "echo \"`id`\" $(touch pwned) '\n```\n@all $${{ x"
	merge(fmt.Sprintf(spec, hostileScript), true)
	expect("a script changes", "", []string{"POST"}, "1 step changed")
	if body := api.comments[120].Body; !strings.HasPrefix(body, "<!-- zenc diff -->\n### ") || !strings.Contains(body, `+echo "`+"`id`"+`" $(touch pwned) '`) {
		t.Error(body)
	}
	merge(fmt.Sprintf(spec, "echo bye"), true)
	expect("it changes again", "", []string{"PATCH comments/121"}, "echo bye")
	merge(fmt.Sprintf(spec, "echo hello"), true)
	expect("it is taken back", "", []string{"PATCH comments/121"}, "The pipelines mean the same")
	merge(fmt.Sprintf(spec, "echo stale"), false)
	expect("what is generated is stale", "What is committed is what the specs say", []string{"PATCH comments/121"}, "echo stale")
	merge("name: train\nsteps:\n  a: {runs: x}\n", false)
	expect("it does not compile", "What is committed is what the specs say", []string{"PATCH comments/121"}, "Not all pipelines can be compared")
	r.outputs["github.token"] = "wrong"
	expect("the token is wrong", "Say it in a comment", nil, "")
	if _, err := os.Stat(filepath.Join(repo, "pwned")); err == nil {
		t.Error("the script of a step ran")
	}
	if summary, err := os.ReadFile(filepath.Join(r.temp, "summary.md")); err != nil || !strings.Contains(string(summary), "echo bye") {
		t.Errorf("the summary: %s %v", summary, err)
	}
}

// linkZenc returns a folder in which the test program is called zenc, and so does what zenc does.
func linkZenc(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "zenc")); err != nil {
		t.Fatal(err)
	}
	return dir
}
