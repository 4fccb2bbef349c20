//go:build linux

package runtime_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// pythonCode is a shipped tree of Python files.
func pythonCode(files map[string]string) rt.Code {
	tree := fstest.MapFS{}
	for name, source := range files {
		tree[name] = &fstest.MapFile{Data: []byte(source)}
	}
	return rt.Code{Files: tree}
}

// function is a step m:name with one string output x.
func function(name string) rt.Step {
	return rt.Step{Name: name, Python: "m:" + name, Outputs: []rt.OutputSpec{{Name: "x", Type: "string"}}}
}

const torture = `
import ctypes, os, resource, signal, subprocess, sys

def first(): return str(os.getppid())
def last(): return str(os.getppid())
def leaves(): os._exit(7)
def crashes(): ctypes.string_at(0)
def is_killed(): os.kill(os.getpid(), signal.SIGKILL)
def exits(): sys.exit(3)
def raises(): raise KeyError("why")
def returns_what_is_no_text(): return object()
def is_large(): return "x" * 20_000_000

def has_no_memory():
    resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))
    bytearray(1 << 30)

def prints_much():
    for _ in range(200):
        sys.stdout.write("x" * (1 << 20))
    return "done"

def leaves_a_process():
    return str(subprocess.Popen(["sleep", "1000"]).pid)
`

// TestWhatPythonStepsDoToThemselves lets steps fail in every way there is: each attempt has a process of its own, and the
// interpreter that it was forked from goes on.
func TestWhatPythonStepsDoToThemselves(t *testing.T) {
	want := map[string]string{"first": "", "leaves": "exit code 7", "crashes": "exit code 139", "is_killed": "exit code 137", "exits": "exit code 3",
		"raises": "exit code 1", "returns_what_is_no_text": `output "x": want string, got object`, "is_large": "", "has_no_memory": "exit code 1",
		"prints_much": "", "leaves_a_process": "", "last": ""}
	p := &rt.Pipeline{Name: "p"}
	var names []string
	for name := range want {
		if name != "last" {
			p.Steps = append(p.Steps, function(name))
			names = append(names, name)
		}
	}
	last := function("last")
	last.Needs, last.RunIf = names, "done"
	p.Steps = append(p.Steps, last)
	r := run(t, p, pythonCode(map[string]string{"m.py": torture}), rt.Options{})
	for name, message := range want {
		s := step(t, r, name)
		if failed := s.State == rt.Failed; failed != (message != "") || !strings.Contains(s.Error, message) {
			t.Errorf("%s: %s %q", name, s.State, s.Error)
		}
	}
	for name, text := range map[string]string{"raises": "KeyError: 'why'", "has_no_memory": "MemoryError"} {
		if got := log(t, step(t, r, name)); !strings.Contains(got, text) || strings.Contains(got, "forkserver") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if x, err := rt.Loaded(step(t, r, "is_large").Outputs["x"]); err != nil || len(x.(string)) != 20_000_000 {
		t.Error("the large output is not whole", err)
	}
	if info, err := os.Stat(step(t, r, "prints_much").Log); err != nil || info.Size() != 200<<20 {
		t.Error("the large log is not whole", err)
	}
	assertDead(t, step(t, r, "leaves_a_process").Outputs["x"].(string))
	if a, b := step(t, r, "first").Outputs["x"], step(t, r, "last").Outputs["x"]; a != b || a == strconv.Itoa(os.Getpid()) {
		t.Errorf("forked from %v, then from %v", a, b)
	}
	assertDead(t, step(t, r, "last").Outputs["x"].(string))
}

func TestTimeoutOfAFork(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": `
import signal, subprocess, time
def f():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(subprocess.Popen(["sleep", "1000"], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN)).pid)
    time.sleep(1000)
`})
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Python: "m:f", Timeout: 2 * time.Second}}}
	s := step(t, run(t, p, code, rt.Options{Grace: 100 * time.Millisecond}), "s")
	if s.State != rt.Failed || !strings.Contains(s.Error, "timeout") {
		t.Fatalf("%+v", s)
	}
	assertDead(t, log(t, s))
}

// TestGraceOfAFork gives what a step has started the time to clean up, after the step itself has ended.
func TestGraceOfAFork(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": `
import subprocess, time
def f():
    subprocess.Popen(["bash", "-c", "trap 'sleep 0.2; echo cleaned; exit' TERM; echo up; while :; do sleep 0.05; done"])
    time.sleep(1000)
`})
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{{Name: "s", Python: "m:f", Timeout: 3 * time.Second}}}
	s := step(t, run(t, p, code, rt.Options{Grace: 20 * time.Second}), "s")
	if got := log(t, s); !strings.HasPrefix(got, "up\n") || !strings.HasSuffix(got, "cleaned\n") {
		t.Errorf("%+v: %q", s, got)
	}
}

// TestForkServerIsKilled loses the attempts in flight, and no more.
func TestForkServerIsKilled(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": `
import os, pathlib, signal, subprocess, time
def f(marker):
    if os.path.exists(marker):
        return "again"
    print(subprocess.Popen(["sleep", "1000"]).pid, flush=True)
    pathlib.Path(marker).touch()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1000)
`})
	s := function("f")
	s.With = []rt.Input{{Name: "marker", Type: "string", Value: rt.Lit(filepath.Join(t.TempDir(), "marker"))}}
	s.Retries.Limit = 1
	var seen events
	r := run(t, &rt.Pipeline{Name: "p", Steps: []rt.Step{s}}, code, rt.Options{Sink: &seen})
	if got := step(t, r, "f"); got.Outputs["x"] != "again" {
		t.Fatalf("%+v", got)
	}
	i := slices.IndexFunc(seen.all, func(e rt.Event) bool { return e.Event == "step_retry" })
	if i < 0 || seen.all[i].Error != "the interpreter that ran it was killed" {
		t.Fatalf("%+v", seen.all)
	}
	assertDead(t, log(t, rt.StepResult{Log: seen.all[i].Log}))
}

func TestFresh(t *testing.T) {
	fresh := function("last")
	fresh.Fresh = true
	r := run(t, &rt.Pipeline{Name: "p", Steps: []rt.Step{function("first"), fresh}}, pythonCode(map[string]string{"m.py": torture}), rt.Options{})
	own := strconv.Itoa(os.Getpid())
	if a, b := step(t, r, "first").Outputs["x"], step(t, r, "last").Outputs["x"]; a == own || b != own {
		t.Errorf("%d runs %v and %v", os.Getpid(), a, b)
	}
}

// TestStepsHaveTheirOwnTree lets each step change what it was given; the change has the size of what was there, and is over at
// once.
func TestStepsHaveTheirOwnTree(t *testing.T) {
	code := pythonCode(map[string]string{"data.txt": "shipped", "pkg/__init__.py": "", "pkg/m.py": `
import os, pathlib
from pkg import other

def f():
    here = pathlib.Path(__file__).parent
    assert here == pathlib.Path("pkg").resolve() == pathlib.Path(other.__file__).parent, here
    assert here == pathlib.Path(__import__("pkg").__path__[0]), here
    found = [pathlib.Path("data.txt").read_text(), (here / "note.txt").read_text(), sorted(os.listdir())]
    pathlib.Path("data.txt").write_text("changed")
    (here / "note.txt").write_text("changed")
    pathlib.Path("new.txt").touch()
    return found
`, "pkg/other.py": "", "pkg/note.txt": "shipped"})
	p := &rt.Pipeline{Name: "p", MaxParallel: 2}
	for i := range 12 {
		p.Steps = append(p.Steps, rt.Step{Name: "s" + strconv.Itoa(i), Python: "pkg.m:f", Outputs: []rt.OutputSpec{{Name: "x", Type: "json"}}},
			rt.Step{Name: "t" + strconv.Itoa(i), Script: `cat data.txt > "$OUT_X"; printf changed > data.txt`, Outputs: []rt.OutputSpec{{Name: "x", Type: "string"}}},
			rt.Step{Name: "u" + strconv.Itoa(i), Script: `cat data.txt > "$OUT_X"`, Outputs: []rt.OutputSpec{{Name: "x", Type: "string"}}})
	}
	r := run(t, p, code, rt.Options{})
	for _, s := range r.Steps {
		found, ok := s.Outputs["x"].([]any)
		switch {
		case s.State != rt.Succeeded:
			t.Errorf("%s: %s", s.Name, s.Error)
		case ok && (found[0] != "shipped" || found[1] != "shipped" || len(found[2].([]any)) != 2), !ok && s.Outputs["x"] != "shipped":
			t.Errorf("%s: %v", s.Name, s.Outputs)
		}
	}
}

// TestModulesThatAreLeftToTheAttempts have the same effect as in an interpreter of their own.
func TestModulesThatAreLeftToTheAttempts(t *testing.T) {
	sources := map[string]struct{ source, why, log string }{
		"prints":  {"print('imported')\ndef f(): return 'ok'", "it prints", "imported\n"},
		"thread":  {"import threading, time\nt = threading.Thread(target=time.sleep, args=(1000,), daemon=True)\nt.start()\ndef f(): return 'ok'", "it starts a thread", ""},
		"process": {"import subprocess\np = subprocess.Popen(['sleep', '1000'])\ndef f(): return 'ok' if p.poll() is None else 'gone'", "it starts a process", ""},
		"writes":  {"open('cache', 'w').close()\nimport os\ndef f(): return 'ok' if os.path.exists('cache') else 'no file'", "it writes files", ""},
		"environ": {"import os\nos.environ['FROM_IMPORT'] = '1'\ndef f(): return 'ok'", "it sets environment variables", ""},
		"keeps":   {"import os\nHERE = os.path.dirname(__file__)\ndef f(): return 'ok' if HERE == os.getcwd() else HERE", "it keeps the path of its folder", ""},
		"seeds":   {"import random\nrandom.seed(42)\ndef f(): return 'ok' if random.random() == random.Random(42).random() else 'other'", "it uses random numbers", ""},
		"numbers": {"import random\nR = random.Random()\ndef f(): return 'ok'", "it makes a random number generator", ""},
		"socket2": {"import socket\nPAIR = socket.socketpair()\ndef f(): return 'ok'", "it keeps a file or a connection open", ""},
		"plain":   {"import os\ndef f(): return 'ok' if 'FROM_IMPORT' not in os.environ else 'leaked'", "", ""},
	}
	files, p := map[string]string{}, &rt.Pipeline{Name: "p"}
	for name, s := range sources {
		files[name+".py"] = s.source + "\n"
		p.Steps = append(p.Steps, rt.Step{Name: name, Python: name + ":f", Outputs: []rt.OutputSpec{{Name: "x", Type: "string"}}})
	}
	slices.SortFunc(p.Steps, func(a, b rt.Step) int { return strings.Compare(a.Name, b.Name) })
	var seen events
	r := run(t, p, pythonCode(files), rt.Options{Sink: &seen})
	var notes []string
	for _, e := range seen.all {
		if e.Event == "note" {
			notes = append(notes, e.Notes...)
		}
	}
	for _, s := range r.Steps {
		if s.Outputs["x"] != "ok" || log(t, s) != sources[s.Name].log {
			t.Errorf("%s: %v %s\n%s", s.Name, s.Outputs, s.Error, log(t, s))
		}
		told := slices.ContainsFunc(notes, func(n string) bool {
			return strings.Contains(n, "the module "+s.Name+" ") && strings.Contains(n, sources[s.Name].why)
		})
		if told != (sources[s.Name].why != "") {
			t.Errorf("%s: %q", s.Name, notes)
		}
	}
}

// TestModulesThatCannotBeImported fail the attempts of their own steps.
func TestModulesThatCannotBeImported(t *testing.T) {
	code := pythonCode(map[string]string{
		"fails.py":   "print('before')\n1 / 0\n",
		"crashes.py": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
		"leaves.py":  "import sys\nsys.exit(5)\n",
		"good.py":    "def f(): return 'ok'\n",
	})
	p := &rt.Pipeline{Name: "p"}
	for _, name := range []string{"fails", "crashes", "leaves", "absent", "good"} {
		p.Steps = append(p.Steps, rt.Step{Name: name, Python: name + ":f", Outputs: []rt.OutputSpec{{Name: "x", Type: "string"}}})
	}
	r := run(t, p, code, rt.Options{})
	for name, want := range map[string]string{"fails": "exit code 1", "crashes": "exit code 139", "leaves": "exit code 5", "absent": `no module "absent" for /`, "good": ""} {
		if s := step(t, r, name); !strings.Contains(s.Error, want) || (s.State == rt.Failed) != (want != "") {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if got := log(t, step(t, r, "fails")); !strings.HasPrefix(got, "before\n") || !strings.Contains(got, "ZeroDivisionError") {
		t.Error(got)
	}
	if s := step(t, r, "absent"); !strings.Contains(s.Error, "which looked in "+filepath.Join(r.Dir, "work")) {
		t.Error(s.Error)
	}
}

// TestEnvironmentAtImport lets modules read the environment when they are imported, and programs when they start.
func TestEnvironmentAtImport(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": `
import os, time
AT_IMPORT = os.environ.get("A", "none")
def f(): return [AT_IMPORT, os.environ.get("A", "none"), time.tzname[0], hash("x") == hash("x")]
def h(): return hash("text")
`})
	t.Setenv("SECRET", "hidden")
	x := []rt.OutputSpec{{Name: "x", Type: "json"}}
	env := func(name string, value rt.Expr) []rt.EnvVar { return []rt.EnvVar{{Name: name, Value: value}} }
	p := &rt.Pipeline{Name: "p", Params: []rt.ParamSpec{{Name: "a", Type: "string", Default: "2"}}, Steps: []rt.Step{
		{Name: "none", Python: "m:f", Outputs: x},
		{Name: "one", Python: "m:f", Outputs: x, Env: env("A", rt.Lit("1"))},
		{Name: "two", Python: "m:f", Outputs: x, Env: env("A", rt.Param("a"))},
		{Name: "zone", Python: "m:f", Outputs: x, Env: env("TZ", rt.Lit("XYZ3"))},
		{Name: "secret", Python: "m:s", Secrets: []rt.Secret{{Name: "SECRET", Ref: "a/b"}}},
		{Name: "each", Python: "m:f", Outputs: x, Env: env("A", rt.EachItem("v")), Foreach: []rt.Each{{Name: "v", Items: rt.List(rt.Lit("3"), rt.Lit("4"))}}},
		{Name: "zones", Python: "m:f", Outputs: x, Env: env("TZ", rt.EachItem("v")), Foreach: []rt.Each{{Name: "v", Items: rt.List(rt.Lit("UVW3"))}}},
		{Name: "seed", Python: "m:h", Outputs: x, Env: env("PYTHONHASHSEED", rt.Lit("0"))},
		{Name: "seeds", Python: "m:h", Outputs: x, Env: env("PYTHONHASHSEED", rt.EachItem("v")), Foreach: []rt.Each{{Name: "v", Items: rt.List(rt.Lit("0"))}}},
	}}
	p.Steps[4].Python = "s:f"
	code.Files.(fstest.MapFS)["s.py"] = &fstest.MapFile{Data: []byte("import os\nTOKEN = os.environ['SECRET']\ndef f(): print('it is', TOKEN)\n")}
	r := run(t, p, code, rt.Options{})
	for name, want := range map[string][]any{"none": {"none", "none"}, "one": {"1", "1"}, "two": {"2", "2"}} {
		if got, ok := step(t, r, name).Outputs["x"].([]any); !ok || !slices.Equal(got[:2], want) {
			t.Errorf("%s: %v %s", name, got, step(t, r, name).Error)
		}
	}
	each, ok := step(t, r, "each").Outputs["x"].([]any)
	if !ok || each[0].([]any)[0] != "3" || each[1].([]any)[0] != "4" {
		t.Errorf("%v", each)
	}
	zone, _ := step(t, r, "zone").Outputs["x"].([]any)
	zones, _ := step(t, r, "zones").Outputs["x"].([]any)
	if len(zone) != 4 || zone[2] != "XYZ" || len(zones) != 1 || zones[0].([]any)[2] != "UVW" {
		t.Errorf("%v, %v", zone, zones)
	}
	if got := log(t, step(t, r, "secret")); got != "it is ***\n" {
		t.Error(got)
	}
	seeds, _ := step(t, r, "seeds").Outputs["x"].([]any)
	if seed := step(t, r, "seed").Outputs["x"]; len(seeds) != 1 || seed == nil || seed != seeds[0] {
		t.Errorf("%v, %v", seed, seeds)
	}
}

// TestEndOfAFork does what an interpreter does at its end.
func TestEndOfAFork(t *testing.T) {
	code := pythonCode(map[string]string{"m.py": `
import atexit, random, sys, threading, time

def f(path):
    global FILE
    FILE = open(path, "w")
    FILE.write("left open")
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
    sys.stdout.write("no newline,")

def g():
    return str(random.random())

def h():
    return str(random.random())
`})
	path := filepath.Join(t.TempDir(), "file")
	f := rt.Step{Name: "f", Python: "m:f", With: []rt.Input{{Name: "path", Type: "string", Value: rt.Lit(path)}}}
	r := run(t, &rt.Pipeline{Name: "p", Steps: []rt.Step{f, function("g"), function("h")}}, code, rt.Options{})
	if got := log(t, step(t, r, "f")); got != "no newline,thread\nat exit\n" {
		t.Errorf("%q", got)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "left open" {
		t.Errorf("%q, %v", content, err)
	}
	if a, b := step(t, r, "g").Outputs["x"], step(t, r, "h").Outputs["x"]; a == b {
		t.Errorf("two attempts drew the same random number %v", a)
	}
}
