package lsp

import (
	"os"
	"path/filepath"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// definition is where what stands at a place is declared, nil if that is nowhere.
func (d *document) definition(offset int) *location {
	if u, ok := d.symbolAt(offset); ok && !u.declaration {
		return d.declarationOf(u.symbol)
	}
	root := d.outline()
	loc := root.Locate(offset)
	if loc.Node == nil || loc.Node.Kind != outline.Scalar || d.path == "" {
		return nil
	}
	if loc.InKey {
		return d.inputDefinition(root, loc.Path)
	}
	switch at := placeOf(root, loc.Path); {
	case at.kind == "steps.python":
		return d.functionDefinition(loc.Node.Text)
	case at.kind == "steps.pipeline", at.kind == "requirements", at.kind == "files":
		return d.fileDefinition(loc.Node.Text)
	}
	return nil
}

// declarationOf is where a symbol is declared: in this document, or in the pipeline that its step inlines.
func (d *document) declarationOf(s symbol) *location {
	root := d.outline()
	if e := s.declaredIn(root); e != nil {
		start, end := inner(e.Key)
		return &location{d.uri, d.text.span(start, end)}
	}
	if s.kind != outputSymbol {
		return nil
	}
	if found := d.inlinedDefinition(s.step, "outputs", s.name); found != nil {
		return found
	}
	return d.declarationOf(symbol{kind: stepSymbol, step: s.step})
}

// inputDefinition is the parameter that a key of with gives to the pipeline that its step inlines.
func (d *document) inputDefinition(root *outline.Node, path []string) *location {
	parent := placeOf(root, path[:len(path)-1])
	if parent.key != "with" || len(parent.rest) > 0 {
		return nil
	}
	return d.inlinedDefinition(parent.step, "params", path[len(path)-1])
}

// inlinedDefinition finds a key in the file of the pipeline that a step inlines.
func (d *document) inlinedDefinition(step []string, path ...string) *location {
	var file string
	d.analysis().with(func(scopes *check.Scopes) {
		about, _ := scopes.About(step)
		file = about.Inlines
	})
	if file == "" || d.path == "" {
		return nil
	}
	target := filepath.Join(filepath.Dir(d.path), filepath.FromSlash(file))
	content, ok := readText(target)
	if !ok {
		return nil
	}
	e := outline.Parse(content).Find(path...)
	if e == nil {
		return nil
	}
	start, end := inner(e.Key)
	return &location{uriOf(target), newText(content).span(start, end)}
}

// readText reads a file that a person has written; ok is false if there is none.
func readText(path string) (content string, ok bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > spec.MaxSize {
		return "", false
	}
	data, err := os.ReadFile(path)
	return string(data), err == nil
}

func (d *document) functionDefinition(text string) *location {
	file, source, f, ok := d.entryPoint(text)
	if !ok {
		return nil
	}
	return &location{uriOf(d.codePath(file)), newText(source).span(f.offset, f.offset+len(f.name))}
}

// fileDefinition is a file that the spec names, relative to it.
func (d *document) fileDefinition(name string) *location {
	path := filepath.Join(filepath.Dir(d.path), filepath.FromSlash(name))
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || filepath.IsAbs(name) {
		return nil
	}
	return &location{URI: uriOf(path)}
}
