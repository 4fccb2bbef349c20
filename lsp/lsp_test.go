package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const code = `import json


def load(region: str, rows, *, limit: int = 10, **more):
    """Load the rows of a region."""


async def train(
    rows,
    rate=0.5,
):
    pass


def _hidden():
    pass
`

const other = `name: other
params: {rate: {type: float, default: 0.1, description: How fast it learns}}
steps: {t: {run: 'echo 1.0 > "$OUT_LOSS"', outputs: {loss: float}}}
outputs: {loss: "${{ steps.t.loss }}"}
`

var files = map[string]string{"steps.py": code, "pkg/__init__.py": "def top():\n    pass\n", "pkg/deep.py": "", "venv/pyvenv.cfg": "", "venv/no.py": "",
	"other.yaml": other, "data/a.csv": "", "requirements.txt": "", ".hidden.py": ""}

const pipeline = `name: demo
params:
  region: {type: string, default: eu, enum: [eu, us], description: "Where *they* live"}
  folds: [1, 2]
steps:
  load:
    python: steps:load
    description: Reads rows.
    with: {region: "${{ params.region }}", rows: 😀}
    outputs: {count: int, table: file}
  fit:
    run: echo
    foreach: {fold: "${{ params.folds }}"}
    with: {n: "${{ steps.load.count }}", fold: "${{ each.fold }}"}
    outputs: {accuracy: float}
    retries: {limit: 2}
  sub:
    pipeline: other.yaml
    with: {rate: 0.5}
  pick:
    command: [pick, "${{ outputs.best }}", "é 😀 ${{ len(steps.fit.accuracy) }}"]
    needs: [sub, 'fit']
    run_if: not_failed
    outputs: {best: string}
finally:
  end: {run: x, with: {s: "${{ run.status }}", d: "${{ run.interval.start ?? '' }}", l: "${{ steps.sub.loss ?? 0.0 }}"}}
`

// markAfter returns the pipeline with a cursor behind the first place that has a text.
func markAfter(t *testing.T, text string) string {
	t.Helper()
	i := strings.Index(pipeline, text)
	if i < 0 {
		t.Fatalf("no %q in the pipeline", text)
	}
	return pipeline[:i+len(text)] + "|" + pipeline[i+len(text):]
}

func TestHover(t *testing.T) {
	c, dir := start(t, files)
	for _, e := range []struct {
		behind string // the cursor
		want   []string
	}{
		{"\n  load", []string{"step load: python steps:load", "inputs   region: string, rows: string", "outputs  count: int, table: file", "Reads rows."}},
		{"\n  fit", []string{"foreach  fold: int", "needs    load"}},
		{"\n  sub", []string{"the pipeline other.yaml", "outputs  loss: float"}},
		{"\n  pick", []string{"command", "needs    fit, sub", "run_if   not_failed"}},
		{"params.reg", []string{`params.region: string = "eu"`, `one of "eu", "us"`, `Where \*they\* live`}},
		{"${{ par", []string{"The parameters of the run"}},
		{"steps.load.cou", []string{"steps.load.count: int"}},
		{"${{ steps.lo", []string{"step load"}},
		{"each.fo", []string{"each.fold: int"}},
		{"{{ le", []string{"len(a string, list or json): int", "The number of"}},
		{"len(steps.fit.acc", []string{"steps.fit.accuracy: list[float], elements may be null"}},
		{"outputs.be", []string{"outputs.best: string"}},
		{"run.stat", []string{"run.status: string"}},
		{"run.interval.st", []string{"run.interval.start: string, or null"}},
		{"run.inter", []string{"run.interval.start and run.interval.end"}},
		{"steps.sub.lo", []string{"steps.sub.loss: float, or null"}},
		{"needs: [su", []string{"the pipeline other.yaml"}},
		{"'fi", []string{"step fit"}},
		{"run_if: not", []string{"None of the needed steps has failed"}},
		{"retr", []string{"How often a failed step is tried again"}},
		{"lim", []string{"2 is at most three attempts"}},
		{"outputs: {cou", []string{"count: int", "An output of the step load"}},
		{"with: {reg", []string{"region: string", "An input of the step load"}},
		{"with: {rat", []string{"How fast it learns"}},
		{"steps:lo", []string{"def load(region: str, rows, *, limit: int = 10, **more)", "Load the rows of a region."}},
		{"table: fi", []string{"A file, passed by its path"}},
		{"\n  fol", []string{"params.folds: list[int] = [1, 2]"}},
		{"foreach: {fo", []string{"each.fold: int"}},
		{"fina", []string{"Steps that start when all others have ended"}},
	} {
		content, at := cursor(t, markAfter(t, e.behind))
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var got hover
		c.must("textDocument/hover", where(uri, at), &got)
		for _, want := range e.want {
			if !strings.Contains(got.Contents.Value, want) {
				t.Errorf("behind %q:\n%s\nwant %s", e.behind, got.Contents.Value, want)
			}
		}
	}
	for _, behind := range []string{"echo", ", rows: 😀", "descri", "\n    run: "} {
		content, at := cursor(t, markAfter(t, behind))
		if behind == "descri" {
			at.Line = 1000
		}
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var got *hover
		if c.must("textDocument/hover", where(uri, at), &got); got != nil {
			t.Errorf("behind %q: %s", behind, got.Contents.Value)
		}
	}
}

// TestHoverRange: the range is in UTF-16 code units, behind an emoji.
func TestHoverRange(t *testing.T) {
	c, dir := start(t, files)
	content, at := cursor(t, markAfter(t, "{{ len(steps.fit.acc"))
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
	var got hover
	c.must("textDocument/hover", where(uri, at), &got)
	line := newText(content).line(at.Line)
	before, _, _ := strings.Cut(line, "accuracy")
	units := len([]rune(before)) + 1 // the emoji counts twice
	if got.Range.Start.Character != units || got.Range.End.Character != units+len("accuracy") {
		t.Errorf("%+v, want from %d", got.Range, units)
	}
}

func labels(items []completionItem) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.Label
	}
	return out
}

func TestCompletion(t *testing.T) {
	c, dir := start(t, files)
	const head = "name: demo\nparams:\n  region: {type: string, default: eu}\n  n: 1\nsteps:\n  load: {python: 'steps:load', outputs: {count: int, table: file}}\n"
	for _, e := range []struct{ name, text, want, not string }{
		{"params", head + "  a:\n    with: {x: \"${{ params.|\"}\n", "region n", "load"},
		{"params in an open quote", head + "  a:\n    with: {x: \"${{ params.|\n    run: x\n", "region n", ""},
		{"half a name", head + "  a:\n    with: {x: \"${{ params.re| }}\"}\n", "region n", ""},
		{"steps", head + "  a:\n    run: x\n    with:\n      x: ${{ steps.|\n      y: 1\n", "load", "a region"},
		{"outputs of a step", head + "  a:\n    run: x\n    with:\n      x: ${{ 1 + steps.load.| }}\n", "count table", "load"},
		{"names", head + "  a:\n    when: ${{ | }}\n    run: x\n", "params steps run len", "each outputs"},
		{"names, typed", head + "  a:\n    when: ${{ ste|\n    run: x\n", "params steps", ""},
		{"each", head + "  a:\n    foreach: {v: [1, 2], w: [a]}\n    run: x\n    with: {v: \"${{ each.| }}\"}\n", "v w", ""},
		{"each as a root", head + "  a:\n    foreach: {v: [1]}\n    run: x\n    with: {v: \"${{ | }}\"}\n", "each", ""},
		{"outputs in command", head + "  a:\n    command: [x, \"${{ outputs.|\"]\n    outputs: {o: int}\n", "o", ""},
		{"run", head + "  a:\n    run: x\n    with: {v: \"${{ run.| }}\"}\n", "id date interval", "status"},
		{"run.interval", head + "  a:\n    run: x\n    with: {v: \"${{ run.interval.| }}\"}\n", "start end", "id"},
		{"run in finally", head + "finally:\n  a:\n    run: x\n    with: {v: \"${{ run.| }}\"}\n", "status id", ""},
		{"in a text of an expression", head + "  a:\n    when: ${{ params.region == \"pa|\" }}\n    run: x\n", "", "params"},
		{"behind an expression", head + "  a:\n    run: x\n    with: {v: \"${{ run.id }} pa|\"}\n", "", "params"},
		{"an escape", head + "  a:\n    run: x\n    with: {v: \"$${{ pa|\"}\n", "", "params"},
		{"run takes none", head + "  a:\n    run: echo ${{ pa|\n", "", "params"},
		{"after an emoji", head + "  a:\n    run: x\n    with: {v: \"😀é ${{ params.r|\"}\n", "region", ""},
		{"step keys", head + "  a:\n    run: x\n    |\n    outputs: {}\n", "with needs when foreach timeout", "run outputs python"},
		{"step keys, typed", head + "  a:\n    ti|\n", "timeout run python", ""},
		{"step keys at the end", head + "  a:\n    run: x\n    |", "timeout", ""},
		{"step keys in braces", head + "  a: {run: x, |}\n", "timeout with", "run"},
		{"pipeline keys", head + "|", "finally schedule options", "steps name"},
		{"schedule", head + "schedule: {|\n", "cron every timezone", "steps"},
		{"params' keys", "name: x\nparams:\n  a:\n    |\nsteps:\n  b: {run: x}\n", "type default enum", ""},
		{"retries", head + "  a:\n    run: x\n    retries:\n      |\n", "limit delay backoff", ""},
		{"defaults' retries", head + "defaults:\n  retries:\n    |\n", "limit delay", "image"},
		{"run_if", head + "  a:\n    run: x\n    run_if: |\n", "succeeded not_failed failed done", ""},
		{"type of a parameter", "name: x\nparams: {a: {type: |}}\nsteps: {b: {run: x}}\n", "int list[int]", "file"},
		{"type of an output", head + "  a:\n    run: x\n    outputs: {o: |\n", "int file object list[string]", ""},
		{"overlap", head + "schedule:\n  overlap: s|\n", "allow skip replace", ""},
		{"bool", head + "  a:\n    run: x\n    allow_failure: |\n", "true false", ""},
		{"needs in brackets", head + "  b: {run: x}\n  a:\n    run: x\n    needs: [load, |\n", "b", "a load"},
		{"needs with dashes", head + "  b: {run: x}\n  a:\n    run: x\n    needs:\n      - l|\n", "load b", "a"},
		{"modules", head + "  a:\n    python: |\n", "steps pkg pkg.deep", "venv.no no"},
		{"functions", head + "  a:\n    python: steps:|\n", "steps:load steps:train", "steps:_hidden"},
		{"functions in quotes", head + "  a: {python: \"steps:tr|\"}\n", "steps:train", ""},
		{"arguments", head + "  a:\n    python: steps:load\n    with: {rows: 1, |}\n", "region limit", "rows more"},
		{"parameters of a pipeline", head + "  a:\n    pipeline: other.yaml\n    with:\n      |\n", "rate", "region"},
		{"outputs of a pipeline", head + "  o: {pipeline: other.yaml}\n  a:\n    run: x\n    with: {l: \"${{ steps.o.|\"}\n", "loss", ""},
		{"pipelines", head + "  a:\n    pipeline: |\n", "other.yaml pkg/", "pipeline.yaml steps.py"},
		{"files in a folder", head + "files: [data/|]\n", "data/a.csv", "data/"},
		{"requirements", head + "requirements: r|\n", "requirements.txt", "steps.py"},
		{"options", head + "  a:\n    run: x\n    options: {|}\n", "airflow kubeflow local", ""},
		{"a comment", head + "  a: # |\n    run: x\n", "", "timeout params"},
		{"within a script", head + "  a:\n    run: |-\n      ech|\n", "", "timeout"},
		{"an empty file", "|", "name steps", ""},
		{"a new file", "name: x\nst|", "steps params", "name"},
		{"another file", "apiVersion: v1\nki|", "", "steps name"},
		{"within a group", head + "  g:\n    steps:\n      x: {run: x, outputs: {o: int}}\n      y:\n        run: x\n        with: {v: \"${{ steps.| }}\"}\n", "x load", "g y"},
		{"outputs of a group", head + "  g:\n    steps:\n      x: {run: x, outputs: {o: int}}\n    outputs: {o: \"${{ steps.x.|\"}\n", "o", ""},
		{"CRLF", strings.ReplaceAll(head+"  a:\n    run: x\n    with: {v: \"${{ params.|\n    needs: []\n", "\n", "\r\n"), "region", ""},
	} {
		content, at := cursor(t, e.text)
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var got completionList
		c.must("textDocument/completion", where(uri, at), &got)
		have := labels(got.Items)
		for _, want := range strings.Fields(e.want) {
			if !slices.Contains(have, want) {
				t.Errorf("%s: no %s in %v", e.name, want, have)
			}
		}
		for _, not := range strings.Fields(e.not) {
			if slices.Contains(have, not) {
				t.Errorf("%s: %s is in %v", e.name, not, have)
			}
		}
		c.notify("textDocument/didClose", documentParams{documentID{uri}})
	}
}

// TestCompletionEdit writes what is chosen into the text.
func TestCompletionEdit(t *testing.T) {
	c, dir := start(t, files)
	const head = "name: demo\nparams: {region: eu}\nsteps:\n  load: {run: x, outputs: {count: int}}\n"
	for _, e := range []struct{ text, label, want string }{
		{"  a: {run: x, with: {v: \"😀 ${{ params.re|x }}\"}}\n", "region", "  a: {run: x, with: {v: \"😀 ${{ params.region }}\"}}\n"},
		{"  a:\n    ru|\n", "run", "  a:\n    run: \n"},
		{"  a:\n    tim|: 1h\n", "timeout", "  a:\n    timeout: 1h\n"},
		{"  a: {run: x, needs: [lo|]}\n", "load", "  a: {run: x, needs: [load]}\n"},
		{"  a:\n    run: x\n    outputs: {o: li|}\n", "list[int]", "  a:\n    run: x\n    outputs: {o: \"list[int]\"}\n"},
		{"  a:\n    run: x\n    outputs:\n      o: li|\n", "list[int]", "  a:\n    run: x\n    outputs:\n      o: list[int]\n"},
		{"  a:\n    run: x\n    outputs: {o: \"li|\"}\n", "list[int]", "  a:\n    run: x\n    outputs: {o: \"list[int]\"}\n"},
		{"  a:\n    python: st|\n", "steps", "  a:\n    python: steps:\n"},
		{"  a:\n    python: steps:lo|\n", "steps:load", "  a:\n    python: steps:load\n"},
	} {
		content, at := cursor(t, head+e.text)
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var got completionList
		c.must("textDocument/completion", where(uri, at), &got)
		i := slices.Index(labels(got.Items), e.label)
		if i < 0 {
			t.Errorf("%q: no %s in %v", e.text, e.label, labels(got.Items))
			continue
		}
		edit := got.Items[i].TextEdit
		if after := newText(content).change(contentChange{&edit.Range, edit.NewText}); after != head+e.want {
			t.Errorf("%q becomes\n%q, want\n%q", e.text, after[len(head):], e.want)
		}
	}
}

func TestDefinition(t *testing.T) {
	c, dir := start(t, files)
	for _, e := range []struct{ behind, want string }{
		{"params.reg", "pipeline.yaml:3: region"},
		{"steps.load.cou", "pipeline.yaml:10: count"},
		{"${{ steps.lo", "pipeline.yaml:6: load"},
		{"each.fo", "pipeline.yaml:13: fold"},
		{"needs: [su", "pipeline.yaml:17: sub"},
		{"'fi", "pipeline.yaml:11: fit"},
		{"outputs.be", "pipeline.yaml:24: best"},
		{"steps:lo", "steps.py:4: load"},
		{"other.ya", "other.yaml:1: "},
		{"steps.sub.lo", "other.yaml:4: loss"},
		{"with: {rat", "other.yaml:2: rate"},
		{"run.stat", ""},
		{"steps.sub.loss ?? 0", ""},
		{"retr", ""},
	} {
		content, at := cursor(t, markAfter(t, e.behind))
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var got *location
		c.must("textDocument/definition", where(uri, at), &got)
		if text := shown(t, dir, content, got); text != e.want {
			t.Errorf("behind %q: %q, want %q", e.behind, text, e.want)
		}
	}
}

// shown is a place as a person reads it: the file, the line from 1 on, and the text.
func shown(t *testing.T, dir, open string, at *location) string {
	t.Helper()
	if at == nil {
		return ""
	}
	path := pathOf(at.URI)
	content := open
	if filepath.Base(path) != "pipeline.yaml" {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content = string(data)
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	text := newText(content)
	return fmt.Sprintf("%s:%d: %s", filepath.ToSlash(name), at.Range.Start.Line+1, content[text.offset(at.Range.Start):text.offset(at.Range.End)])
}

func TestReferencesAndRename(t *testing.T) {
	c, dir := start(t, files)
	for _, e := range []struct {
		behind, name string
		uses         int
		refused      string
	}{
		{"\n  reg", "place", 2, ""},
		{"params.fol", "parts", 2, ""},
		{"${{ steps.lo", "read", 2, ""},
		{"\n  fit", "learn", 3, ""},
		{"each.fo", "part", 2, ""},
		{"\n  sub", "nested", 3, ""},
		{"steps.fit.acc", "x", 2, "named by the code"},
		{"\n  pick", "load", 1, "there is a \"load\" already"},
		{"\n  pick", "Bad-Name", 1, "cannot be a name"},
		{"retr", "x", 0, "nothing here"},
	} {
		content, at := cursor(t, markAfter(t, e.behind))
		uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
		var uses []location
		c.must("textDocument/references", referenceParams{where(uri, at), struct {
			IncludeDeclaration bool `json:"includeDeclaration"`
		}{true}}, &uses)
		if len(uses) != e.uses {
			t.Errorf("behind %q: %d uses, want %d: %v", e.behind, len(uses), e.uses, uses)
		}
		var edit workspaceEdit
		err := c.call("textDocument/rename", renameParams{where(uri, at), e.name}, &edit)
		if e.refused != "" {
			if err == nil || !strings.Contains(err.Error(), e.refused) {
				t.Errorf("behind %q: %v, want %s", e.behind, err, e.refused)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		after := content
		for _, change := range slices.Backward(edit.Changes[uri]) {
			after = newText(after).change(contentChange{&change.Range, change.NewText})
		}
		if n := strings.Count(after, e.name) - strings.Count(content, e.name); n != e.uses {
			t.Errorf("behind %q: %d new names, want %d in\n%s", e.behind, n, e.uses, after)
		}
		c.open(filepath.Join(dir, "pipeline.yaml"), after)
		for _, d := range c.diagnostics(uri) {
			if d.Severity == severityError {
				t.Errorf("behind %q: after the renaming: %s", e.behind, d.Message)
			}
		}
	}
}

func TestSymbols(t *testing.T) {
	c, dir := start(t, files)
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), pipeline+"  more: {steps: {a: {run: x}, b: {command: [x]}}}\n")
	var got []documentSymbol
	c.must("textDocument/documentSymbol", documentParams{documentID{uri}}, &got)
	var lines []string
	var walk func(indent string, all []documentSymbol)
	walk = func(indent string, all []documentSymbol) {
		for _, s := range all {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s%s %s", indent, s.Name, s.Detail), " "))
			walk(indent+" ", s.Children)
		}
	}
	walk("", got)
	want := []string{"params", " region string", " folds list[int]", "steps", " load python", " fit run", " sub other.yaml", " pick command",
		"finally", " end run", " more", "  a run", "  b command"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
}
