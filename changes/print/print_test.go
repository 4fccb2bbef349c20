package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	mdtext "github.com/yuin/goldmark/text"

	"github.com/zenc-dev/zenc/changes"
)

// sample has each form of a change, with s in every place that a spec fills.
func sample(s string) *Report {
	all := changes.Changes{
		{Action: changes.Changed, Key: "schedule", Old: s + "1", New: s + "2", Breaking: "runs start at other times"},
		{Action: changes.Added, Key: "params", Name: s, New: s},
		{Action: changes.Changed, Key: "labels", Name: s, New: s},
		{Action: changes.Changed, Key: "code", Name: s, Steps: []string{s, s}},
		{Action: changes.Added, Key: "fail_fast", New: "true"},
		{Action: changes.Renamed, Group: s, Key: changes.KeyGroup, Old: s, New: s},
		{Action: changes.Renamed, Step: s, Key: changes.KeyStep, Old: s, New: s, Breaking: "it loses its history"},
		{Action: changes.Removed, Step: s, Key: "outputs", Name: s, Old: "file"},
		{Action: changes.Changed, Step: s, Key: "options", Name: s, Field: s, Old: s, New: "x"},
		{Action: changes.Changed, Step: s, Key: "run", Diff: "@@ -1,1 +1,1 @@\n-" + s + "\n+" + s + "\n"},
		{Action: changes.Added, Step: s, Key: changes.KeyStep, New: s},
		{Action: changes.Removed, Step: s, Key: changes.KeyStep, Old: s},
	}
	return NewReport(s, s, []Pipeline{
		{File: s, Was: s, Name: s, Changes: all},
		{File: s, Name: s, Changes: changes.Changes{{Action: changes.Removed, Key: changes.KeyPipeline, Name: s, Old: s}}},
		{File: "same.yaml", Name: "same"},
		{File: s, Errors: []string{s, s}},
		{File: s, Errors: []string{s}, Status: Broken},
	})
}

func TestText(t *testing.T) {
	var out strings.Builder
	Text(&out, sample("word"), Style{})
	want := `word (was word): 1 step added, 1 removed, 1 renamed, 1 changed; 6 changes of the pipeline itself; 2 breaking changes
  ~ schedule: word1 → word2  [breaking: runs start at other times]
  + param word: word
  ~ label word: (empty) → word
  ~ file word (of word, word)
  + fail_fast: true
  group word
    ~ renamed: word → word
  step word
    ~ renamed: word → word  [breaking: it loses its history]
    - output word: file
    ~ options word word: word → x
    ~ run
        @@ -1,1 +1,1 @@
        -word
        +word
  + step word: word
  - step word: word
word: the pipeline is removed
  - pipeline word: word
word: it cannot be compared
word: it does not compile, as before, and was not compared
1 pipeline without a change in meaning
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTextPaints(t *testing.T) {
	paint := func(name string) func(string) string {
		return func(s string) string { return "<" + name + ">" + s + "</>" }
	}
	var out strings.Builder
	Text(&out, sample("word"), Style{paint("added"), paint("removed"), paint("changed"), paint("breaking"), paint("head")})
	for _, want := range []string{"<head>word (was word)</>", "<added>+ param word</>: word", "<removed>- step word</>",
		"<changed>~ schedule</>: ", "<breaking>[breaking: runs start at other times]</>", "<head>@@ -1,1 +1,1 @@</>", "<removed>-word</>"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}

func TestJSON(t *testing.T) {
	r := sample("<b>\u2028\x1b")
	var out bytes.Buffer
	if err := JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, &back); diff != "" {
		t.Error(diff)
	}
	if r.Status != Trouble || r.Pipelines[0].Status != Changed || r.Pipelines[1].Status != Removed || r.Pipelines[2].Status != Same {
		t.Errorf("statuses %+v", r)
	}
	if strings.Contains(out.String(), "null") {
		t.Error("a list is null:", out.String())
	}
}

// hostile are texts that would be more than text in a terminal, in Markdown or in HTML.
var hostile = []string{
	"<script>alert(1)</script>", "</code></pre></details><h1>x", "<!-- x", "-->", "<details>", "`", "``", "```", "`````` x", " ` ", "`x`", "a``b`",
	"|", "a|b\\|c", "\\", "\\`", "@all", "@zenc-dev/team", "#1", "https://example.com", "www.example.com", "![x](https://example.com/x.png)", "[x](y)",
	"*x*", "_x_", "~~x~~", "$x$", ":smile:", "&lt;&#64;", "# x", "- x", "1. x", "> x", "---", "===", "    x", "\tx", "\n\n# x", "\n```\n", "\r\n~~~\r\n",
	"\r", "\n- x\n", "  \n", "\x1b[31mred", "\x00", "\u202eright", "\u2028x", "\u0085x", "\xff\xfe", " ", "é🐧", "```diff\n+x\n```\n@all",
	strings.Repeat("`", 300), strings.Repeat("x ", 5000), "<a\nb>", "[^1]: x", "| a | b |\n| - | - |", "\n  </details>\n\n@all",
}

// TestMarkdownHolds compares what a reader of Markdown makes of hostile texts with what it makes of a word: the same elements, and
// the same HTML.
func TestMarkdownHolds(t *testing.T) {
	want := elements(t, sample("word"))
	for _, s := range hostile {
		if diff := cmp.Diff(want, elements(t, sample(s))); diff != "" {
			t.Errorf("%.60q breaks out (-word +hostile):\n%.2000s", s, diff)
		}
	}
}

// FuzzMarkdown searches for texts that break out.
func FuzzMarkdown(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return // the parts that are not there are not shown
		}
		if diff := cmp.Diff(elements(t, sample("word")), elements(t, sample(s))); diff != "" {
			t.Errorf("%.60q breaks out (-word +hostile):\n%.2000s", s, diff)
		}
	})
}

// elements are the kinds of all parts of a comment but text, and its HTML, in order.
func elements(t *testing.T, r *Report) []string {
	t.Helper()
	var buffer bytes.Buffer
	if err := Markdown(&buffer, r); err != nil {
		t.Fatal(err)
	}
	source := buffer.Bytes()
	if !utf8.Valid(source) {
		t.Fatalf("not UTF-8: %q", source)
	}
	var out []string
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(mdtext.NewReader(source))
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text, *ast.String:
			return ast.WalkContinue, nil
		case *ast.RawHTML:
			out = append(out, "html "+string(n.Segments.Value(source)))
		case *ast.HTMLBlock:
			out = append(out, "html block "+string(n.Lines().Value(source)))
		}
		out = append(out, fmt.Sprint(entering, " ", n.Kind()))
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMarkdownShows holds that the texts are in the comment as they are, in code.
func TestMarkdownShows(t *testing.T) {
	for _, s := range []string{"a|b", "<b>", "``", "it's @all", "`x`", "*"} {
		var source, page bytes.Buffer
		if err := Markdown(&source, sample(s)); err != nil {
			t.Fatal(err)
		}
		if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert(source.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
		if want := "removed output <code>" + escaped + "</code>: <code>file</code>"; !strings.Contains(page.String(), want) {
			t.Errorf("no %s in\n%s", want, &page)
		}
	}
}

func TestTextIsHarmless(t *testing.T) {
	for _, s := range hostile {
		var out strings.Builder
		Text(&out, sample(s), Style{})
		if strings.ContainsAny(out.String(), "\x00\x1b\r\u202e\u0085\u2028") || !utf8.ValidString(out.String()) {
			t.Errorf("%q: %q", s, out.String())
		}
	}
}

func TestMarkdownHasRoom(t *testing.T) {
	var all changes.Changes
	for i := range 5000 {
		all = append(all, changes.Change{Action: changes.Changed, Step: fmt.Sprint("s", i), Key: "run", Diff: strings.Repeat("+"+strings.Repeat("é", 300)+"\n", 300)})
	}
	var out strings.Builder
	if err := Markdown(&out, NewReport("a", "b", []Pipeline{{File: "x", Name: "x", Changes: all}, {File: "y", Name: "y", Changes: all}})); err != nil {
		t.Fatal(err)
	}
	if n := out.Len(); n > 65536 || n < 20_000 {
		t.Errorf("%d bytes", n)
	}
	if !strings.Contains(out.String(), "further changes not shown") || !strings.Contains(out.String(), "… 200 more lines") {
		t.Error("it does not say that something is missing:", out.String()[out.Len()-300:])
	}
}

func TestLongTextsShowWhereTheyDiffer(t *testing.T) {
	long := strings.Repeat("x", 500)
	a, b := pair(long+"1"+long, long+"2"+long)
	if want := "…" + long[:20] + "1" + long[:179] + "…"; a != want || b == a {
		t.Errorf("got %s and %s", a, b)
	}
}

// TestStatuses holds that the report knows of each status of a pipeline.
func TestStatuses(t *testing.T) {
	change := changes.Changes{{Action: changes.Changed, Key: "owner", Old: "a", New: "b"}}
	for _, c := range []struct {
		pipelines []Pipeline
		want      Status
	}{
		{nil, Same}, {[]Pipeline{{}}, Same}, {[]Pipeline{{}, {Changes: change}}, Changed}, {[]Pipeline{{Status: Broken, Errors: []string{"x"}}}, Same},
		{[]Pipeline{{Errors: []string{"x"}}, {Changes: change}}, Trouble},
	} {
		if got := NewReport("", "", c.pipelines).Status; got != c.want {
			t.Errorf("%+v: %s, want %s", c.pipelines, got, c.want)
		}
	}
}
