package diagram

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/written"
)

const example = `name: example
params: {regions: {type: "list[string]", default: [eu, us]}, publish: true}
steps:
  extract: {run: 'echo 1 > "$OUT_N"', outputs: {n: int}}
  region:
    foreach: {name: "${{ params.regions }}"}
    steps:
      fetch: {run: echo, with: {n: "${{ steps.extract.n }}", name: "${{ each.name }}"}}
      fit: {run: echo, needs: [fetch], allow_failure: true}
  train: {run: echo, foreach: {fold: [1, 2], rate: [0.5]}, needs: [extract], with: {f: "${{ each.fold }}"}}
  end:
    run: echo
    needs: [extract, region, train]
    when: ${{ steps.extract.n > 3 && params.publish }}
finally:
  report: {run: echo, with: {s: "${{ run.status }}"}}
  page: {run: echo, needs: [report], run_if: failed}
`

const exampleMermaid = `flowchart LR
    step_extract["extract"]
    step_train[["train<br>for each fold in #91;1, 2#93;<br>for each rate in #91;0.5#93;"]]
    step_end["end<br>when steps.extract.n #62; 3 #38;#38; params.publish"]
    subgraph group_region["region"]
        start_region{{"start<br>for each name in params.regions"}}
        step_region-fetch["fetch"]
        step_region-fit["fit<br>may fail"]
    end
    subgraph finally["finally, when all others have ended"]
        step_report["report"]
        step_page["page<br>if a need failed"]
    end
    step_extract --> start_region
    start_region --> step_region-fetch
    step_region-fetch --> step_region-fit
    step_extract --> step_train
    step_region-fit --> step_end
    step_train --> step_end
    step_report --> step_page
    classDef conditional stroke-dasharray: 5 4
    class step_end,step_page conditional
`

const exampleDOT = `digraph "example" {
  graph [rankdir=LR, fontname="Helvetica"]
  node [shape=box, style=rounded, fontname="Helvetica"]
  "extract" [label="extract"]
  "train" [label="train\nfor each fold in [1, 2]\nfor each rate in [0.5]", peripheries=2]
  "end" [label="end\nwhen steps.extract.n > 3 &amp;&amp; params.publish", style="rounded,dashed"]
  subgraph cluster_1 {
    graph [label="region", style=dashed]
    "region" [label="start\nfor each name in params.regions", shape=hexagon, style="solid"]
    "region.fetch" [label="fetch"]
    "region.fit" [label="fit\nmay fail"]
  }
  subgraph cluster_2 {
    graph [label="finally, when all others have ended", style=dashed]
    "report" [label="report"]
    "page" [label="page\nif a need failed", style="rounded,dashed"]
  }
  "extract" -> "region"
  "region" -> "region.fetch"
  "region.fetch" -> "region.fit"
  "extract" -> "train"
  "region.fit" -> "end"
  "train" -> "end"
  "report" -> "page"
}
`

func compiled(t *testing.T, text string) *ir.Pipeline {
	t.Helper()
	p, diags := compiler.Compile(compiler.Source{Data: []byte(text)})
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	return p
}

func drawing(t *testing.T, p *ir.Pipeline, format string) string {
	t.Helper()
	text, err := New(p).Write(format)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFormats(t *testing.T) {
	for format, want := range map[string]string{"mermaid": exampleMermaid, "dot": exampleDOT} {
		if diff := cmp.Diff(want, drawing(t, compiled(t, example), format)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	if _, err := New(compiled(t, example)).Write("png"); err == nil {
		t.Error("png is no format")
	}
}

// TestExpressions holds that an expression is drawn as it is written.
func TestExpressions(t *testing.T) {
	for _, text := range []string{
		`params.a == "x"`, `!(params.n > 3) || params.b && !params.b`, `(params.n + 1) * 2 - (params.n - 1) > -params.n`,
		`params.l[0] == 1 ? params.b : params.n in [1, 2]`, `len(params.a) > 3 && params.a contains "b\"<"`, `(params.j.x ?? 1) == 2`,
		`(params.b ? 1 : 2) == 1`, `lower(params.a) startsWith upper("c")`,
	} {
		p := compiled(t, "name: x\nparams: {a: x, n: 1, b: true, l: {type: 'list[int]'}, j: {type: json}}\nsteps: {s: {run: echo, when: '${{ "+text+" }}'}}\n")
		if got := written.Expr(p.Steps[0].When); got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
}

// hostileTexts are texts that mean something to one of the formats, or to what shows them.
var hostileTexts = []string{
	`"]-->evil["x"]`, `a"b`, `<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `&amp; &lt; #quot; #35;`, "`**bold**`", `%%{init: {"theme": "dark"}}%%`,
	`$$\frac{1}{2}$$`, `fa:fa-car`, `back\nslash \l \N \G`, `end`, `1. one`, `- two`, `click a href "javascript:alert(1)"`, `{{x}} {% y %} ${{ z }}`, `]]>`, `äöü 你好 🐧`, `; } {`,
	`a|b|c`, `--> ==> -.->`, `:::class`, "it's", `\`, `"`, `@{ shape: circle }`,
}

// hostile is a pipeline whose conditions are hostile, and whose names are what no spec can have.
func hostile() *ir.Pipeline {
	p := &ir.Pipeline{Name: `x"><script>]`, Groups: []ir.Group{{Name: `g"]<b>`}, {Name: "end"}}}
	for i, text := range hostileTexts {
		name := text
		if strings.ContainsAny(text, ".") { // a point is for groups
			name = "dotted"
		}
		s := &ir.Step{Name: name, Kind: ir.Run, When: &ir.Expr{Op: ir.ParamRef, Name: text}, Foreach: []ir.Each{{Name: text, Items: &ir.Expr{Op: ir.Lit, Value: &ir.Value{Kind: ir.StringValue, Text: text}}}}}
		switch i % 3 {
		case 1:
			s.Group = `g"]<b>`
			s.Name = s.Group + "." + s.Name
		case 2:
			s.Finally = true
		}
		for _, before := range p.Steps {
			if s.Finally == before.Finally {
				s.Needs = append(s.Needs, before.Name)
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return unique(p)
}

// unique numbers steps that have the same name.
func unique(p *ir.Pipeline) *ir.Pipeline {
	var names []string
	for _, s := range p.Steps {
		if slices.Contains(names, s.Name) {
			s.Name += " again"
		}
		names = append(names, s.Name)
	}
	return p
}

// TestHostileSVG holds a picture to XML that has no element but ours, and all texts as they are.
func TestHostileSVG(t *testing.T) {
	elements, texts := readSVG(t, drawing(t, hostile(), "svg"))
	if want := []string{"defs", "marker", "path", "rect", "style", "svg", "text", "title"}; !slices.Equal(elements, want) {
		t.Errorf("the elements are %q, want %q", elements, want)
	}
	for _, n := range New(hostile()).nodes {
		for _, line := range n.text() {
			if !slices.Contains(texts, line) {
				t.Errorf("no text %q", line)
			}
		}
	}
}

// readSVG returns the names of all elements, sorted, and the text of each of them.
func readSVG(t *testing.T, text string) (elements, texts []string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(elements)
			return slices.Compact(elements), texts
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		switch x := token.(type) {
		case xml.StartElement:
			elements = append(elements, x.Name.Local)
		case xml.CharData:
			texts = append(texts, string(x))
		}
	}
}

// TestManySteps holds that a picture is refused rather than drawn for hours, and that the others are written.
func TestManySteps(t *testing.T) {
	p := &ir.Pipeline{Name: "many"}
	for i := range 5000 {
		s := &ir.Step{Name: "s" + strings.Repeat("x", i%7) + ir.IntText(int64(i)), Kind: ir.Run}
		for _, before := range p.Steps[max(0, i-20):] {
			s.Needs = append(s.Needs, before.Name)
		}
		p.Steps = append(p.Steps, s)
	}
	if _, err := New(p).Write("svg"); err == nil || !strings.Contains(err.Error(), "5000 steps") {
		t.Errorf("got %v", err)
	}
	if got := strings.Count(drawing(t, p, "dot"), " -> "); got != 4999 {
		t.Errorf("%d edges, want 4999", got)
	}
}

// goldenPipelines are the specs of the golden tests.
func goldenPipelines(t *testing.T) map[string]*ir.Pipeline {
	t.Helper()
	files, err := filepath.Glob("../golden/*/pipeline.yaml")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	out := map[string]*ir.Pipeline{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		folder := os.DirFS(filepath.Dir(file))
		p, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
		if diags.HasErrors() {
			t.Fatal(file, diags.Sorted())
		}
		out[filepath.Base(filepath.Dir(file))] = p
	}
	return out
}
