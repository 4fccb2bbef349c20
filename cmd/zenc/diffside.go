package main

import (
	"bytes"
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
)

// diffSide is one of two versions: a revision, or the working tree.
type diffSide struct {
	label    string
	revision string
	tree     *gittree.Tree // nil: the working tree, or a file on disk
	prefix   string        // of the folder where zenc runs, from the top of the repository on
}

// read compiles a spec; nil if there is none.
func (d *diffSide) read(name string) (*loaded, error) {
	if name == "" {
		return nil, nil
	}
	shown := seenFrom(d.prefix, name)
	if d.tree == nil {
		l, err := load(filepath.FromSlash(shown))
		if err == nil {
			l.name = shown
		}
		return l, err
	}
	return d.readRevision(name, shown)
}

// readRevision compiles a spec of a revision with what lies beside it there.
func (d *diffSide) readRevision(name, shown string) (*loaded, error) {
	l := &loaded{path: name, name: shown, source: diag.Source{Name: d.revision + ":" + name}, project: &project{}}
	top := d.tree.Folder(".")
	data, err := fs.ReadFile(top, name)
	if err != nil {
		l.diags.Errorf(diag.Pos{}, diag.BadFile, "cannot read the spec: %s", plainError(err))
		return l, nil
	}
	l.source.Data = data
	code := path.Dir(name)
	for dir := code; ; dir = path.Dir(dir) {
		file := path.Join(dir, projectFile)
		text, err := fs.ReadFile(top, file)
		if err == nil {
			if l.project, err = readProject(d.revision+":"+file, dir, text); err != nil {
				return nil, err
			}
			if l.project.code != "" {
				code = path.Join(dir, filepath.ToSlash(l.project.code))
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("%s:%s: %s", d.revision, file, plainError(err))
		}
		if dir == "." {
			break
		}
	}
	if info, err := fs.Stat(top, code); err != nil || !info.IsDir() {
		return nil, usagef("%s: code: there is no folder %q", l.project.file, code)
	}
	l.pipeline, l.diags = compiler.Compile(compiler.Source{Data: data, Code: d.tree.Folder(code), Folder: d.tree.Folder(path.Dir(name))})
	return l, nil
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
