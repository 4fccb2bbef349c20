package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/explain"
	"github.com/zenc-dev/zenc/compiler/signature"
)

// TestFunctionsOfCases holds that the functions of all pipelines of the repository, which work, are found to do so: an error that is
// none is worse than one that is missed.
func TestFunctionsOfCases(t *testing.T) {
	var specs []string
	for _, pattern := range []string{"../../conformance/*/pipeline.yaml", "../../golden/*/pipeline.yaml", "../../examples/*/pipeline.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, found...)
	}
	var functions atomic.Int64
	t.Run("", func(t *testing.T) {
		for _, path := range specs {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				l, err := load(path)
				if err != nil || l.pipeline == nil {
					t.Fatal("it does not compile", err)
				}
				if request := signature.NewRequest(l.pipeline); request != nil {
					functions.Add(int64(len(request.Functions)))
				}
				folder := os.DirFS(filepath.Dir(path))
				_, before := compiler.Compile(compiler.Source{Data: l.source.Data, Code: folder, Folder: folder})
				if l.diags.Len() > before.Len() {
					var text bytes.Buffer
					diag.Render(&text, l.source, l.diags, diag.Style{})
					t.Errorf("there are findings that are not the compiler's:\n%s", &text)
				}
			})
		}
	})
	if functions.Load() < 90 {
		t.Errorf("only %d functions were read", functions.Load())
	}
}

// TestPythonChecksDocs writes the files that docs/python-checks.md shows, and holds what zenc says to what it shows of that.
func TestPythonChecksDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/python-checks.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, block := range regexp.MustCompile("(?ms)^```(?:yaml|python)\n(# (\\S+)\n.*?)^```").FindAllSubmatch(doc, -1) {
		if err := os.MkdirAll(filepath.Dir(string(block[2])), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(string(block[2]), block[1], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shown := regexp.MustCompile("(?ms)^```text\n\\$ zenc ([^\n]*)\n(.*?)^```").FindSubmatch(doc)
	if shown == nil {
		t.Fatal("the page does not show what is said")
	}
	var stdout, stderr bytes.Buffer
	if code := run(strings.Fields(string(shown[1])), strings.NewReader(""), &stdout, &stderr); code != exitFindings {
		t.Errorf("exit code %d", code)
	}
	if diff := cmp.Diff(string(shown[2]), stderr.String()); diff != "" {
		t.Errorf("it says something else (-page +now):\n%s", diff)
	}
	for _, code := range regexp.MustCompile("`([a-z]+-[a-z]+)`[,.]").FindAllSubmatch(doc, -1) {
		if _, known := explain.Find(diag.Code(code[1])); !known {
			t.Errorf("there is no code %q", code[1])
		}
	}
}
