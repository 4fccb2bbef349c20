package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
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

// chosen are the specs that a command is for, with what they are compiled for.
type chosen struct {
	specs   []*loaded
	targets []*target
	// project is the one whose pipelines are meant where no spec was named, else nil.
	project *project.Project
}

// target is a pipeline and an engine that it is compiled for.
type target struct {
	spec     *loaded
	stack    *project.Stack // nil for a flavor without one
	pipeline *ir.Pipeline   // with the params of the stack; nil if the spec is wrong
	backend  backends.Backend
	options  backends.Options
	dir      string // as it is printed
	files    []backends.File
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
	backend, err := findFlavor(flavor)
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

// check holds the pipelines against their engines and against what their projects require.
func (c *chosen) check() {
	seen := map[*project.Stack][]*ir.Pipeline{}
	var stacks []*project.Stack
	for _, t := range c.targets {
		if t.spec.pipeline == nil {
			continue
		}
		t.pipeline = t.spec.pipeline
		if t.stack != nil {
			t.pipeline = t.spec.project.WithParams(t.stack, t.spec.source, t.pipeline)
			if seen[t.stack] == nil {
				stacks = append(stacks, t.stack)
			}
			seen[t.stack] = append(seen[t.stack], t.pipeline)
		}
		t.spec.diags.Append(t.pointed(t.backend.Check(t.pipeline, t.options)))
	}
	for _, stack := range stacks {
		c.projectOf(stack).Unused(stack, c.isComplete(), seen[stack])
	}
	for _, l := range c.specs {
		l.require(c.stacksOf(l))
	}
	c.sameNames()
}

// isComplete reports whether all pipelines of the project have been compiled.
func (c *chosen) isComplete() bool {
	for _, l := range c.specs {
		if l.pipeline == nil {
			return false
		}
	}
	return c.project != nil
}

func (c *chosen) projectOf(stack *project.Stack) *project.Project {
	for _, t := range c.targets {
		if t.stack == stack {
			return t.spec.project
		}
	}
	return nil
}

// stacksOf are the stacks that a spec is compiled for.
func (c *chosen) stacksOf(l *loaded) []*project.Stack {
	var out []*project.Stack
	for _, t := range c.targets {
		if t.spec == l {
			out = append(out, t.stack)
		}
	}
	return out
}

// require holds the pipeline to what the project requires, for each of the stacks, or for none.
func (l *loaded) require(stacks []*project.Stack) {
	if l.pipeline == nil {
		return
	}
	if len(stacks) == 0 {
		stacks = []*project.Stack{nil}
	}
	for _, stack := range stacks {
		l.project.Require(l.name, l.source.Data, l.pipeline, stack, &l.diags)
	}
}

// useParams gives the pipeline the params of a stack, which may be nil.
func (l *loaded) useParams(stack *project.Stack) {
	if stack == nil {
		return
	}
	l.pipeline = l.project.WithParams(stack, l.source, l.pipeline)
	l.project.Unused(stack, false, []*ir.Pipeline{l.pipeline})
}

// pointed adds to what is said of an option where the stack has it.
func (t *target) pointed(found diag.List) diag.List {
	if t.stack == nil {
		return found
	}
	for _, d := range found.Sorted() {
		if d.Code == diag.UnknownOption && !d.Pos.IsValid() {
			t.stack.PointTo(d, t.options.Fields)
		}
	}
	return found
}

// sameNames reports pipelines of one name that are written to one folder.
func (c *chosen) sameNames() {
	type key struct{ dir, flavor, name string }
	first := map[key]*target{}
	for _, t := range c.targets {
		if t.pipeline == nil {
			continue
		}
		k := key{t.dir, t.backend.Flavor(), t.pipeline.Name}
		other := first[k]
		if other == nil {
			first[k] = t
			continue
		}
		if other.spec == t.spec {
			continue // of two stacks, which deliver reports
		}
		pos, otherPos := diag.Pos(t.pipeline.Pos.Name), diag.Pos(other.pipeline.Pos.Name)
		t.spec.diags.Errorf(pos, diag.DuplicateName, "there is another pipeline %q, which is written to %s as well: %s", t.pipeline.Name,
			t.dir, other.spec.path).
			WithNoteIn(other.spec.path, project.Line(other.spec.source, otherPos), otherPos, "the other one").
			WithHelp("give one of them another name, or the stacks folders of their own")
	}
}

// report prints what is wrong with the specs and their projects, each project once, and ends the command if that has errors.
func (c *chosen) report(s streams) error {
	var all []findings
	var wrong error
	seen := map[*project.Project]bool{}
	for _, l := range c.specs {
		if !seen[l.project] {
			seen[l.project] = true
			all = append(all, projectFindings(l.project)...)
			if l.project.HasErrors() {
				wrong = failed(exitUsage)
			}
		}
		all = append(all, findings{l.source, l.diags})
	}
	if err := reportAll(s, all...); wrong == nil {
		return err
	}
	return wrong
}
