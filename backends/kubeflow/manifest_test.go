package kubeflow_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// compile returns the pipeline of a spec; code has the files that lie beside it.
func compile(t testing.TB, spec string, code fs.FS) *ir.Pipeline {
	t.Helper()
	p, diags := compiler.Compile(compiler.Source{Data: []byte(spec), Code: code, Folder: code})
	if diags.HasErrors() {
		t.Fatal(render(spec, diags))
	}
	return p
}

func compileFolder(t testing.TB, folder string) *ir.Pipeline {
	t.Helper()
	data, err := os.ReadFile(folder + "/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, string(data), os.DirFS(folder))
}

func noCode() fs.FS { return fstest.MapFS{} }

func render(spec string, diags diag.List) string {
	var b bytes.Buffer
	diag.Render(&b, diag.Source{Name: "pipeline.yaml", Data: []byte(spec)}, diags, diag.Style{})
	return b.String()
}

// options are key, value, key, value.
func options(pairs ...string) backends.Options {
	o := backends.Options{Source: "pipeline.yaml"}
	for i := 0; i < len(pairs); i += 2 {
		o.Fields = append(o.Fields, ir.Field{Key: pairs[i], Value: ir.Value{Kind: ir.StringValue, Text: pairs[i+1]}})
	}
	return o
}

// build checks and emits, and returns the files by path.
func build(t testing.TB, p *ir.Pipeline, o backends.Options) map[string]string {
	t.Helper()
	b := kubeflow.New()
	if diags := b.Check(p, o); diags.HasErrors() {
		t.Fatal(render("", diags))
	}
	files, err := b.Emit(p, o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
	}
	return out
}

// manifestOf is the main file.
func manifestOf(t testing.TB, p *ir.Pipeline, o backends.Options) string {
	t.Helper()
	return build(t, p, o)[p.Name+".yaml"]
}

// documents reads a manifest.
func documents(t testing.TB, manifest string) []map[string]any {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(manifest))
	var out []map[string]any
	for {
		var doc map[string]any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, manifest)
		}
		out = append(out, doc)
	}
}

// ofKind returns the documents of a kind.
func ofKind(docs []map[string]any, kind string) []map[string]any {
	var out []map[string]any
	for _, d := range docs {
		if d["kind"] == kind {
			out = append(out, d)
		}
	}
	return out
}

// at walks maps by key; nil where one is missing.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func elements(v any) []map[string]any {
	items, _ := v.([]any)
	out := make([]map[string]any, len(items))
	for i := range items {
		out[i], _ = items[i].(map[string]any)
	}
	return out
}

// named returns the element of that name.
func named(t testing.TB, v any, name string) map[string]any {
	t.Helper()
	for _, m := range elements(v) {
		if m["name"] == name {
			return m
		}
	}
	t.Fatalf("nothing is called %q in %v", name, v)
	return nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// specs are specs whose manifests every general test reads, by name: those of the golden tests that this flavor takes, and
// some that use what they do not.
func specs(t testing.TB) map[string]*ir.Pipeline {
	t.Helper()
	out := map[string]*ir.Pipeline{"everything": compile(t, everything, everythingCode)}
	for _, name := range []string{"awkward-names", "diamond", "environment", "every", "expressions", "files-between-steps", "hostile-strings",
		"minimal", "one-function", "params", "resources-and-options", "retries"} {
		out[name] = compileFolder(t, "../../golden/"+name)
	}
	return out
}

// everything uses every mechanism of the flavor.
const everything = `
name: everything
description: Uses {{ every }} mechanism.
owner: growth
labels: {team: growth, tier: "not a label's value"}
schedule: {cron: "0 3 * * *", timezone: Europe/Berlin, overlap: skip}
timeout: 2h
max_parallel: 3
max_active_runs: 2
options: {kubeflow: {podGC: {strategy: OnPodSuccess}, ttlStrategy: {secondsAfterCompletion: 604800}, volumes: [{name: cache, emptyDir: {}}]}}
requirements: [pandas==2.2.3]
defaults: {image: "ghcr.io/acme/python:3.12", retries: {limit: 2, delay: 90s, backoff: 2, max_delay: 1h}, timeout: 30m}
params:
  region: {type: string, default: eu, enum: [eu, us], description: Sales region}
  greeting: {type: string, default: "{{workflow.name}} $(HOME) {{ open"}
  folds: {type: "list[int]", default: [0, 1]}
  notes: {type: json, default: {a: "{{b}}"}, description: "Anything, {{ even this }}"}
steps:
  extract:
    description: Reads {{ all }} rows.
    python: acme.steps:extract
    with: {region: "${{ params.region }}", folds: "${{ params.folds }}"}
    env: {MODE: fast, SHOW: "$(HOME) and {{x}}", SHOWN: "$(HOME)", PYTHONHASHSEED: "0", LEVEL: "l-${{ params.region }}"}
    outputs: {rows: file, count: int}
    resources: {cpu: 2, memory: 4Gi, gpu: 1, disk: 10Gi}
    options: {kubeflow: {nodeSelector: {disk: "yes"}, script: {imagePullPolicy: Always, volumeMounts: [{name: cache, mountPath: /cache}]}}}
  not_:
    description: Says so.
    command: [./say.sh, "${{ steps.extract.rows }}", "at ${{ run.date }} of ${{ run.id }}", "${{ outputs.said }}"]
    outputs: {said: file}
    retries: 0
  in:
    run: cat "$IN_ROWS" > "$OUT_TEXT"
    with: {rows: "${{ steps.extract.rows }}", count: "${{ steps.extract.count }}", half: "${{ steps.extract.count / 2 }}"}
    outputs: {text: string}
  everything:
    run: echo "$IN_TEXT $IN_HELLO $IN_NOTES"
    needs: [not_]
    with: {text: "${{ steps.in.text }}", hello: "${{ params.greeting }}", notes: "${{ params.notes }}"}
files: [say.sh, data.bin]
`

var everythingCode = fstest.MapFS{
	"acme/__init__.py": {},
	"acme/steps.py": {Data: []byte("def extract(region, folds, rows):\n    rows.write_text(f\"{region} {folds} {{{{workflow.name}}}}\\n\")\n" +
		"    return 2**53 + 1\n")},
	"say.sh":   {Data: []byte("#!/bin/sh\n{ cat \"$1\"; echo \"$2\"; } > \"$3\"\n"), Mode: 0o755},
	"data.bin": {Data: []byte{0xff, 0, 1}},
}
