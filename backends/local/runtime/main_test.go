//go:build unix

package runtime_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

func command(t *testing.T, p *rt.Pipeline, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = rt.Main(p, rt.Code{}, stepRunner(t), append([]string{"--dir", t.TempDir()}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "code", Type: "int", Default: 0, Max: 3, Description: "what to exit with"}},
		Steps: []rt.Step{{Name: "s", Script: "exit $IN_CODE", With: []rt.Input{{Name: "code", Type: "int", Value: rt.Param("code")}}}}}
	for _, c := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{nil, 0, "succeeded in", ""},
		{[]string{"-p", "code=3"}, 1, "s: failed after", ""},
		{[]string{"--param", "code=9"}, 2, "", "at most 3"},
		{[]string{"-p", "code"}, 2, "", "want name=value"},
		{[]string{"--format", "xml"}, 2, "", "use text or json"},
		{[]string{"code=1"}, 2, "", "-p name=value"},
		{[]string{"--nope"}, 2, "", "-nope"},
		{[]string{"-h"}, 0, "", "code (int), default 0: what to exit with"},
	} {
		code, stdout, stderr := command(t, p, c.args...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%v: exit code %d\n%s\n%s", c.args, code, stdout, stderr)
		}
	}
}

func TestCommandLineJSON(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Script: "echo 1 > $OUT_X", Outputs: []rt.OutputSpec{{Name: "x", Type: "float"}}}}}
	_, stdout, _ := command(t, p, "--format", "json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var kinds []string
	var last rt.Event
	for _, line := range lines {
		last = rt.Event{}
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, last.Event)
	}
	if got := strings.Join(kinds, " "); got != "run_started step_started step_ended run_ended" {
		t.Error(got)
	}
	if last.Status != rt.RunSucceeded || last.Steps["s"].State != rt.Succeeded || !strings.Contains(lines[3], `"outputs":{"x":1.0}`) {
		t.Error(lines[3])
	}
}

// interrupter interrupts this process when a step starts.
type interrupter struct{ bytes.Buffer }

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("step_started")) {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			return 0, err
		}
	}
	return i.Buffer.Write(p)
}

func TestInterrupt(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Script: "sleep 1000"}}}
	var out interrupter
	code := rt.Main(p, rt.Code{}, nil, []string{"--dir", t.TempDir(), "--format", "json"}, &out, os.Stderr)
	if code != 130 || !strings.Contains(out.String(), `"status":"cancelled"`) {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
}

func TestJournalHoldsWhatTheSinkSees(t *testing.T) {
	var out bytes.Buffer
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "a", Script: "true"}, {Name: "b", Script: "false", Needs: []string{"a"}}}}
	r := run(t, p, rt.Code{}, rt.Options{Sink: rt.NewJSONSink(&out)})
	journal, err := os.ReadFile(filepath.Join(r.Dir, "journal.jsonl"))
	seen := out.String()
	if i := strings.LastIndex(seen, `,"steps":{`); i > 0 { // what the events before have told
		seen = seen[:i] + "}\n"
	}
	if err != nil || string(journal) != seen {
		t.Errorf("%v\n%s\n%s", err, journal, seen)
	}
	ignore, err := os.ReadFile(filepath.Join(r.Dir, "..", "..", ".gitignore"))
	if err != nil || string(ignore) != "*\n" {
		t.Errorf("%v %q", err, ignore)
	}
}

// wheel is a package for pip that needs no network.
const wheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/zenc_probe-1.0-py3-none-any.whl", "w") as z:
    info = "zenc_probe-1.0.dist-info/"
    z.writestr("zenc_probe.py", "answer = 42\n")
    z.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: zenc-probe\nVersion: 1.0\n")
    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr(info + "RECORD", "zenc_probe.py,,\n" + "".join(info + n + ",,\n" for n in ("METADATA", "WHEEL", "RECORD")))
`

func TestRequirementsAreInstalledOnce(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("python3", "-c", wheel, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("PIP_NO_INDEX", "1")
	code := rt.Code{Files: fstest.MapFS{"m.py": {Data: []byte("import sys, zenc_probe\ndef f():\n    return [str(zenc_probe.answer), sys.prefix]\n")}}}
	p := &rt.Pipeline{Name: "p", Requirements: []string{dir + "/zenc_probe-1.0-py3-none-any.whl"},
		Steps: []rt.Step{{Name: "s", Python: "m:f", Outputs: []rt.OutputSpec{{Name: "x", Type: "list[string]"}}}}}
	var prefixes [2]string
	var seen events
	for i := range prefixes {
		s := step(t, run(t, p, code, rt.Options{Dir: dir, Sink: &seen}), "s")
		if s.State != rt.Succeeded {
			t.Fatalf("%+v\n%s", s, log(t, s))
		}
		prefixes[i] = s.Outputs["x"].([]any)[1].(string)
	}
	venvs, err := filepath.Glob(filepath.Join(dir, ".zenc", "venvs", "*-*", "pyvenv.cfg"))
	if err != nil || len(venvs) != 1 || prefixes[0] != filepath.Dir(venvs[0]) || prefixes[1] != prefixes[0] {
		t.Errorf("%v %v", venvs, prefixes)
	}
	notes := 0
	for _, e := range seen.all {
		if e.Event == "note" {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes", notes)
	}
}
