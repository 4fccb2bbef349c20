package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Scopes tells, for editors, what names mean at the places of a spec, right or wrong. A step is named by its path: its name behind
// those of the groups around it, as they are written. Scopes is not safe for concurrent use.
type Scopes struct{ c *checker }

// NewScopes lowers a tree for what can be asked of it; folder is the spec's, for pipelines that are inlined, or nil.
func NewScopes(tree *spec.Pipeline, folders Folders) *Scopes {
	c := newChecker(tree, folders, &diag.List{})
	c.header()
	c.params()
	c.steps()
	return &Scopes{c}
}

// Params are the pipeline's parameters. One that is wrong has no type.
func (s *Scopes) Params() []*ir.Param { return s.c.out.Params }

// find returns a step or group; of a group that foreach has made copies of, the first of them stands for the steps within.
func (s *Scopes) find(path []string) *step {
	at, found := s.c.top, (*step)(nil)
	for _, name := range path {
		if at == nil {
			return nil
		}
		if found = at.byName[name]; found == nil {
			return nil
		}
		at = within(found)
	}
	return found
}

// within is the scope of a group's steps, nil for a step.
func within(s *step) *scope {
	if s.inner != nil && s.copies {
		if len(s.inner.steps) == 0 {
			return nil
		}
		return s.inner.steps[0].inner
	}
	return s.inner
}

// At is what names mean in the value of a key of a step, or of the pipeline itself if path is empty. ok is false if there is no such
// step.
func (s *Scopes) At(path []string, key string) (scope expr.Scope, ok bool) {
	at, ok := s.reader(path, key)
	if !ok {
		return expr.Scope{}, false
	}
	return s.c.names(at, key == "command"), true
}

// reader is the step that reads what the value of a key names.
func (s *Scopes) reader(path []string, key string) (*step, bool) {
	if len(path) == 0 {
		return &step{tree: &spec.Step{}, scope: s.c.top, out: &ir.Step{Finally: true}, reads: &step{inner: s.c.top}}, true
	}
	at := s.find(path)
	if at == nil {
		return nil, false
	}
	if at.copies && len(at.inner.steps) > 0 {
		at = at.inner.steps[0]
	}
	if at.inner != nil && key == "outputs" {
		return &step{tree: &spec.Step{}, scope: at.inner, out: &ir.Step{Finally: at.out.Finally}, reads: at}, true
	}
	return at, true
}

// Resolve returns the path of the step or group that a name means in the value of a key of another one; ok is false for none.
func (s *Scopes) Resolve(path []string, key, name string) (found []string, ok bool) {
	at, ok := s.reader(path, key)
	if !ok {
		return nil, false
	}
	other := at.scope.find(name, at)
	if other == nil {
		return nil, false
	}
	for ; other != nil; other = other.scope.group {
		if g := other.scope.group; g == nil || !g.copies {
			found = append(found, other.tree.Name.Value)
		}
	}
	slices.Reverse(found)
	return found, true
}

// Element is a variable of a foreach.
type Element struct {
	Name string
	Type ir.Type // "" if it is not known
}

// Elements are what each means in the values of a step, its own ones first.
func (s *Scopes) Elements(path []string, key string) []Element {
	at, _ := s.reader(path, key)
	var out []Element
	for ; at != nil; at = at.scope.group {
		for _, each := range at.out.Foreach {
			out = append(out, Element{each.Name, each.Type})
		}
		for _, name := range slices.Sorted(maps.Keys(at.each)) {
			out = append(out, Element{name, at.each[name].Type})
		}
	}
	return out
}

// About is what there is to say of a step or group.
type About struct {
	Kind        ir.Kind // "" for a group, and where nothing is said of what to run
	Group       bool
	Inlines     string // the file of the pipeline that a group is
	Description string
	What        string // module:function, or a class
	Inputs      []ir.Input
	Outputs     []ir.Output
	Elements    []Element // of its own foreach
	Needs       []string  // as they are written from there
	RunIf       ir.RunIf
	Params      []*ir.Param // of the pipeline that it inlines
}

// About describes a step or group; ok is false if there is none.
func (s *Scopes) About(path []string) (about About, ok bool) {
	at := s.find(path)
	if at == nil {
		return About{}, false
	}
	about = About{Group: at.inner != nil, Description: at.out.Description, Outputs: at.out.Outputs, Inputs: at.out.Inputs, RunIf: at.out.RunIf}
	for _, e := range at.needs {
		about.Needs = append(about.Needs, e.to.tree.Name.Value)
	}
	first := at
	if at.copies && len(at.inner.steps) > 0 {
		first = at.inner.steps[0]
		about.Elements = s.Elements(path, "")[:len(first.each)]
	}
	for _, each := range at.out.Foreach {
		about.Elements = append(about.Elements, Element{each.Name, each.Type})
	}
	if about.Group {
		if first.tree.Pipeline != nil {
			about.Inlines = first.tree.Pipeline.Value
		}
		if p := first.inner.pipeline; p != nil {
			about.Params = p.params
		}
		return about, true
	}
	about.Kind = at.out.Kind
	switch about.Kind {
	case ir.Python:
		about.What = strings.Trim(at.out.Module+":"+at.out.Function, ":")
	case ir.Operator:
		about.What = at.out.Operator
	}
	return about, true
}

// Types lists the types that a parameter may have, or with artifacts those of an output.
func Types(artifacts bool) []string {
	out := slices.Clone(scalarTypes)
	for _, t := range scalarTypes {
		out = append(out, string(ir.ListOf(ir.Type(t))))
	}
	if artifacts {
		out = append(out, string(ir.File), string(ir.Dir), string(ir.Object))
	}
	return out
}
