package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/output"
	"github.com/zenc-dev/zenc/templates"
)

// runInProcess runs every case as zenc run does.
func runInProcess(t *testing.T, cases []*testCase) map[string]result {
	return runEach(t, cases, func(c *testCase, args []string, stdout, stderr *bytes.Buffer) int {
		return runtime.Main(local.Pipeline(c.pipeline), local.Code(c.pipeline), templates.StepRunner, args, stdout, stderr)
	})
}

// runProgram builds the generated Go program of every case, all by one command, and runs each.
func runProgram(t *testing.T, cases []*testCase) map[string]result {
	source, bin := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "go.mod"), []byte("module zenc.local\n\ngo 1.24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		files, err := local.New().Emit(c.pipeline, backends.Options{Source: "pipeline.yaml"})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		plan, err := output.Prepare(source, files, false)
		if err == nil {
			err = plan.Write()
		}
		if err == nil { // one module instead of one each
			err = os.Remove(filepath.Join(source, c.name, "go.mod"))
		}
		if err == nil && c != cases[0] {
			err = shareRuntime(source, c.name, cases[0].name)
		}
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
	}
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./...")
	build.Dir = source
	build.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return runEach(t, cases, func(c *testCase, args []string, stdout, stderr *bytes.Buffer) int {
		cmd := exec.Command(filepath.Join(bin, c.name), args...)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(stderr, err)
		}
		return cmd.ProcessState.ExitCode()
	})
}

// shareRuntime lets a program have the runtime of another one, which is the same and is so compiled once.
func shareRuntime(source, name, other string) error {
	mine, theirs := filepath.Join(source, name, "runtime"), filepath.Join(source, other, "runtime")
	files, err := os.ReadDir(theirs)
	if err != nil {
		return err
	}
	for _, f := range files {
		a, errA := os.ReadFile(filepath.Join(mine, f.Name()))
		b, errB := os.ReadFile(filepath.Join(theirs, f.Name()))
		if err := errors.Join(errA, errB); err != nil || !bytes.Equal(a, b) {
			return fmt.Errorf("the runtime's %s is not that of %s: %v", f.Name(), other, err)
		}
	}
	program := filepath.Join(source, name, "main.go")
	text, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	text = bytes.Replace(text, []byte(`"zenc.local/`+name+`/runtime"`), []byte(`"zenc.local/`+other+`/runtime"`), 1)
	return errors.Join(os.WriteFile(program, text, 0o644), os.RemoveAll(mine))
}

// runEach calls run for every case and reads the last event that it prints.
func runEach(t *testing.T, cases []*testCase, run func(c *testCase, args []string, stdout, stderr *bytes.Buffer) int) map[string]result {
	results := map[string]result{}
	for _, c := range cases {
		folder := t.TempDir()
		for _, s := range c.pipeline.Steps {
			for _, secret := range s.Secrets {
				t.Setenv(secret.Name, c.secrets[secret.Ref()])
			}
		}
		args := []string{"--format", "json", "--dir", t.TempDir()}
		for name, text := range c.params {
			args = append(args, "-p", name+"="+strings.ReplaceAll(text, temporary, folder))
		}
		var stdout, stderr bytes.Buffer
		exitCode := run(c, args, &stdout, &stderr)
		r := result{log: stdout.String() + stderr.String()}
		if exitCode == 2 && isEmpty(t, folder) {
			r.outcome.Status = "refused"
			results[c.name] = r
			continue
		}
		lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		if err := decodeJSON([]byte(lines[len(lines)-1]), &r.outcome); err != nil {
			t.Errorf("%s: the last event: %v\n%s", c.name, err, r.log)
			continue
		}
		for step, types := range c.artifacts() {
			for name, typ := range types {
				if value, ok := r.outcome.Steps[step].Outputs[name]; ok {
					r.outcome.Steps[step].Outputs[name] = contents(t, value, typ)
				}
			}
		}
		results[c.name] = r
	}
	return results
}

// contents returns the content of an artifact, or of artifacts that may be missing.
func contents(t *testing.T, value any, typ ir.Type) any {
	switch value := value.(type) {
	case string:
		content, err := contentOf(value, typ)
		if err != nil {
			t.Error(err)
		}
		return content
	case []any:
		out := make([]any, len(value))
		for i, path := range value {
			out[i] = contents(t, path, typ)
		}
		return out
	}
	return value
}

// isEmpty reports that no step has left anything in the folder that is its parameter.
func isEmpty(t *testing.T, folder string) bool {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries) == 0
}
