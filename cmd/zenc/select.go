package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/project"
)

// selection says for what specs are compiled.
type selection struct {
	flavors []string
	stack   string
	all     bool
	options []string
	out     string // folder to write to; "": the stack's, else dist/FLAVOR
	must    bool   // there has to be an engine: a flavor or a stack
}

// bind makes the flags that name stacks.
func (f *selection) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.stack, "stack", "", "stack of zenc.yaml to compile for (default: the one that it names as default)")
	fs.BoolVar(&f.all, "all", false, "compile for all stacks of zenc.yaml")
}

func (f *selection) validate() error {
	switch {
	case f.stack != "" && len(f.flavors) > 0:
		return usagef("--stack and --flavor exclude each other")
	case f.all && (f.stack != "" || len(f.flavors) > 0):
		return usagef("--all is every stack of %s: it goes with neither --stack nor --flavor", project.FileName)
	case f.out != "" && (len(f.flavors) > 1 || f.all):
		return usagef("-o is for one flavor or stack; without it each is written to a folder of its own")
	}
	return nil
}

// choose compiles the specs, or else those that the project lists, and holds them against the engines that they are for.
func (f *selection) choose(specs []string) (*chosen, error) {
	if err := f.validate(); err != nil {
		return nil, err
	}
	c := &chosen{}
	if err := c.load(specs); err != nil {
		return nil, err
	}
	given, err := parseOptions(f.options)
	if err != nil {
		return nil, err
	}
	for _, l := range c.specs {
		targets, err := f.targets(l, c.project == nil, given)
		if err != nil {
			return nil, err
		}
		c.targets = append(c.targets, targets...)
	}
	if c.project != nil && len(c.targets) == 0 && f.must {
		return nil, usagef("no pipeline of %s is for the stack %q", c.project.Files[0].Source.Name, f.stackOf(c.project))
	}
	c.check()
	return c, nil
}

// load compiles the specs that are named, or those of the project.
func (c *chosen) load(specs []string) error {
	if len(specs) > 0 {
		projects := map[string]*project.Project{}
		for _, path := range specs {
			l, err := loadWith(projects, path)
			if err != nil {
				return err
			}
			c.specs = append(c.specs, l)
		}
		return nil
	}
	p, err := findProject(".")
	switch {
	case err != nil:
		return err
	case p.File == "":
		return usagef("which spec? name one: there is no %s here or above that lists pipelines", project.FileName)
	case !p.HasPipelines():
		return usagef("which spec? name one, or list them in %s: pipelines: [pipelines/*.yaml]", p.Files[0].Source.Name)
	}
	c.project = p
	listed := p.Pipelines()
	if err := wrongProject(p); err != nil {
		return err
	}
	for _, pipeline := range listed {
		l, err := loadIn(p, project.Shown(filepath.Join(p.Dir, filepath.FromSlash(pipeline.Path))))
		if err != nil {
			return err
		}
		c.specs = append(c.specs, l)
	}
	return nil
}

// stackOf is the name of the stack that is meant where --all is not set; "" if none is.
func (f *selection) stackOf(p *project.Project) string {
	if f.stack == "" && len(f.flavors) == 0 {
		return p.Default
	}
	return f.stack
}

// targets are what a spec is compiled for. named says that the user has named the spec, so that it has to be for a stack that is
// named, too.
func (f *selection) targets(l *loaded, named bool, given []ir.Field) ([]*target, error) {
	if l.name == "" {
		return nil, nil // it could not be read
	}
	var out []*target
	for _, flavor := range f.flavors {
		t, err := f.target(l, nil, flavor, given)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if len(f.flavors) > 0 {
		return out, nil
	}
	stacks, err := f.stacks(l.project)
	if err != nil {
		return nil, err
	}
	listed := l.project.Listed(l.name)
	for _, stack := range stacks {
		if !listed.In(stack.Name) {
			if named && !f.all && (f.must || f.stack != "") {
				return nil, usagef("%s is not for the stack %q: %s lists it for %s", l.path, stack.Name, l.project.Files[0].Source.Name,
					strings.Join(listed.Stacks(), ", "))
			}
			continue
		}
		t, err := f.target(l, stack, stack.Flavor, given)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// stacks are those that the flags mean.
func (f *selection) stacks(p *project.Project) ([]*project.Stack, error) {
	name := f.stackOf(p)
	switch {
	case f.all && len(p.Stacks) == 0 && p.File == "":
		return nil, usagef("--all: there is no %s here or above that has stacks", project.FileName)
	case f.all && len(p.Stacks) == 0:
		return nil, usagef("--all: %s has no stacks", p.Files[0].Source.Name)
	case f.all:
		return p.Stacks, nil
	case name != "":
		s, err := findStack(p, name)
		return []*project.Stack{s}, err
	case f.must && len(p.Stacks) > 0:
		return nil, usagef("for which stack? --stack NAME or --all, or default: in %s; the stacks are: %s", p.Files[0].Source.Name,
			strings.Join(p.StackNames(), ", "))
	case f.must:
		return nil, usagef("for which engine? --flavor NAME, or --stack NAME of a %s", project.FileName)
	}
	return nil, nil
}

func (f *selection) target(l *loaded, stack *project.Stack, flavor string, given []ir.Field) (*target, error) {
	backend, err := findFlavor(l.project, flavor)
	if err != nil {
		return nil, err
	}
	t := &target{spec: l, stack: stack, backend: backend, dir: f.out, options: backends.Options{Source: l.name, Fields: given}}
	if stack != nil {
		t.options.Stack, t.options.Fields = stack.Name, merge(stack.Options, given)
		if t.dir == "" {
			t.dir = project.Shown(l.project.OutputDir(stack))
		}
	} else if t.dir == "" {
		t.dir = filepath.Join("dist", flavor)
	}
	return t, nil
}
