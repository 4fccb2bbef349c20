package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// watched is a zenc build --watch that runs.
type watched struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string // of the output
	stderr bytes.Buffer
}

func startWatch(t *testing.T, args ...string) *watched {
	t.Helper()
	w := &watched{t: t, cmd: exec.Command("zenc", append([]string{"build", "--watch"}, args...)...), lines: make(chan string, 1000)}
	w.cmd.Stderr = &w.stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	go func() {
		defer close(w.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			w.lines <- scanner.Text()
		}
	}()
	return w
}

// waitFor waits for a line of the output.
func (w *watched) waitFor(pattern string) {
	w.t.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.After(2 * time.Minute)
	var seen []string
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				w.t.Fatalf("it has ended; no line matches %q: %q", pattern, seen)
			}
			if seen = append(seen, line); want.MatchString(line) {
				return
			}
		case <-deadline:
			w.t.Fatalf("no line matches %q: %q", pattern, seen)
		}
	}
}

// end interrupts it and returns what it has printed as errors.
func (w *watched) end() string {
	w.t.Helper()
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil {
		w.t.Fatal(err)
	}
	for range w.lines { // to the end
	}
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("it ends with %v", err)
	}
	return w.stderr.String()
}

func edit(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	t.Chdir(t.TempDir())
	const spec = "name: hello\nfiles: [data.txt]\nsteps:\n  greet: {python: 'greeting:greet', with: {name: ada}}\n"
	edit(t, "pipelines/hello.yaml", spec)
	edit(t, "pipelines/data.txt", "1\n")
	edit(t, "pipelines/greeting.py", "def greet(name): ...\n")
	w := startWatch(t, "pipelines/hello.yaml", "--flavor", "airflow")
	const written = `^built in [0-9.]+m?s: airflow: [1-9]\d* files? written to dist/airflow`
	w.waitFor(written)
	w.waitFor(`^next: `)

	edit(t, "pipelines/hello.yaml", strings.Replace(spec, "ada", "grace", 1))
	w.waitFor(written)
	edit(t, "pipelines/greeting.py", "import words\n\n\ndef greet(name): ...\n")
	w.waitFor(written)
	edit(t, "pipelines/words.py", "HELLO = 'hello'\n") // which the code imports and which was not there
	w.waitFor(written)
	if _, err := os.Stat("dist/airflow/hello.code/words.py"); err != nil {
		t.Error(err)
	}
	edit(t, "pipelines/data.txt", "2\n")
	w.waitFor(written)

	edit(t, "pipelines/hello.yaml", "name: hello\nstep: {}\n") // findings do not end it
	w.waitFor(`^failed in [0-9.]+m?s$`)
	edit(t, "pipelines/hello.yaml", spec)
	w.waitFor(written)
	if err := os.Remove("pipelines/hello.yaml"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(`^failed in `)
	edit(t, "pipelines/hello.yaml", strings.Replace(spec, "ada", "joan", 1))
	w.waitFor(written)

	edit(t, "zenc.yaml", "code: src\n") // a file above that was not there
	w.waitFor(`^failed in `)
	edit(t, "src/greeting.py", "def greet(name): return 1\n")
	edit(t, "zenc.yaml", "code: src\nstacks: {}\n")
	w.waitFor(written)

	stderr := w.end()
	for _, want := range []string{"zenc: watching ", `"step" is not a key of a pipeline`, "cannot read the spec", "--> zenc.yaml:1:7"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr does not say %q:\n%s", want, stderr)
		}
	}
}

// TestWatchProject builds the pipelines that zenc.yaml lists, those that come later as well.
func TestWatchProject(t *testing.T) {
	t.Chdir(t.TempDir())
	edit(t, "zenc.yaml", "extends: base.yaml\npipelines: [pipelines/*.yaml]\n")
	edit(t, "base.yaml", "default: prod\nstacks: {prod: {flavor: airflow, output: dags}}\n")
	edit(t, "pipelines/a.yaml", "name: a\nsteps: {a: {run: echo}}\n")
	w := startWatch(t)
	const written = `^built in [0-9.]+m?s: .*[1-9]\d* files? written to `
	w.waitFor(written + "dags")
	edit(t, "pipelines/b.yaml", "name: b\nsteps: {b: {run: echo}}\n")
	w.waitFor(written + "dags")
	if _, err := os.Stat("dags/b.py"); err != nil {
		t.Error(err)
	}
	edit(t, "base.yaml", "default: prod\nstacks: {prod: {flavor: airflow, output: elsewhere}}\n")
	w.waitFor(written + "elsewhere")
	w.end()
}
