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
)

// loaded is a compiled spec with what is needed to talk about it.
type loaded struct {
	path     string // as the user wrote it
	name     string // as generated files name it
	source   diag.Source
	pipeline *ir.Pipeline // nil if it did not compile
	diags    diag.List
	project  *project
}

// load reads and compiles a spec. Only a wrong use is an error; findings are in the result.
func load(path string) (*loaded, error) {
	l := &loaded{path: path, source: diag.Source{Name: path}}
	data, err := readSpec(path)
	if err != nil {
		l.diags.Errorf(diag.Pos{}, diag.BadFile, "%v", err)
		l.project = &project{}
		return l, nil
	}
	l.source.Data = data
	dir := filepath.Dir(path)
	if l.project, err = findProject(dir); err != nil {
		return nil, err
	}
	codeDir := dir
	if l.project.code != "" {
		codeDir = filepath.Join(l.project.dir, l.project.code)
	}
	code, err := openFolder(codeDir)
	if err != nil {
		return nil, usagef("%s: code: %v", l.project.file, err)
	}
	folder, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	l.name = l.project.relative(path)
	l.pipeline, l.diags = compiler.Compile(compiler.Source{Data: data, Code: code, Folder: folder})
	l.checkFunctions(codeDir)
	return l, nil
}

// openFolder opens a folder; what lies outside of it cannot be reached through the result, not by a link either.
func openFolder(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.New(plainError(err))
	}
	return root.FS(), nil
}

func readSpec(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read the spec: %s", plainError(err))
	case info.IsDir():
		return nil, errors.New("cannot read the spec: it is a folder; name the file in it")
	case info.Size() > spec.MaxSize:
		return nil, fmt.Errorf("the spec has %d MiB; at most %d MiB are read", info.Size()>>20, spec.MaxSize>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the spec: %s", plainError(err))
	}
	return data, nil
}

// plainError is an error of the file system without the call that met it.
func plainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
