package cases_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

var update = flag.Bool("update", false, "rewrite testdata/wrong.txt")

func pipeline(t *testing.T) *ir.Pipeline {
	t.Helper()
	data, err := os.ReadFile("testdata/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, diags := compiler.Compile(compiler.Source{Data: data})
	if p == nil {
		t.Fatal(diags.Sorted()[0].Message)
	}
	return p
}

func stat(name string) (fs.FileInfo, error) { return os.Stat(filepath.Join("testdata", name)) }

func read(t *testing.T, text string) ([]*cases.Case, diag.List) {
	t.Helper()
	var diags diag.List
	f := cases.Parse([]byte(text), &diags)
	if f == nil {
		return nil, diags
	}
	return f.Check(pipeline(t), stat, &diags), diags
}

// TestWrong holds every finding to the comment at the end of its line, and all of them as they are printed to a file.
func TestWrong(t *testing.T) {
	const name = "testdata/wrong.test.yaml"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, diags := read(t, string(data))
	var want, got []string
	for i, line := range strings.Split(string(data), "\n") {
		_, codes, _ := strings.Cut(line, "# want ")
		for _, code := range strings.Fields(codes) {
			want = append(want, fmt.Sprintf("%d: %s", i+1, code))
		}
	}
	for _, d := range diags.Sorted() {
		got = append(got, fmt.Sprintf("%d: %s", d.Pos.Line, d.Code))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the findings differ (-want +got):\n%s", diff)
	}
	var b bytes.Buffer
	diag.Render(&b, diag.Source{Name: "wrong.test.yaml", Data: data}, diags, diag.Style{})
	if *update {
		if err := os.WriteFile("testdata/wrong.txt", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("testdata/wrong.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), b.String()); diff != "" {
		t.Errorf("what is printed differs; -update rewrites it:\n%s", diff)
	}
}

func TestNoTestFile(t *testing.T) {
	for text, want := range map[string]diag.Code{
		"": diag.BadFile, "[1]": diag.WrongShape, "pipeline: x.yaml": diag.MissingKey, "cases: {}": diag.MissingKey, "cases: []": diag.WrongShape,
		"cases: {a: {}, a: {}}": diag.BadYAML, "a: [": diag.BadYAML,
	} {
		_, diags := read(t, text)
		if !slices.ContainsFunc(diags.Sorted(), func(d *diag.Diagnostic) bool { return d.Code == want }) {
			t.Errorf("%q: no %s", text, want)
		}
	}
}

func TestCase(t *testing.T) {
	all, diags := read(t, `
pipeline: pipeline.yaml
cases:
  one:
    description: The first.
    params: {region: "eu", folds: [1, 2]}
    secrets: {slack/token: x}
    steps:
      extract: {outputs: {rows: {text: "a,b\n"}, raw: ., count: 012}}
      train: {state: failed, error: no more disk, outputs: {loss: [0.5, null]}}
    expect:
      steps: {pick: {state: upstream_failed, attempts: 0}}
  two:
    params: {region: asia}
    expect: {refused: "region"}
  three:
    params: {region: eu}
    only: [train]
    steps: {extract: {outputs: {rows: pipeline.yaml}}}
    expect: {status: failed, steps: {train: {outputs: {model: [{text: x}], loss: [1]}, error: exit code}}}
`)
	if all := diags.Sorted(); len(all) != 1 || all[0].Code != diag.BadNumber { // 012
		t.Fatalf("%v", all)
	}
	one, two, three := all[0], all[1], all[2]
	if one.Name != "one" || len(one.Params) != 2 || one.Secrets["slack/token"] != "x" || one.Expect.Status != "succeeded" || *one.Expect.Steps[0].Attempts != 0 {
		t.Errorf("%+v", one)
	}
	if s := one.StandIns[0]; *s.Outputs[0].Content.Text != "a,b\n" || s.Outputs[1].Content.Path != "." {
		t.Errorf("%+v", s)
	}
	if s := one.StandIns[1]; s.State != "failed" || s.Error != "no more disk" || s.Outputs[0].Content.Items[0].Value.Text != "0.5" || s.Outputs[0].Content.Items[1].Value != nil {
		t.Errorf("%+v", s)
	}
	if two.Expect.Refused != "region" || two.Expect.Status != "" {
		t.Errorf("%+v", two)
	}
	var skipped []string
	for _, s := range three.StandIns {
		if s.NotRun {
			skipped = append(skipped, s.Step)
		}
	}
	if got := strings.Join(skipped, " "); got != "pick notify pickled region.fetch region.fit report" {
		t.Error(got)
	}
	if x := three.Expect.Steps[0].Outputs[1]; x.Content.Items[0].Value.Text != "1.0" || x.Type != ir.Float {
		t.Errorf("%+v", x)
	}
}
