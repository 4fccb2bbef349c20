//go:build unix

package runtime_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

// keysInPython prints the keys that the step runner has for the steps of TestCacheKeyIsTheStepRunners. Its arguments are the
// folders of the runner, of the code, and of the files that the steps read.
const keysInPython = `
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import step

code = sys.argv[2]
folder = pathlib.Path(sys.argv[3])
names = {"params": {}, "steps": {}, "run": {}}
kinds = {"s": "string", "i": "int", "x": "float", "j": "json", "l": "list[string]", "f": "file", "d": "dir", "fs": "list[file]"}
inputs = {
    "s": "\"ü{{\u2028", "i": 2**60 + 1, "x": 1e22, "j": {"b": [1.0, None], "a": True}, "l": ["1", ""],
    "f": str(folder / "rows"), "d": str(folder / "tree"), "fs": [str(folder / "rows"), None],
}
run = {
    "with": {n: {"type": kinds[n]} for n in inputs}, "outputs": {"n": "string", "f": "file"},
    "code": code, "cache": {"env": {"A": "1"}, "secrets": {"TOKEN": "store/key"}},
    "run": str(folder / "script"), "shell": ["bash", "-eo", "pipefail"],
}
python = {"python": "m:f", "code": code, "cache": {}}
command = {"code": code, "cache": {}, "outputs": {"f": "file"}, "command": [
    {"type": "string", "value": "cp"}, {"type": "file", "path": str(folder / "rows")}, {"type": "string", "expr": "outputs[\"f\"]"}]}
print(step.work_key(run, inputs, {"B": "ü"}, {**names, "outputs": {"n": "/out/n", "f": "/out/f"}}))
print(step.work_key(python, {}, {}, {**names, "outputs": {}}))
print(step.work_key(command, {}, {}, {**names, "outputs": {"f": "/out/f"}}))
`

// TestCacheKeyIsTheStepRunners holds that the step runner, which runs the steps of other engines, means the same by a key.
func TestCacheKeyIsTheStepRunners(t *testing.T) {
	t.Setenv("TOKEN", "x")
	files, script := t.TempDir(), "echo \"$IN_S\" > \"$OUT_N\"; touch \"$OUT_F\"\n"
	for path, text := range map[string]string{"rows": "é\n", "tree/b/x": "1\n", "tree/b-": "2\n", "script": script} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(files, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(files, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	maker := rt.Step{Name: "make", Script: `cp "$IN_FROM/rows" "$OUT_ROWS"; cp -r "$IN_FROM/tree/." "$OUT_TREE"; mkdir "$OUT_TREE/none"`,
		With:    []rt.Input{{Name: "from", Type: "string", Value: rt.Lit(files)}},
		Outputs: []rt.OutputSpec{{Name: "rows", Type: "file"}, {Name: "tree", Type: "dir"}}}
	rows := rt.Output("make", "rows")
	value := func(name, typ string, value any) rt.Input {
		return rt.Input{Name: name, Type: typ, Value: rt.Lit(value)}
	}
	steps := []rt.Step{maker,
		{Name: "run", Script: script, Env: []rt.EnvVar{{Name: "A", Value: rt.Lit("1")}, {Name: "B", Value: rt.Lit("ü")}},
			Secrets: []rt.Secret{{Name: "TOKEN", Ref: "store/key"}},
			With: []rt.Input{value("s", "string", "\"ü{{\u2028"), value("i", "int", 1<<60+1), value("x", "float", 1e22),
				value("j", "json", map[string]any{"b": []any{1.0, nil}, "a": true}), value("l", "list[string]", []any{"1", ""}),
				{Name: "f", Type: "file", Value: rows}, {Name: "d", Type: "dir", Value: rt.Output("make", "tree")},
				{Name: "fs", Type: "list[file]", Value: rt.List(rows, rt.Lit(nil))}},
			Outputs: []rt.OutputSpec{{Name: "n", Type: "string"}, {Name: "f", Type: "file"}}},
		{Name: "python", Python: "m:f"},
		{Name: "command", Command: []rt.Expr{rt.Lit("cp"), rows, rt.Path("f")}, Outputs: []rt.OutputSpec{{Name: "f", Type: "file"}}},
	}
	for i := range steps[1:] {
		steps[1+i].Cache, steps[1+i].Needs = true, []string{"make"}
	}
	code := fstest.MapFS{"m.py": {Data: []byte("def f(): pass\n")}, "a/b.py": {Data: []byte("1\n")}, "z.sh": {Data: []byte("2"), Mode: 0o755}}
	dir, runner := t.TempDir(), t.TempDir()
	r, err := rt.Run(t.Context(), &rt.Pipeline{Name: "p", Steps: steps}, rt.Code{Files: code}, rt.Options{Dir: dir, StepRunner: stepRunner(t)})
	if err != nil || r.Status != rt.RunSucceeded {
		t.Fatalf("%v %+v", err, r)
	}
	if err := os.WriteFile(filepath.Join(runner, "step.py"), stepRunner(t), 0o644); err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command("python3", "-c", keysInPython, runner, filepath.Join(r.Dir, "code"), files).Output()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := filepath.Glob(filepath.Join(dir, ".zenc", "cache", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		entries[i] = filepath.Base(entries[i])
	}
	if keys := slices.Sorted(strings.FieldsSeq(string(printed))); !slices.Equal(keys, entries) {
		t.Errorf("the step runner's keys are\n%q, those of the cache\n%q", keys, entries)
	}
}
