package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// docSession is a shell in which a page is done as its reader would do it, in a home of its own.
type docSession struct {
	home string
	dir  string // where the next command runs
	env  []string
}

// newDocSession begins in the empty folder home. Commands find zenc, since testscript has put it on the path, and Airflow.
func newDocSession(home string) (*docSession, error) {
	airflow, err := filepath.Abs(fromEnvironment("ZENC_AIRFLOW3_PYTHON", "../../.venv/airflow3/bin/python"))
	if err != nil {
		return nil, err
	}
	config := filepath.Join(home, ".gitconfig")
	settings := "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdefaultBranchName = false\n"
	if err := os.WriteFile(config, []byte(settings), 0o644); err != nil {
		return nil, err
	}
	s := &docSession{home: home, dir: home, env: append(os.Environ(), "HOME="+home, "GIT_CONFIG_GLOBAL="+config, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C.UTF-8",
		"PATH="+os.Getenv("PATH")+string(filepath.ListSeparator)+filepath.Dir(airflow), "AIRFLOW_HOME="+filepath.Join(home, "airflow"),
		"AIRFLOW__CORE__LOAD_EXAMPLES=False", "VIRTUAL_ENV=", "NO_COLOR=1", "GOPROXY=off", "GOFLAGS=-mod=mod")}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOROOT"} { // they would be looked for in the home
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return nil, err
		}
		s.env = append(s.env, name+"="+strings.TrimSpace(string(value)))
	}
	return s, nil
}

// run runs a command and returns what it prints. A folder that it changes to is that of the next command.
func (s *docSession) run(text string) (string, int, error) {
	where := filepath.Join(s.home, ".where")
	cmd := exec.Command("sh", "-c", text+"\ncode=$?\npwd -P > \"$WHERE\"\nexit $code")
	cmd.Dir = s.dir
	cmd.Env = append(s.env, "WHERE="+where)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", 0, err
	}
	if dir, err := os.ReadFile(where); err == nil {
		s.dir = strings.TrimSuffix(string(dir), "\n")
	}
	return strings.ReplaceAll(string(out), s.home, "/home/ada"), cmd.ProcessState.ExitCode(), nil
}

// do does with a block what its first line asks for. An error says what is not as the page says.
func (s *docSession) do(b docBlock) error {
	switch {
	case b.notRun != "":
		return s.parse(b)
	case b.isDrawing():
		return nil
	case b.words["file"] != "":
		return s.write(b.words["file"], b.text)
	case b.words["apply"] != "":
		return s.apply(b.words["apply"], b.text)
	case b.words["shows"] != "":
		return s.shows(b.words["shows"], b.text)
	case b.lang == "sh" || b.isConsole():
		return s.commands(b)
	}
	if flavor, ok := b.words["compiles"]; ok {
		return s.compiles(flavor, b.text)
	}
	return fmt.Errorf("line %d: nothing tests this block; docpages_block_test.go says what there is", b.line)
}

func (s *docSession) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *docSession) write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(s.path(name), []byte(text), 0o644)
}

// apply replaces the lines of a file that a diff shows, without its numbers.
func (s *docSession) apply(name, diff string) error {
	old, changed := "", ""
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			old += line[1:]
		}
		if line[0] != '-' {
			changed += line[1:]
		}
	}
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return err
	}
	if n := strings.Count("\n"+string(data), "\n"+old); n != 1 {
		return fmt.Errorf("%s has the lines to change %d times:\n%s\nit is:\n%s", name, n, old, data)
	}
	return s.write(name, strings.TrimPrefix(strings.Replace("\n"+string(data), "\n"+old, "\n"+changed, 1), "\n"))
}

func (s *docSession) shows(name, text string) error {
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return err
	}
	const most = 4000 // characters of the file in a message
	want := append(append([]string{"…"}, docLines(docSteady(text))...), "…")
	if !linesMatch(want, docLines(docSteady(string(data)))) {
		return fmt.Errorf("%s does not have these lines:\n%s\nit begins:\n%s", name, text, data[:min(most, len(data))])
	}
	return nil
}

func (s *docSession) commands(b docBlock) error {
	all, err := b.commands()
	if err != nil {
		return err
	}
	for _, c := range all {
		out, code, err := s.run(c.text)
		if err != nil {
			return err
		}
		if code != c.code {
			return fmt.Errorf("line %d: %s\nexit code %d, and the page says %d:\n%s", c.line, c.text, code, c.code, out)
		}
		want, got := docLines(docSteady(c.output)), docLines(docSteady(out))
		if b.isConsole() && !linesMatch(want, got) {
			return fmt.Errorf("line %d: %s\nprints something else (-page +now):\n%s\nall of it:\n%s", c.line, c.text, cmp.Diff(want, got), out)
		}
	}
	return nil
}

// compiles checks a spec by itself.
func (s *docSession) compiles(flavor, text string) error {
	file := filepath.Join(s.home, ".compiles.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	command := "zenc check " + file
	if flavor != "" {
		command = "zenc build " + file + " --stdout --flavor " + flavor
	}
	out, code, err := s.run(command)
	if err == nil && code != exitOK {
		err = fmt.Errorf("it does not compile:\n%s", out)
	}
	return err
}

// parse reads a block that is not run.
func (s *docSession) parse(b docBlock) error {
	switch b.lang {
	case "yaml":
		var content any
		return yaml.Unmarshal([]byte(b.text), &content)
	case "sh":
		cmd := exec.Command("sh", "-n")
		cmd.Stdin = strings.NewReader(b.text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("line %d: %s", b.line, out)
		}
		return nil
	}
	return fmt.Errorf("line %d: a %s block cannot be not-run", b.line, b.lang)
}
