package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Config is what a project is held against.
type Config struct {
	Version string   // of zenc
	Flavors []string // that there are without the project
}

// maxExtends bounds how many files may extend each other.
const maxExtends = 20

// Find reads the zenc.yaml of a folder, or of the nearest one above it that has one. What is wrong with it is in the result.
func Find(dir string, c Config) (*Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for at := abs; ; at = filepath.Dir(at) {
		file := filepath.Join(at, FileName)
		data, err := os.ReadFile(file)
		if err == nil {
			return read(file, data, c), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %s", Shown(file), PlainError(err))
		}
		if at == filepath.Dir(at) {
			return &Project{Dir: abs}, nil
		}
	}
}

// IsIn reports whether a folder has a zenc.yaml.
func IsIn(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, FileName))
	return err == nil
}

// read makes a project of a file and those that it extends.
func read(path string, data []byte, c Config) *Project {
	p := &Project{File: path, Dir: filepath.Dir(path), origin: map[*spec.Value]*File{}}
	p.extend(path, data)
	var versions diag.List
	for _, f := range p.Files {
		f.version(c.Version, &versions)
	}
	if versions.HasErrors() { // what another version says of the rest is of no use
		return p
	}
	all := make([]*settings, len(p.Files))
	for i, f := range p.Files {
		if f.root != nil {
			all[i] = reader{&f.Diags}.settings(f.root)
			f.allDefaults(all[i])
		}
	}
	if p.HasErrors() {
		return p
	}
	p.resolve(all, c)
	return p
}

// extend reads a file, and then the one that it extends.
func (p *Project) extend(path string, data []byte) {
	for {
		f := &File{Path: path, Source: diag.Source{Name: Shown(path), Data: data}}
		p.Files = append(p.Files, f)
		if isEmpty(data) {
			return
		}
		if len(data) > spec.MaxSize {
			f.Diags.Errorf(diag.Pos{}, diag.BadFile, "the file has %d MiB; at most %d MiB are read", len(data)>>20, spec.MaxSize>>20)
			return
		}
		if f.root = spec.ParseValue(data, &f.Diags); f.root == nil {
			return
		}
		p.mark(f, f.root)
		next := lookup(f.root, "extends")
		if next == nil {
			return
		}
		name := reader{&f.Diags}.text(*next)
		if name == "" {
			return
		}
		if path, data = p.parent(f, name, next.Value.Pos); path == "" {
			return
		}
	}
}

// parent reads the file that another one extends; its path is "" after an error.
func (p *Project) parent(f *File, name string, pos diag.Pos) (path string, data []byte) {
	path = filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(f.Path), path)
	}
	path = filepath.Clean(path)
	isThere := func(other *File) bool { return sameFile(other.Path, path) }
	if at := slices.IndexFunc(p.Files, isThere); at >= 0 {
		names := make([]string, 0, len(p.Files)+1)
		for _, other := range p.Files[at:] {
			names = append(names, other.Source.Name)
		}
		names = append(names, p.Files[at].Source.Name)
		f.Diags.Errorf(pos, diag.Cycle, "%s extends itself: %s", p.Files[at].Source.Name, strings.Join(names, " extends ")).
			WithHelp("leave out one of them")
		return "", nil
	}
	if len(p.Files) == maxExtends {
		f.Diags.Errorf(pos, diag.EngineLimit, "over %d files extend each other", maxExtends)
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		d := f.Diags.Errorf(pos, diag.BadFile, "cannot read %q, which this file extends: %s", name, PlainError(err))
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			d.WithHelp("name the file in it: %s", filepath.ToSlash(filepath.Join(name, FileName)))
		} else {
			d.WithHelp("write its path relative to the folder of this file")
		}
		return "", nil
	}
	return path, data
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// mark notes which file the values of a tree stand in.
func (p *Project) mark(f *File, v *spec.Value) {
	p.origin[v] = f
	for _, item := range v.Items {
		p.mark(f, item)
	}
	for _, e := range v.Entries {
		p.mark(f, e.Value)
	}
}

// isEmpty reports a file with nothing but comments. It says which folder is the project's, and no more.
func isEmpty(data []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

// Shown is a path as a user would name it: relative to the working directory.
func Shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(here, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// PlainError is an error of the file system without the call that met it.
func PlainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
