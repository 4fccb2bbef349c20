// Package compiler turns the text of a spec into the intermediate form.
package compiler

import (
	"io/fs"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Source is a spec and the folders that its modules and files are read from.
type Source struct {
	Data   []byte
	Code   fs.FS // root of the Python imports; nil: modules are neither checked nor shipped
	Folder fs.FS // of the spec; nil: files and requirements are neither checked nor shipped
	// Defaults are those of the project, for what the defaults of the spec do not say. Compile gives them the place of the
	// pipeline's name; nobody else may have them.
	Defaults *spec.Defaults
}

// Compile returns the pipeline, or nil if the findings have errors.
func Compile(src Source) (*ir.Pipeline, diag.List) {
	p, diags := compile(src)
	if p == nil {
		again := func(text string) diag.List {
			other := src
			other.Data = []byte(text)
			_, found := compile(other)
			return found
		}
		if better, ok := reindented(string(src.Data), diags.Sorted(), again); ok {
			return nil, better
		}
	}
	return p, diags
}

func compile(src Source) (*ir.Pipeline, diag.List) {
	var diags diag.List
	tree := spec.Parse(src.Data, &diags)
	if tree == nil {
		return nil, diags
	}
	if src.Defaults != nil && tree.Name != nil {
		src.Defaults.MoveTo(tree.Name.Pos)
	}
	p := check.Pipeline(tree, check.Folders{Code: src.Code, Pipeline: src.Folder, Defaults: src.Defaults}, &diags)
	if diags.HasErrors() {
		return nil, diags
	}
	return p, diags
}
