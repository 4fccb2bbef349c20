package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const docsFolder = "../../docs"

// afterPage are what is looked at when a page is done.
var afterPage = map[string]func(*testing.T, *docSession){
	"howto/from-argo.md":        checkFromArgo,
	"howto/ci.md":               checkCI,
	"howto/from-dag-factory.md": checkFromDAGFactory,
}

// TestDocPages does each page of docs/ as its reader would: files are written, commands run, and what they print is what the page shows.
// Left out are pages that another test reads.
func TestDocPages(t *testing.T) {
	own := pagesOfOtherTests(t)
	ran := 0
	for _, page := range docPages(t) {
		if own[page] {
			continue
		}
		ran++
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			s := newPageSession(t)
			s.doPage(t, page)
			if check := afterPage[page]; check != nil {
				check(t, s)
			}
		})
	}
	if ran < 7 {
		t.Errorf("%d pages", ran)
	}
}

// newPageSession begins in an empty home.
func newPageSession(t *testing.T) *docSession {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newDocSession(home)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// doPage does a page, whose path is relative to docs/.
func (s *docSession) doPage(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docsFolder, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := docBlocks(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if err := s.do(b); err != nil {
			t.Fatalf("docs/%s:%d: %v", page, b.line, err)
		}
	}
}

// docPages are the Markdown files of docs/, slash-separated.
func docPages(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(docsFolder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".md") {
			return err
		}
		name, err := filepath.Rel(docsFolder, file)
		out = append(out, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pagesOfOtherTests has the pages that a test anywhere in the repository, in Go or Python, names by their path or by their name within
// docs/.
func pagesOfOtherTests(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	add := func(file, text string) {
		out[text] = true
		out[strings.TrimPrefix(text, "docs/")] = true
		out[strings.TrimPrefix(filepath.ToSlash(filepath.Join(filepath.Dir(file), text)), docsFolder+"/")] = true
	}
	err := filepath.WalkDir("../..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "../.." || d.Name() == "testdata" || d.Name() == "dist"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasPrefix(d.Name(), "test_") && strings.HasSuffix(file, ".py"):
			data, err := os.ReadFile(file)
			for _, m := range pythonText.FindAllStringSubmatch(string(data), -1) {
				add(file, m[1])
			}
			return err
		case d.IsDir() || !strings.HasSuffix(file, "_test.go") || strings.HasPrefix(d.Name(), "docpages_"):
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				add(file, text)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var pythonText = regexp.MustCompile(`"([a-z/-]+\.md)"`)

// TestPagesOfOtherTests holds the search for tests of pages to finding those in Go and in Python, and not all.
func TestPagesOfOtherTests(t *testing.T) {
	own := pagesOfOtherTests(t)
	for _, page := range []string{"language.md", "engines.md", "semantics.md", "testing.md", "local.md", "diagnostics.md"} {
		if !own[page] {
			t.Errorf("no test of %s is found", page)
		}
	}
	for page := range afterPage {
		if own[page] {
			t.Errorf("%s is taken for a page with a test of its own", page)
		}
	}
}

// TestWrongPages holds the session to finding what is wrong in a page.
func TestWrongPages(t *testing.T) {
	fine := "```yaml file=a.yaml\nname: a\nsteps: {x: {run: echo}}\n```\n"
	for name, page := range map[string]string{
		"another output":    "```console\n$ echo a\nb\n```\n",
		"more output":       "```console\n$ printf 'a\\nb\\n'\na\n```\n",
		"another exit code": "```sh\nfalse\n```\n",
		"it does not fail":  "```sh\ntrue # exit code 1\n```\n",
		"another file":      fine + "```yaml shows=a.yaml\nname: b\n```\n",
		"no such line":      fine + "```diff apply=a.yaml\n-name: b\n+name: c\n```\n",
		"a wrong spec":      "```yaml compiles\nname: a\nsteps: {x: {rum: echo}}\n```\n",
		"an untested block": "```yaml\nname: a\n```\n",
		"no sh":             "```sh not-run: needs a cluster\nkubectl 'apply\n```\n",
		"no yaml":           "```yaml not-run: needs a cluster\na: [\n```\n",
		"no drawing":        "```text drawing\n$ zenc\n```\n",
	} {
		blocks, err := docBlocks(page)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, failed := newPageSession(t), false
		for _, b := range blocks {
			failed = failed || s.do(b) != nil
		}
		if !failed {
			t.Errorf("%s: the page is taken for right", name)
		}
	}
	s := newPageSession(t)
	blocks, err := docBlocks(fine + "```sh\nmkdir b && cd b\n```\n```console\n$ ls ..\n…\na.yaml\n…\n$ false # exit code 1\n$ echo 1.5s\n0.1s\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if err := s.do(b); err != nil {
			t.Error(err)
		}
	}
}
