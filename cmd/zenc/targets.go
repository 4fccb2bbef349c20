package main

import (
	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/project"
)

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
