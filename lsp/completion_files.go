package lsp

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// python lists modules, or behind a colon the functions of one.
func (c *completer) python(before string) {
	if c.path == "" {
		return
	}
	code, closeCode := openFolder(c.project(c.path).Code)
	defer closeCode()
	if code == nil {
		return
	}
	name, _, hasColon := strings.Cut(before, ":")
	if !hasColon {
		for _, module := range modules(code) {
			c.add(candidate{label: module, insert: module + ":", kind: itemModule})
		}
		return
	}
	if !identifiers.MatchString(name) {
		return
	}
	_, source, _ := module(code, name)
	for _, f := range functions(source) {
		if !strings.HasPrefix(f.name, "_") {
			c.add(candidate{label: name + ":" + f.name, kind: itemFunction, detail: f.signature, help: f.doc})
		}
	}
}

// files lists what lies in the folder that is being typed: folders, and the files that the key takes.
func (c *completer) files(before, kind string) {
	if c.path == "" {
		return
	}
	dir := path.Dir(before + "x")
	if !fs.ValidPath(dir) {
		return
	}
	root, closeRoot := openFolder(filepath.Dir(c.path))
	defer closeRoot()
	if root == nil {
		return
	}
	entries, err := fs.ReadDir(root, dir)
	if err != nil {
		return // nothing lies there
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), ".") || e.Name() == "__pycache__":
		case e.IsDir():
			c.add(candidate{label: name + "/", kind: itemFile})
		case kind == "files" || kind == "requirements" && path.Ext(name) == ".txt" || kind == "steps.pipeline" && isYAML(name) && name != filepath.Base(c.path):
			c.add(candidate{label: name, kind: itemFile})
		}
	}
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.Contains(path.Base(name), ".test.") && path.Base(name) != "zenc.yaml"
}
