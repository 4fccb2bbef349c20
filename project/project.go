// Package project reads zenc.yaml: the stacks that a project deploys to, its pipelines, and what holds for all of them.
//
// What is wrong with a zenc.yaml is found with its place, like what is wrong with a spec. A zenc.yaml may extend another one,
// so a finding belongs to one of several files: each File has its own. Nobody changes a Project after Find but Pipelines,
// WithParams and Unused, which add findings.
package project

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// FileName is the name of the optional file that says what a project is.
const FileName = "zenc.yaml"

// Project is what a zenc.yaml says, with those that it extends. Without one, File is "" and Dir is the folder that Find began
// in.
type Project struct {
	File    string // absolute path
	Dir     string // absolute path of its folder
	Code    string // root of the Python imports, relative to Dir; "": the spec's folder
	Stacks  []*Stack
	Default string   // the name of the stack that is meant where none is named; "": none
	Flavors []Flavor // custom ones, by the order of the file
	Files   []*File  // the project's own, then those that it extends, closest first

	entries  []entry // of pipelines
	defaults *spec.Value
	require  []requirement
	origin   map[*spec.Value]*File
}

// File is a zenc.yaml that was read.
type File struct {
	Path   string      // absolute
	Source diag.Source // its name is as the user would write it
	Diags  diag.List

	root *spec.Value // nil if it is empty or broken
}

// Flavor is a program that is a flavor.
type Flavor struct {
	Name string
	Path string // as it is written: relative to the folder of File, unless it is absolute
	Pos  diag.Pos
	File string // absolute path of the zenc.yaml that has it
}

// Stack is one entry of stacks, with what stack_defaults give it.
type Stack struct {
	Name    string
	Flavor  string
	Output  string     // folder relative to the project; "": dist/FLAVOR
	Options []ir.Field // of its flavor
	// Settings are all that the stack says, in order, each with its place.
	Settings []Setting

	place  place // of its name
	params []param
}

// Setting is one value of a stack.
type Setting struct {
	Path  []string // keys: flavor, or params and region
	Value *spec.Value
	at    place
}

// Where is the place of the setting, with the zenc.yaml as the user would name it: zenc.yaml:7.
func (s Setting) Where() string { return fmt.Sprintf("%s:%d", s.at.file.Source.Name, s.at.pos.Line) }

// place is a position in one of the files.
type place struct {
	file *File
	pos  diag.Pos
}

// errorf reports what is wrong there.
func (p place) errorf(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return p.file.Diags.Errorf(p.pos, code, format, args...)
}

// line is the text of the place's line.
func (p place) line() string { return Line(p.file.Source, p.pos) }

// Line is the text of the line of a position, "" without one.
func Line(src diag.Source, pos diag.Pos) string {
	lines := diag.Lines(string(src.Data))
	if pos.Line < 1 || pos.Line > len(lines) {
		return ""
	}
	return lines[pos.Line-1]
}

// HasErrors reports whether something is wrong with a file that was read.
func (p *Project) HasErrors() bool {
	return slices.ContainsFunc(p.Files, func(f *File) bool { return f.Diags.HasErrors() })
}

// Stack returns the stack of a name, or nil.
func (p *Project) Stack(name string) *Stack {
	for _, s := range p.Stacks {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// StackNames are the names of the stacks, in the order of the file.
func (p *Project) StackNames() []string {
	names := make([]string, len(p.Stacks))
	for i, s := range p.Stacks {
		names[i] = s.Name
	}
	return names
}

// Relative is a path as generated files name it: relative to the project, or the file's name without a project.
func (p *Project) Relative(path string) string {
	abs, err := filepath.Abs(path)
	if err == nil {
		if rel, err := filepath.Rel(p.Dir, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}

// Python is the interpreter that a stack of the flavor local names for this machine; "" if it names none.
func (s *Stack) Python() string {
	if s == nil || s.Flavor != "local" {
		return ""
	}
	if f := ir.Lookup(s.Options, "python"); f != nil {
		return f.Value.Text
	}
	return ""
}

// OutputDir is the folder that a stack is written to.
func (p *Project) OutputDir(s *Stack) string {
	if s.Output == "" {
		return filepath.Join(p.Dir, "dist", s.Flavor)
	}
	return filepath.Join(p.Dir, filepath.FromSlash(s.Output))
}

// PointTo adds to what is said of an option where the stack has it. fields are the options that were looked at: those of a command
// line have no place.
func (s *Stack) PointTo(d *diag.Diagnostic, fields []ir.Field) {
	for _, o := range s.Settings {
		key := o.Path[len(o.Path)-1]
		f := ir.Lookup(fields, key)
		isOption := o.Path[0] == "options" || o.Path[0] == "python"
		if !isOption || f == nil || !f.Pos.IsValid() || !strings.Contains(d.Message, strconv.Quote(key)) {
			continue
		}
		d.WithNoteIn(o.at.file.Source.Name, o.at.line(), o.at.pos, "the stack %q has it from here", s.Name)
	}
}
