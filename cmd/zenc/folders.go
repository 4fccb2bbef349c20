package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/output"
	"github.com/zenc-dev/zenc/project"
)

// folder is what is written to one folder, for one target or several.
type folder struct {
	dir     string
	targets []*target
	files   []backends.File // sorted by path, each once
	owner   *output.Owner   // of what earlier builds have left there; nil: nothing there is ours
}

// folders are the files of all targets by their folders, in the order of the targets. That two targets would write different text
// to one file is an error.
func (c *chosen) folders() ([]*folder, error) {
	var out []*folder
	byDir := map[string]*folder{}
	for _, t := range c.targets {
		key, err := filepath.Abs(t.dir)
		if err != nil {
			return nil, err
		}
		d := byDir[key]
		if d == nil {
			d = &folder{dir: t.dir, owner: c.owner(key)}
			byDir[key] = d
			out = append(out, d)
		}
		d.targets = append(d.targets, t)
	}
	for _, d := range out {
		if err := d.merge(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *folder) merge() error {
	from := map[string]*target{}
	for _, t := range d.targets {
		for _, f := range t.files {
			other := from[f.Path]
			if other == nil {
				from[f.Path] = t
				d.files = append(d.files, f)
				continue
			}
			i := slices.IndexFunc(d.files, func(o backends.File) bool { return o.Path == f.Path })
			if !bytes.Equal(d.files[i].Data, f.Data) || d.files[i].Mode != f.Mode {
				return usagef("%s/%s would be written for both %s and %s; give the stacks folders of their own (output:), or the pipelines other names",
					d.dir, f.Path, other.options.Origin(), t.options.Origin())
			}
		}
	}
	d.files = backends.Sorted(d.files)
	return nil
}

// flavors are the names of the engines that the folder is for.
func (d *folder) flavors() string {
	var names []string
	for _, t := range d.targets {
		if name := t.backend.Flavor(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// orphans are the files that an earlier build has left there and that nothing generates any more.
func (d *folder) orphans() []string {
	if d.owner == nil {
		return nil
	}
	return output.Orphans(d.dir, d.files, *d.owner)
}

// originStack is the stack in what a header names as the origin of a file.
var originStack = regexp.MustCompile(` \(stack: ([^()]+)\)$`)

// owner says what files of a folder are ours to remove, by the origin that they name: those of a spec and stack that are built
// now, and if all pipelines of the project are, also those of stacks that are built now and of stacks that are no more. It is nil
// for a folder outside of the project: another project may have files there, with origins of the same names.
func (c *chosen) owner(dir string) *output.Owner {
	built, stacks, others := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range c.targets {
		if t.stack == nil {
			continue // of one flavor or another: the origin does not tell
		}
		p := t.spec.project
		if rel, err := filepath.Rel(p.Dir, dir); err != nil || !filepath.IsLocal(rel) {
			return nil
		}
		built[plainOrigin(t.options.Origin())] = true
		stacks[t.stack.Name] = true
		for _, stack := range p.Stacks {
			others[p.OutputDir(stack)] = true
		}
	}
	if len(built) == 0 {
		return nil
	}
	isOurs := func(origin string) bool {
		if built[plainOrigin(origin)] {
			return true
		}
		m := originStack.FindStringSubmatch(origin)
		return c.project != nil && m != nil && (stacks[m[1]] || c.project.Stack(m[1]) == nil)
	}
	isForeign := func(folder string) bool { // the output of another stack, or another project
		abs, err := filepath.Abs(folder)
		return err != nil || others[abs] || project.IsIn(abs)
	}
	return &output.Owner{IsOurs: isOurs, IsForeign: isForeign}
}

// plainOrigin is an origin with blanks as they are compared: a comment has others than a path may have.
func plainOrigin(origin string) string { return strings.Join(strings.Fields(origin), " ") }

// noProject is what commands that are about a project say where there is none.
func noProject() error {
	return usagef("there is no %s here or above", project.FileName)
}
