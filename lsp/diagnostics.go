package lsp

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// compile finds what is wrong with a document: a spec as `zenc check` does, a test file as `zenc test` does, and nothing with any
// other file.
func (d *document) compile() []*diag.Diagnostic {
	var found diag.List
	switch {
	case d.isSpec:
		d.folders(func(folders check.Folders) {
			_, found = compiler.Compile(compiler.Source{Data: []byte(d.text.content), Code: folders.Code, Folder: folders.Pipeline, Defaults: folders.Defaults})
		})
	case d.isTest() && d.path != "" && len(d.text.content) <= spec.MaxSize && d.outline().Get("cases") != nil:
		d.compileTest(&found)
	}
	return found.Sorted()
}

// compileTest holds the cases of a test file against its pipeline, if that is a right one: what is wrong there is said there.
func (d *document) compileTest(found *diag.List) {
	file := cases.Parse([]byte(d.text.content), found)
	if file == nil {
		return
	}
	name := file.Pipeline
	if name == "" {
		base, ext := filepath.Base(d.path), filepath.Ext(d.path)
		name = strings.TrimSuffix(base, ".test"+ext) + ext
	}
	dir := filepath.Dir(d.path)
	path := filepath.Join(dir, filepath.FromSlash(name))
	content, ok := readText(path)
	if !ok {
		found.Errorf(file.PipelinePos, diag.BadFile, "cannot read the pipeline %q", name).
			WithHelp("write pipeline: with its path, relative to the test file")
		return
	}
	beside := *d
	beside.path = path
	beside.folders(func(folders check.Folders) {
		p, _ := compiler.Compile(compiler.Source{Data: []byte(content), Code: folders.Code, Folder: folders.Pipeline, Defaults: folders.Defaults})
		if p != nil {
			file.Check(p, func(name string) (fs.FileInfo, error) { return os.Stat(filepath.Join(dir, filepath.FromSlash(name))) }, found)
		}
	})
}

// diagnostics are the findings as the protocol has them.
func (d *document) diagnostics() []diagnostic {
	out := []diagnostic{}
	for _, f := range d.findings() {
		out = append(out, d.diagnostic(f))
	}
	return out
}

func (d *document) diagnostic(f *diag.Diagnostic) diagnostic {
	start, end := d.text.found(f.Pos)
	message := f.Message
	if f.Help != "" {
		message += "\nhelp: " + f.Help
	}
	out := diagnostic{Range: d.text.span(start, end), Severity: severityOf(f.Severity), Code: string(f.Code), Source: "zenc"}
	for _, n := range f.Notes {
		if at := d.noteLocation(n); at != nil {
			out.Related = append(out.Related, relatedInfo{*at, n.Message})
		} else {
			message += "\nnote: " + n.Message
		}
	}
	out.Message = message
	return out
}

func severityOf(s diag.Severity) int {
	switch s {
	case diag.Error:
		return severityError
	case diag.Warning:
		return severityWarning
	}
	return severityInformation
}

// noteLocation is the place of a note, nil if it cannot be told.
func (d *document) noteLocation(n diag.Note) *location {
	switch {
	case !n.Pos.IsValid():
		return nil
	case n.File == "":
		start, end := d.text.found(n.Pos)
		return &location{d.uri, d.text.span(start, end)}
	case d.path == "":
		return nil
	}
	for _, dir := range []string{filepath.Dir(d.path), d.project(d.path).Code} {
		path := filepath.Join(dir, filepath.FromSlash(n.File))
		if content, ok := readText(path); ok {
			t := newText(content)
			start, end := t.found(n.Pos)
			return &location{uriOf(path), t.span(start, end)}
		}
	}
	return nil
}

// actions are the fixes of the findings within a range.
func (d *document) actions(within span) []codeAction {
	out := []codeAction{}
	from, to := d.text.offset(within.Start), d.text.offset(within.End)
	for _, f := range d.findings() {
		start, end := d.text.found(f.Pos)
		if f.Fix == nil || end < from || start > to {
			continue
		}
		at, behind, with, ok := f.Fix.Edit(d.text.content)
		if !ok {
			continue
		}
		title := "Write " + cut(strings.TrimSpace(with))
		if strings.TrimSpace(with) == "" {
			title = "Remove " + cut(strings.TrimSpace(d.text.content[at:behind]))
		}
		out = append(out, codeAction{
			Title: title, Kind: "quickfix", Diagnostics: []diagnostic{d.diagnostic(f)}, IsPreferred: f.Fix.Safe,
			Edit: &workspaceEdit{map[string][]textEdit{d.uri: {{d.text.span(at, behind), with}}}},
		})
	}
	return out
}
