package main

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/gittree"
	"github.com/zenc-dev/zenc/project"
)

// diffSide is one of two versions: a revision, or the working tree.
type diffSide struct {
	label    string
	revision string
	tree     *gittree.Tree // nil: the working tree, or a file on disk
	prefix   string        // of the folder where zenc runs, from the top of the repository on
	yaml     string        // of a revision: a folder with its YAML files, once it is needed
}

// read compiles a spec; nil if there is none.
func (d *diffSide) read(name string) (*loaded, error) {
	if name == "" {
		return nil, nil
	}
	shown := seenFrom(d.prefix, name)
	var l *loaded
	var err error
	if d.tree == nil {
		l, err = load(filepath.FromSlash(shown))
	} else {
		l, err = d.readRevision(name)
	}
	if err == nil {
		l.name = shown
	}
	return l, err
}

// readRevision compiles a spec of a revision with what lies beside it there.
func (d *diffSide) readRevision(name string) (*loaded, error) {
	l := &loaded{path: name, source: diag.Source{Name: d.revision + ":" + name}, project: &project.Project{}}
	top := d.tree.Folder(".")
	data, err := fs.ReadFile(top, name)
	if err != nil {
		l.diags.Errorf(diag.Pos{}, diag.BadFile, "cannot read the spec: %s", project.PlainError(err))
		return l, nil
	}
	l.source.Data = data
	dir, code := path.Dir(name), path.Dir(name)
	if l.project, err = d.project(dir); err != nil {
		return nil, err
	}
	if l.project.Code != "" {
		code = path.Join(d.projectDir(l.project), filepath.ToSlash(l.project.Code))
	}
	if info, err := fs.Stat(top, code); err != nil || !info.IsDir() {
		return nil, usagef("%s: code: there is no folder %q", l.project.Files[0].Source.Name, code)
	}
	inProject := l.project.Relative(filepath.Join(d.yaml, filepath.FromSlash(name)))
	l.pipeline, l.diags = compiler.Compile(compiler.Source{Data: data, Code: d.tree.Folder(code), Folder: d.tree.Folder(dir),
		Defaults: l.project.Defaults(inProject)})
	return l, nil
}

// project is the one that a folder of the side belongs to.
func (d *diffSide) project(dir string) (*project.Project, error) {
	if d.tree == nil {
		return findProject(filepath.FromSlash(seenFrom(d.prefix, dir)))
	}
	if !d.hasProject(dir) {
		return &project.Project{}, nil
	}
	if err := d.writeYAML(); err != nil {
		return nil, &exitError{exitTrouble, err}
	}
	at := filepath.Join(d.yaml, filepath.FromSlash(dir))
	if err := os.MkdirAll(at, 0o700); err != nil {
		return nil, &exitError{exitTrouble, err}
	}
	p, err := project.Find(at, project.Config{Version: zencVersion(), Flavors: builtinNames()})
	if err != nil {
		return nil, usagef("%v", err)
	}
	for _, f := range p.Files {
		if rel, err := filepath.Rel(d.yaml, f.Path); err == nil && filepath.IsLocal(rel) {
			f.Source.Name = d.revision + ":" + filepath.ToSlash(rel)
		}
	}
	return p, wrongProject(p)
}

// hasProject reports whether a folder of the revision, or one above it, has a zenc.yaml.
func (d *diffSide) hasProject(dir string) bool {
	for ; ; dir = path.Dir(dir) {
		if info, err := fs.Stat(d.tree.Folder("."), path.Join(dir, project.FileName)); err == nil && !info.IsDir() {
			return true
		}
		if dir == "." {
			return false
		}
	}
}

// projectDir is the folder of a project, from the top of the repository on.
func (d *diffSide) projectDir(p *project.Project) string {
	if d.tree == nil {
		return path.Join(d.prefix, filepath.ToSlash(project.Shown(p.Dir)))
	}
	rel, err := filepath.Rel(d.yaml, p.Dir)
	if err != nil {
		return "."
	}
	return filepath.ToSlash(rel)
}

// writeYAML writes the YAML files of the revision into a temporary folder, among all its folders: a zenc.yaml may extend another file,
// lists pipelines by patterns, and names a folder.
func (d *diffSide) writeYAML() error {
	if d.yaml != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "zenc-diff-")
	if err != nil {
		return err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	d.yaml = dir
	for _, name := range d.tree.Files() {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if !isYAML(name) {
			continue
		}
		data, err := d.content(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// close ends what reads the revision.
func (d *diffSide) close() error {
	if d == nil || d.tree == nil {
		return nil
	}
	err := d.tree.Close()
	if d.yaml != "" {
		err = errors.Join(err, os.RemoveAll(d.yaml))
	}
	return err
}

// listed are the specs that the project of the folder where zenc runs lists, as far as they are below the folder; nil if it lists
// none.
func (d *diffSide) listed() ([]string, error) {
	p, err := d.project(cmp.Or(d.prefix, "."))
	if err != nil || !p.HasPipelines() {
		return nil, err
	}
	out := []string{}
	for _, pipeline := range p.Pipelines() {
		if name := path.Join(d.projectDir(p), pipeline.Path); isBelow(name, cmp.Or(d.prefix, ".")) {
			out = append(out, name)
		}
	}
	return out, wrongProject(p)
}

// files are those that may be read.
func (d *diffSide) files(r *gittree.Repository) ([]string, error) {
	if d.tree != nil {
		return d.tree.Files(), nil
	}
	return r.WorkingFiles()
}

// specs are those of the files that are named, and the pipelines below the folders that are.
func (d *diffSide) specs(files, only []string) ([]string, error) {
	var out []string
	for _, name := range files {
		switch {
		case slices.Contains(only, name):
			out = append(out, name)
		case isYAML(name) && slices.ContainsFunc(only, func(folder string) bool { return isBelow(name, folder) }):
			data, err := d.content(name)
			if err != nil {
				return nil, err
			}
			if isPipeline(data) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

func (d *diffSide) content(name string) ([]byte, error) {
	if d.tree != nil {
		return fs.ReadFile(d.tree.Folder("."), name)
	}
	return os.ReadFile(filepath.FromSlash(seenFrom(d.prefix, name)))
}

var stepsLine = regexp.MustCompile(`(?m)^steps:`)

// isPipeline reports a file that has a name and steps. One that is no YAML is judged by its lines.
func isPipeline(data []byte) bool {
	if !bytes.Contains(data, []byte("steps")) {
		return false
	}
	var doc struct {
		Name  yaml.Node `yaml:"name"`
		Steps yaml.Node `yaml:"steps"`
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return stepsLine.Match(data)
	}
	return doc.Steps.Kind == yaml.MappingNode && doc.Name.Kind == yaml.ScalarNode
}
