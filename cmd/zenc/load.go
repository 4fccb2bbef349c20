package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/project"
)

// loaded is a compiled spec with what is needed to talk about it.
type loaded struct {
	path     string // as the user wrote it
	name     string // as generated files name it
	source   diag.Source
	pipeline *ir.Pipeline // nil if it did not compile
	diags    diag.List
	project  *project.Project
}

// load reads and compiles a spec. Only a wrong use, or a wrong zenc.yaml, is an error; findings are in the result.
func load(path string) (*loaded, error) { return loadWith(map[string]*project.Project{}, path) }

// loadWith is load, for several specs whose projects, by their files, are shared.
func loadWith(projects map[string]*project.Project, path string) (*loaded, error) {
	l := open(path)
	if l.diags.HasErrors() {
		return l, nil
	}
	p, err := findProject(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if known := projects[p.File]; p.File != "" && known != nil {
		p = known
	}
	projects[p.File] = p
	return l.compile(p)
}

// loadIn is load, for a spec whose project is known.
func loadIn(p *project.Project, path string) (*loaded, error) {
	l := open(path)
	if l.diags.HasErrors() {
		l.project = p
		return l, nil
	}
	return l.compile(p)
}

// open reads a spec.
func open(path string) *loaded {
	l := &loaded{path: path, source: diag.Source{Name: path}, project: &project.Project{}}
	data, err := readSpec(path)
	if err != nil {
		l.diags.Errorf(diag.Pos{}, diag.BadFile, "%v", err)
	}
	l.source.Data = data
	return l
}

func (l *loaded) compile(p *project.Project) (*loaded, error) {
	l.project, l.name = p, p.Relative(l.path)
	dir := filepath.Dir(l.path)
	codeDir := dir
	if p.Code != "" {
		codeDir = filepath.Join(p.Dir, p.Code)
	}
	code, err := openFolder(codeDir)
	if err != nil {
		return nil, usagef("%s: code: %v", p.Files[0].Source.Name, err)
	}
	folder, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	source := compiler.Source{Data: l.source.Data, Code: code, Folder: folder, Defaults: p.Defaults(l.name)}
	l.pipeline, l.diags = compiler.Compile(source)
	l.checkFunctions(codeDir)
	return l, nil
}

// openFolder opens a folder; what lies outside of it cannot be reached through the result, not by a link either.
func openFolder(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.New(project.PlainError(err))
	}
	return root.FS(), nil
}

func readSpec(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read the spec: %s", project.PlainError(err))
	case info.IsDir():
		return nil, errors.New("cannot read the spec: it is a folder; name the file in it")
	case info.Size() > spec.MaxSize:
		return nil, fmt.Errorf("the spec has %d MiB; at most %d MiB are read", info.Size()>>20, spec.MaxSize>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the spec: %s", project.PlainError(err))
	}
	return data, nil
}
