package project

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Pipeline is a spec that the project lists.
type Pipeline struct {
	Path   string   // relative to the project, slash-separated
	stacks []string // nil: all
}

// In reports whether the pipeline is for a stack.
func (p Pipeline) In(stack string) bool { return p.stacks == nil || slices.Contains(p.stacks, stack) }

// Stacks are the names of those that the pipeline is for; nil: all.
func (p Pipeline) Stacks() []string { return p.stacks }

// entry is one of pipelines: a path, or a pattern of paths.
type entry struct {
	place    place // of the path
	pattern  string
	stacks   []string
	defaults []spec.Entry
}

func (p *Project) entry(v *spec.Value) entry {
	at := v
	out := entry{}
	if v.Kind == spec.Mapping {
		at = lookup(v, "path").Value
		if e := lookup(v, "stacks"); e != nil {
			out.stacks = []string{}
			for _, name := range e.Value.Items {
				p.checkStackName(name)
				out.stacks = append(out.stacks, textOf(name))
			}
		}
		if e := lookup(v, "defaults"); e != nil {
			out.defaults = e.Value.Entries
		}
	}
	out.place, out.pattern = p.place(at, at.Pos), cleanPath(textOf(at))
	if !doublestar.ValidatePattern(out.pattern) && !p.isFile(out.pattern) {
		out.place.errorf(diag.BadPattern, "%q is not a pattern of paths", out.pattern).
			WithHelp("* is any text within a name, ** any folders; a backslash before [, { or * takes away its meaning")
	}
	return out
}

// HasPipelines reports whether the project says which pipelines it has.
func (p *Project) HasPipelines() bool { return len(p.entries) > 0 }

// Pipelines finds the specs that the project lists, sorted by path. The first entry that a path fits is the one that counts for it.
// What is wrong with an entry is added to the findings.
func (p *Project) Pipelines() []Pipeline {
	var out []Pipeline
	seen := map[string]bool{}
	for _, e := range p.entries {
		for _, name := range p.find(e) {
			if !seen[name] {
				seen[name] = true
				out = append(out, Pipeline{name, e.stacks})
			}
		}
	}
	slices.SortFunc(out, func(a, b Pipeline) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// find returns the files of an entry.
func (p *Project) find(e entry) []string {
	if p.isLiteral(e) {
		switch {
		case !p.isFile(e.pattern):
			e.place.errorf(diag.BadFile, "there is no file %q", e.pattern).WithHelp("write its path relative to the folder of zenc.yaml")
		case p.innerProject(e.pattern) != "":
			inner := p.innerProject(e.pattern)
			e.place.errorf(diag.BadFile, "%q belongs to another project: %s is closer to it", e.pattern, inner).WithHelp("list it there")
		default:
			return []string{e.pattern}
		}
		return nil
	}
	found, err := doublestar.Glob(os.DirFS(p.Dir), e.pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithNoHidden())
	if err != nil {
		e.place.errorf(diag.BadPattern, "%q: %s", e.pattern, PlainError(err))
		return nil
	}
	var out []string
	for _, name := range found {
		if p.isSpec(name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		e.place.errorf(diag.BadFile, "no file is like %q", e.pattern).
			WithHelp("paths are relative to the folder of zenc.yaml; * does not go into folders, ** does")
	}
	return out
}

// isSpec leaves out what a pattern may fit and what is no pipeline of the project: zenc.yaml, test files, what zenc has
// generated, and what belongs to a project within this one.
func (p *Project) isSpec(name string) bool {
	base := path.Base(name)
	if base == FileName || strings.HasSuffix(base, ".test.yaml") || strings.ContainsFunc(name, unicode.IsControl) || p.innerProject(name) != "" {
		return false
	}
	f, err := os.Open(p.path(name))
	if err != nil {
		return true // what cannot be read is told when it is compiled
	}
	defer f.Close()
	head, _ := io.ReadAll(io.LimitReader(f, 1024))
	return !bytes.Contains(head, []byte(backends.GeneratedBy))
}

// path is where a file of the project is.
func (p *Project) path(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }

func (p *Project) isFile(name string) bool {
	info, err := os.Stat(p.path(name))
	return err == nil && !info.IsDir()
}

// isLiteral reports an entry that is a path and no pattern. A file of just that name is meant, whatever is in the name.
func (p *Project) isLiteral(e entry) bool {
	return !strings.ContainsAny(e.pattern, `*?[{\`) || p.isFile(e.pattern)
}

// innerProject is the zenc.yaml between the project and a file of it, as the user would name it; "" if there is none.
func (p *Project) innerProject(name string) string {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if inner := path.Join(dir, FileName); p.isFile(inner) {
			return Shown(p.path(inner))
		}
	}
	return ""
}

// entryOf is the entry that a spec belongs to, or nil.
func (p *Project) entryOf(name string) *entry {
	for i := range p.entries {
		e := &p.entries[i]
		if e.pattern == name {
			return e
		}
		if p.isLiteral(*e) {
			continue
		}
		if fits, err := doublestar.Match(e.pattern, name); err == nil && fits {
			return e
		}
	}
	return nil
}

// Listed returns the spec as the project lists it; one that it does not list is for all stacks.
func (p *Project) Listed(name string) Pipeline {
	if e := p.entryOf(name); e != nil {
		return Pipeline{name, e.stacks}
	}
	return Pipeline{Path: name}
}

// Defaults are those of the steps of a spec, those of the entry that it belongs to first; nil if there are none. Each call makes
// them anew.
func (p *Project) Defaults(name string) *spec.Defaults {
	var entries []spec.Entry
	if p.defaults != nil {
		entries = p.defaults.Entries
	}
	if e := p.entryOf(name); e != nil {
		entries = overrideDefaults(entries, e.defaults)
	}
	if len(entries) == 0 {
		return nil
	}
	return spec.ReadDefaults(&spec.Value{Kind: spec.Mapping, Entries: entries}, nil, &diag.List{}) // checked by Find
}
