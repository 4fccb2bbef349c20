// Package zenc_test holds the project to its own structure.
package zenc_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/zenc-dev/zenc"

// mayImport says which of the project's packages each package may import. A package that is not here may not exist.
var mayImport = map[string][]string{
	".":                          nil,
	"compiler/ir":                nil,
	"compiler/written":           {"compiler/ir"},
	"compiler/diag":              nil,
	"compiler/explain":           {"compiler/diag"},
	"compiler/spec":              {"compiler/diag"},
	"compiler/expr":              {"compiler/diag", "compiler/ir", "compiler/spec"},
	"compiler/check":             {"compiler/diag", "compiler/ir", "compiler/spec", "compiler/expr"},
	"compiler":                   {"compiler/diag", "compiler/ir", "compiler/spec", "compiler/check"},
	"compiler/cases":             {"compiler/diag", "compiler/ir", "compiler/spec", "compiler/check"},
	"compiler/signature":         {"compiler/diag", "compiler/ir"},
	"compiler/signature/reader":  {"compiler/diag", "compiler/ir", "compiler/signature"},
	"templates":                  nil,
	"backends":                   {"compiler/diag", "compiler/ir"},
	"backends/py":                {"compiler/ir"},
	"backends/external":          {"compiler/diag", "compiler/ir", "backends"},
	"backends/airflow":           {"compiler/diag", "compiler/ir", "backends", "backends/py", "templates"},
	"backends/kubeflow":          {"compiler/diag", "compiler/ir", "backends", "backends/py", "templates"},
	"backends/local":             {"compiler/diag", "compiler/ir", "backends", "backends/local/runtime", "templates"},
	"backends/local/runtime":     nil,
	"backends/local/casetest":    {"compiler/ir", "compiler/cases", "backends/local", "backends/local/runtime", "templates"},
	"backends/local/report":      {"backends/local/runtime", "diagram/layout"},
	"diagram/layout":             nil,
	"diagram":                    {"compiler/ir", "compiler/written", "diagram/layout"},
	"schema":                     nil,
	"output":                     {"backends"},
	"lsp":                        {"compiler", "compiler/cases", "compiler/check", "compiler/diag", "compiler/expr", "compiler/ir", "compiler/spec", "lsp/outline", "schema"},
	"lsp/outline":                nil,
	"changes":                    {"compiler/ir", "compiler/written"},
	"changes/print":              {"changes"},
	"gittree":                    nil,
	"project":                    {"compiler/diag", "compiler/ir", "compiler/spec", "compiler/expr", "compiler/check", "backends"},
	"backends/kubeflow/argotest": nil,
}

// anything are the packages at the top, which may import all below.
var anything = []string{"cmd/zenc", "golden", "conformance", "packaging"}

func TestImports(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "." || d.Name() == "testdata" || d.Name() == "examples" || isGenerated(file)) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		checkImports(t, filepath.ToSlash(file))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isGenerated reports a folder of golden files, which are programs of their own.
func isGenerated(dir string) bool {
	return strings.HasPrefix(filepath.ToSlash(dir), "golden/") || strings.HasPrefix(filepath.ToSlash(dir), "dist")
}

func checkImports(t *testing.T, file string) {
	t.Helper()
	pkg := path.Dir(file)
	allowed, known := mayImport[pkg]
	if !known && !slices.Contains(anything, pkg) {
		t.Errorf("%s: the package %s is not in the rules of this test; add it with what it may import", file, pkg)
		return
	}
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range tree.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		own, isOwn := strings.CutPrefix(name, module+"/")
		switch {
		case isOwn && known && !slices.Contains(allowed, own):
			t.Errorf("%s imports %s, which %s may not", file, own, pkg)
		case !isOwn && pkg == "backends/local/runtime" && strings.Contains(strings.SplitN(name, "/", 2)[0], "."):
			t.Errorf("%s imports %s; the runtime is emitted and may use the standard library alone", file, name)
		}
	}
}

// TestNoMaps holds the intermediate form to plain, ordered data.
func TestNoMaps(t *testing.T) {
	files, err := filepath.Glob("compiler/ir/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		text := read(t, file)
		if strings.Contains(text, "map[") && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s has a map; the intermediate form is ordered", file)
		}
	}
}

// TestOnlyMainExits keeps printing and exiting out of the packages that others could call.
func TestOnlyMainExits(t *testing.T) {
	for pkg := range mayImport {
		files, err := filepath.Glob(filepath.FromSlash(pkg) + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text := read(t, file)
			for _, banned := range []string{"os.Exit(", "log.Fatal", "fmt.Print(", "fmt.Println(", "fmt.Printf("} {
				if strings.Contains(text, banned) && !strings.HasSuffix(file, "_test.go") {
					t.Errorf("%s uses %s…; only cmd/zenc prints and exits", file, banned)
				}
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
