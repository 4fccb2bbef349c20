package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/explain"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/signature"
	"github.com/zenc-dev/zenc/compiler/signature/reader"
	"github.com/zenc-dev/zenc/project"
)

// maxLine and maxSummary are in characters: what a terminal shows without a break.
const (
	maxLine    = 100
	maxSummary = 95
)

// TestEveryCodeHasAPage holds the pages to the constants in compiler/diag/codes.go.
func TestEveryCodeHasAPage(t *testing.T) {
	codes := codesOf(t)
	for _, code := range codes {
		if _, ok := explain.Find(diag.Code(code)); !ok {
			t.Errorf("the code %s has no page: write compiler/explain/pages/%s.md, as those beside it are", code, code)
		}
	}
	for _, code := range explain.Codes() {
		if !slices.Contains(codes, code) {
			t.Errorf("compiler/explain/pages/%s.md: there is no such code in compiler/diag/codes.go", code)
		}
	}
}

// codesOf reads the values of all constants of the type Code.
func codesOf(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../diag/codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "Code" || len(spec.Values) != 1 {
			t.Fatalf("codes.go: %s is no constant of the type Code with a value", spec.Names[0].Name)
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, value)
		return true
	})
	return out
}

// example is one of the two examples of a page.
type example struct {
	spec    block            // the fence without a file name: the spec, or the test file
	files   fstest.MapFS     // what lies beside it
	flavor  backends.Backend // nil: none is asked
	options []ir.Field       // of the flavor
	isTest  bool
	// isProject says that the spec is a zenc.yaml.
	isProject    bool
	interpreters []string
}

// block is a fence: its language, the words behind that, and its text.
type block struct {
	language string
	words    []string
	text     string
}

var flavors = map[string]backends.Backend{"airflow": airflow.New(), "kubeflow": kubeflow.New(), "local": local.New()}

// TestExamples compiles both examples of each page. The wrong one has the page's code, and no error of another one; of the right one
// nothing is said at all.
func TestExamples(t *testing.T) {
	for _, page := range explain.All() {
		t.Run(string(page.Code), func(t *testing.T) {
			wrong, right := examples(t, page)
			wrong.interpreters, right.interpreters = []string{"python3"}, []string{"python3"}
			if page.Code == diag.NotChecked {
				wrong.interpreters = nil
			}
			found := 0
			for _, d := range findings(t, wrong) {
				switch {
				case d.Code == page.Code:
					found++
				case d.Severity == diag.Error:
					t.Errorf("the wrong example has another mistake: %s:%d: %s", d.Code, d.Pos.Line, d.Message)
				}
			}
			if found == 0 {
				t.Error("the wrong example is not found to be wrong")
			}
			for _, d := range findings(t, right) {
				t.Errorf("the right example has a finding: %s:%d: %s", d.Code, d.Pos.Line, d.Message)
			}
		})
	}
}

// findings are all that is said of an example.
func findings(t *testing.T, e example) []*diag.Diagnostic {
	t.Helper()
	if e.isTest {
		return findingsOfCases(t, e)
	}
	if e.isProject {
		return findingsOfProject(t, e)
	}
	p, diags := compiler.Compile(compiler.Source{Data: []byte(e.spec.text), Code: e.files, Folder: e.files})
	if p != nil {
		diags.Append(reader.Check(p, signature.Source{Data: []byte(e.spec.text)}, e.interpreters))
	}
	if e.flavor != nil && p != nil {
		diags.Append(e.flavor.Check(p, backends.Options{Source: "pipeline.yaml", Fields: e.options}))
	}
	return diags.Sorted()
}

// findingsOfCases checks a test file; the only YAML file beside it is its pipeline.
func findingsOfCases(t *testing.T, e example) []*diag.Diagnostic {
	t.Helper()
	pipelines, err := fs.Glob(e.files, "*.yaml")
	if err != nil || len(pipelines) != 1 {
		t.Fatalf("the pipelines beside the test file are %q, %v", pipelines, err)
	}
	p, diags := compiler.Compile(compiler.Source{Data: e.files[pipelines[0]].Data, Code: e.files, Folder: e.files})
	if p == nil {
		t.Fatalf("%s: %s", pipelines[0], diags.Sorted()[0].Message)
	}
	if f := cases.Parse([]byte(e.spec.text), &diags); f != nil {
		f.Check(p, e.files.Stat, &diags)
	}
	return diags.Sorted()
}

// findingsOfProject reads a zenc.yaml.
func findingsOfProject(t *testing.T, e example) []*diag.Diagnostic {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, project.FileName), []byte(e.spec.text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := project.Find(dir, project.Config{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return p.Files[0].Diags.Sorted()
}

// TestFormat holds the pages to their form: what Render, the list and a reader rely on.
func TestFormat(t *testing.T) {
	for _, page := range explain.All() {
		bad := func(format string, args ...any) {
			t.Helper()
			t.Errorf("pages/"+string(page.Code)+".md: "+format, args...)
		}
		if !strings.HasPrefix(page.Text, "# "+string(page.Code)+"\n\n") || !strings.HasSuffix(page.Text, "\n") {
			bad("begins with # and its code, and ends with a line")
		}
		if s := page.Summary; !strings.HasSuffix(s, ".") || strings.Contains(s, ". ") || utf8.RuneCountInString(s) > maxSummary {
			bad("its first paragraph must be one sentence of at most %d characters: %q", maxSummary, s)
		}
		if got := titles(page.Text); !slices.Equal(got, []string{"Why", "Wrong", "Right"}) {
			bad("its headings are %q", got)
		}
		for line := range strings.Lines(page.Text) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case utf8.RuneCountInString(line) > maxLine:
				bad("a line of over %d characters: %s", maxLine, line)
			case strings.ContainsAny(line, "\t\r") || strings.TrimRight(line, " ") != line:
				bad("a tab, or a blank at the end: %q", line)
			case !strings.HasPrefix(line, "```") && strings.Count(line, "`")%2 != 0:
				bad("a backquote without its partner: %s", line)
			}
		}
		examples(t, page)
	}
}

func titles(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, strings.TrimSuffix(title, "\n"))
		}
	}
	return out
}

// examples reads the two examples of a page. What lies beside the wrong one does so beside the right one, too.
func examples(t *testing.T, page explain.Page) (wrong, right example) {
	t.Helper()
	why, rest, _ := strings.Cut(page.Text, "\n## Wrong\n")
	first, second, _ := strings.Cut(rest, "\n## Right\n")
	if strings.Contains(why, "```") {
		t.Fatalf("%s: an example above Wrong", page.Code)
	}
	files := fstest.MapFS{}
	wrong = readExample(t, first, files)
	return wrong, readExample(t, second, maps.Clone(files)) // of which some may be other ones there
}

func readExample(t *testing.T, section string, files fstest.MapFS) example {
	t.Helper()
	e, found := example{files: files}, 0
	for _, b := range blocks(section) {
		if name := b.value("file"); name != "" {
			if !strings.Contains(section, "`"+name+"`") {
				t.Errorf("the text does not say that the file is called `%s`", name)
			}
			files[name] = &fstest.MapFile{Data: []byte(b.text)}
			continue
		}
		found++
		e.spec = b
	}
	if found != 1 || e.spec.language != "yaml" {
		t.Fatalf("a section has one spec, in a fence ```yaml, and has %d", found)
	}
	for _, word := range e.spec.words {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case word == "test":
			e.isTest = true
		case word == "project":
			e.isProject = true
		case key == "flavor" && flavors[value] != nil:
			e.flavor = flavors[value]
		case key == "flavor" && files[value] != nil:
			e.flavor = customFlavor(t, value, files[value].Data)
		case value != "" && key != "flavor":
			e.options = append(e.options, ir.Field{Key: key, Value: ir.Value{Kind: ir.StringValue, Text: value}})
		default:
			t.Fatalf("the fence has %q; want test, project, flavor=NAME, or option=value of the flavor", word)
		}
	}
	saysFlavor := strings.Contains(section, "--flavor "+e.spec.value("flavor"))
	if e.flavor != nil && !saysFlavor || e.flavor == nil && len(e.options) > 0 {
		t.Errorf("the text does not say for which --flavor it is")
	}
	for _, o := range e.options {
		if !strings.Contains(section, "--option "+o.Key+"="+o.Value.Text) {
			t.Errorf("the text does not say that it has --option %s=%s", o.Key, o.Value.Text)
		}
	}
	return e
}

// customFlavor is a flavor that is a program beside the spec.
func customFlavor(t *testing.T, name string, program []byte) backends.Backend {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), program, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := external.New(external.Program{Name: name, Path: name, Base: dir, Dir: dir}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func blocks(section string) []block {
	var out []block
	inside := false
	for line := range strings.Lines(section) {
		info, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && !inside:
			words := append(strings.Fields(info), "")
			out = append(out, block{language: words[0], words: strings.Fields(strings.TrimPrefix(info, words[0]))})
			inside = true
		case isFence:
			inside = false
		case inside:
			out[len(out)-1].text += line
		}
	}
	return out
}

// value returns what stands behind a key and = in the first line of a fence.
func (b block) value(key string) string {
	for _, word := range b.words {
		if value, ok := strings.CutPrefix(word, key+"="); ok {
			return value
		}
	}
	return ""
}

func TestNormalize(t *testing.T) {
	for text, want := range map[string]diag.Code{
		"unknown-key": "unknown-key", "UNKNOWN-KEY": "unknown-key", "error[unknown-key]": "unknown-key", "error[unknown-key]:": "unknown-key",
		" note[not-applied]: airflow: [x]": "not-applied", "[cycle]": "cycle", "unknown_key": "unknown-key", "cycle:": "cycle", "": "", "[": "", "]": "",
		"../explain": "../explain",
	} {
		if got := explain.Normalize(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, none := range []diag.Code{"", "../explain", "pages", "/", "unknown-key.md", "unknown-key/"} {
		if page, ok := explain.Find(none); ok {
			t.Errorf("%q has a page: %q", none, page.Text)
		}
	}
}

// TestFoldersAgree holds that what is embedded is all that lies in the folder: a page with another ending would be none.
func TestFoldersAgree(t *testing.T) {
	entries, err := os.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := explain.Find(diag.Code(strings.TrimSuffix(e.Name(), ".md"))); !ok || filepath.Ext(e.Name()) != ".md" {
			t.Errorf("pages/%s is not the page of a code", e.Name())
		}
	}
}
