package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// listed is a package as go list tells of it.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	ImportMap  map[string]string
	Standard   bool
	Module     *struct{ Main bool }
}

// TestEveryPlatform checks the types of every package of zenc, its tests among them, for all platforms: what a system does not have is
// found on any other. It is what the compiler would do, without the minutes that code for six platforms takes.
func TestEveryPlatform(t *testing.T) {
	for _, p := range platforms {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			packages := dependencies(t, p)
			checked, ours := map[string]*types.Package{"unsafe": types.Unsafe}, 0
			for i := range packages {
				if checkTypes(t, p, &packages[i], checked) {
					ours++
				}
			}
			if ours < 30 {
				t.Errorf("%d packages of zenc, tests among them", ours)
			}
		})
	}
}

// dependencies are the packages of zenc with their tests and all that they import, each behind what it imports.
func dependencies(t *testing.T, p platform) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,Standard,Module", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, l)
	}
}

// checkTypes adds the package to those that have been checked, and reports whether it is one of zenc. Of others only what they
// export is looked at.
func checkTypes(t *testing.T, p platform, l *listed, checked map[string]*types.Package) bool {
	t.Helper()
	ours := l.Module != nil && l.Module.Main
	if l.ImportPath == "unsafe" || strings.HasSuffix(l.ImportPath, ".test") { // the main package of a test is made by go test
		return false
	}
	files, set := parsed(t, l)
	config := &types.Config{
		IgnoreFuncBodies: !ours,
		Sizes:            types.SizesFor("gc", p.arch),
		Importer: importer(func(path string) (*types.Package, error) {
			if mapped := l.ImportMap[path]; mapped != "" {
				path = mapped
			}
			if pkg := checked[path]; pkg != nil {
				return pkg, nil
			}
			return nil, errors.New("it is not among the dependencies")
		}),
		Error: func(err error) {
			if ours {
				t.Error(err)
			}
		},
	}
	checked[l.ImportPath], _ = config.Check(l.ImportPath, set, files, nil) // errors have been told
	return ours
}

func parsed(t *testing.T, l *listed) ([]*ast.File, *token.FileSet) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range l.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.Dir, name)
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files, set
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }
