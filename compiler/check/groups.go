package check

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// scope is where names of steps are unique: the pipeline, or a group.
type scope struct {
	group  *step // nil for the pipeline
	steps  []*step
	byName map[string]*step
	// pipeline is that which the group inlines, or nil.
	pipeline *inlined
}

// find resolves a name to the step or group of the nearest scope outwards that has it, but for the groups that s is in.
func (sc *scope) find(name string, s *step) *step {
	for ; sc != nil; sc = sc.outer() {
		if other := sc.byName[name]; other != nil && !other.contains(s) {
			return other
		}
	}
	return nil
}

func (sc *scope) outer() *scope {
	if sc.group == nil {
		return nil
	}
	return sc.group.scope
}

// mapped is the group around a scope whose foreach gives its steps their instances, nil for none.
func (sc *scope) mapped() *step {
	for ; sc != nil && sc.group != nil; sc = sc.outer() {
		if sc.group.mapped {
			return sc.group
		}
	}
	return nil
}

// names are those that find resolves, for suggestions.
func (sc *scope) names(s *step) []diag.Name {
	var out []diag.Name
	for ; sc != nil; sc = sc.outer() {
		for _, other := range sc.steps {
			if other != s && !other.contains(s) {
				out = append(out, diag.Name{Value: other.tree.Name.Value, Pos: other.tree.Name.Pos})
			}
		}
	}
	return out
}

// groupOf is the name of the first group within a scope that has a step of that name, "" for none.
func (sc *scope) groupOf(name string) string {
	for _, g := range sc.steps {
		if g.inner == nil {
			continue
		}
		if g.inner.byName[name] != nil && !g.copies || g.inner.groupOf(name) != "" {
			return g.tree.Name.Value
		}
	}
	return ""
}

// contains reports whether s is a step of the group, or of one within it.
func (g *step) contains(s *step) bool {
	if g.inner == nil || g.inner.group == nil {
		return g.inner != nil
	}
	for ; s.scope.group != nil; s = s.scope.group {
		if s.scope.group == g {
			return true
		}
	}
	return false
}

// siblings returns, of two steps, those that they are or are within and that are in one scope.
func siblings(a, b *step) (*step, *step) {
	for ; ; b = b.scope.group {
		for up := a; up != nil; up = up.scope.group {
			if up.scope == b.scope {
				return up, b
			}
		}
	}
}

// collect makes the steps of a scope and of those within it, with their declared outputs.
func (c *checker) collect(sc *scope, trees []*spec.Step, finally bool) {
	for _, t := range trees {
		s := &step{tree: t, scope: sc, index: len(sc.steps), out: &ir.Step{Name: t.Name.Value, Pos: ir.Pos(t.Name.Pos), Finally: finally}}
		if g := sc.group; g != nil {
			s.out.Group = g.out.Name
			s.out.Name = g.out.Name + "." + t.Name.Value
		}
		c.name(t.Name, "a step")
		if other := sc.byName[t.Name.Value]; other != nil {
			c.diags.Errorf(t.Name.Pos, diag.DuplicateName, "there is a step %q already", t.Name.Value).WithNote(other.tree.Name.Pos, "the other one")
		} else {
			sc.byName[t.Name.Value] = s
		}
		sc.steps = append(sc.steps, s)
		if t.Has("steps") || t.Pipeline != nil {
			if t.Foreach != nil && t.MaxParallel == nil && c.written(t.Foreach) {
				c.unroll(s, finally)
				continue
			}
			s.mapped = t.Foreach != nil && sc.mapped() == nil
			c.fill(s, finally)
			continue
		}
		s.out.Outputs = c.outputs(t)
		if c.byPath[s.out.Name] == nil {
			c.byPath[s.out.Name] = s
		}
	}
}

// fill makes the steps of a group: those that it has, or those of the pipeline that it inlines.
func (c *checker) fill(g *step, finally bool) {
	g.inner = &scope{group: g, byName: map[string]*step{}}
	if g.tree.Pipeline != nil {
		c.inline(g, finally)
		return
	}
	c.collect(g.inner, g.tree.Steps, finally)
}

// groupKeys are the keys that a group may have.
var groupKeys = []string{"description", "foreach", "max_parallel", "needs", "outputs", "run_if", "steps", "when"}

// ready lowers a group with all in it, and types its outputs, once. Those that read the outputs come before it in the file, or
// after it.
func (c *checker) ready(g *step) {
	if g.exports != nil {
		return // done, or going on: a group that reads its own outputs is a cycle, which is reported as one
	}
	g.exports = map[string]*ir.Expr{}
	for _, o := range g.tree.GroupOutputs {
		c.name(o.Key, "an output")
		g.out.Outputs = append(g.out.Outputs, ir.Output{Name: o.Key.Value, Pos: ir.Pos(o.Key.Pos)})
	}
	c.group(g)
	c.arguments(g)
	c.lower(g.inner)
	if g.copies {
		c.exportCopies(g)
		return
	}
	reader := &step{tree: &spec.Step{}, scope: g.inner, out: &ir.Step{Finally: g.out.Finally}, reads: g}
	for i, o := range g.tree.GroupOutputs {
		e := expr.Value(o.Value, c.names(reader, false), c.diags)
		switch {
		case e == nil || !expr.Guarded(e, "where it may have been skipped", c.diags):
		case g.mapped && e.Op != ir.OutputRef:
			c.diags.Errorf(o.Value.Pos, diag.InvalidStep, "an output of a group with such a foreach is an output of one of its steps, and not computed").
				WithHelp("let a step of the group compute it, with an output of its own")
		default:
			g.out.Outputs[i].Type, g.exports[o.Key.Value] = e.Type, e
		}
	}
}

// pipelineOutputs types what the pipeline itself gives to one that inlines it.
func (c *checker) pipelineOutputs() {
	reader := &step{tree: &spec.Step{}, scope: c.top, out: &ir.Step{Finally: true}, reads: &step{inner: c.top}}
	for _, o := range c.tree.Outputs {
		c.name(o.Key, "an output")
		if e := expr.Value(o.Value, c.names(reader, false), c.diags); e != nil {
			expr.Guarded(e, "where it may have been skipped", c.diags)
		}
	}
}

// maySkip reports whether a step may be skipped though its group runs and nothing has failed.
func (s *step) maySkip() bool { return s.maySkipAsked(map[*step]bool{}) }

// maySkipAsked is maySkip with what has been answered: steps are asked once, also where they need each other in a circle.
func (s *step) maySkipAsked(answers map[*step]bool) bool {
	if answer, asked := answers[s]; asked {
		return answer
	}
	answers[s] = false
	answers[s] = s.maySkipItself() || s.inner != nil && !slices.ContainsFunc(s.inner.steps, func(in *step) bool { return !in.maySkipAsked(answers) }) ||
		s.out.RunIf == ir.IfSucceeded && slices.ContainsFunc(s.needs, func(e *edge) bool { return e.to.maySkipAsked(answers) })
	return answers[s]
}

// maySkipItself reports whether something that a step says of itself may skip it.
func (s *step) maySkipItself() bool {
	t := s.tree
	return s.out.When != nil || t.AllowFailure != nil || t.SkipExitCode != nil || s.mayBeEmpty() || s.out.RunIf == ir.IfFailed
}

// maySkipWithin reports whether a step within a group may be skipped though the group runs.
func (g *step) maySkipWithin(s *step) bool {
	for ; s != g; s = s.scope.group {
		if s.maySkip() {
			return true
		}
	}
	return false
}

// mayBeEmpty reports whether a list of the step's foreach may have no elements.
func (s *step) mayBeEmpty() bool {
	return slices.ContainsFunc(s.out.Foreach, func(each ir.Each) bool {
		return each.Items == nil || !each.Items.IsLit() || len(each.Items.Value.Items) == 0
	})
}

// isConditional reports whether steps of a group may be skipped while others of it run.
func (g *step) isConditional() bool {
	return slices.ContainsFunc(g.inner.steps, func(s *step) bool { return s.maySkip() || s.inner != nil && s.isConditional() })
}

// exported is what an output of a group means to a step that reads it.
func (c *checker) exported(s, g *step, name string, pos ir.Pos) *ir.Expr {
	e := copyExpr(g.exports[name], pos)
	switch {
	case e == nil:
		return nil
	case g.mapped:
		return expr.FanIn(e, mayBeMissing(s, g) || itemsMayBeSkipped(g) || g.maySkipWithin(c.byPath[e.Step]))
	case g.copies:
		for i, in := range g.inner.steps {
			if e.Args[i] = c.ifMissing(e.Args[i], name, mayBeMissing(s, g) || in.maySkip()); e.Args[i] == nil {
				return nil
			}
			e.NullableItems = e.NullableItems || e.Args[i].Nullable
		}
		return e
	}
	return c.ifMissing(e, name, mayBeMissing(s, g))
}

// ifMissing is an output of a group for a step that may read it where the group has not run; nil after an error.
func (c *checker) ifMissing(e *ir.Expr, name string, missing bool) *ir.Expr {
	if !missing {
		return e
	}
	pos := e.Pos
	switch {
	case e.Op == ir.OutputRef && e.FanIn:
		e.NullableItems = true
	case e.Type.IsArtifact():
		c.diags.Errorf(diag.Pos(pos), diag.MayBeNull, "%s may not be there: its group may have been skipped or have failed", name).
			WithHelp("take it in a step that runs only if the group has succeeded")
		return nil
	case e.Op == ir.OutputRef:
		e.Nullable = true
	default:
		c.diags.Errorf(diag.Pos(pos), diag.MayBeNull, "%s of the group is computed, and the group may have been skipped or have failed", name).
			WithHelp("let a step of the group compute it, with an output of its own")
		return nil
	}
	return e
}

func copyExpr(e *ir.Expr, pos ir.Pos) *ir.Expr {
	if e == nil {
		return nil
	}
	out := *e
	out.Pos, out.Args = pos, nil
	for _, a := range e.Args {
		out.Args = append(out.Args, copyExpr(a, pos))
	}
	return &out
}

// group checks what a group says of itself.
func (c *checker) group(g *step) {
	t := g.tree
	for _, k := range t.Keys {
		switch {
		case t.Pipeline != nil && (k.Value == "with" || k.Value == "pipeline"):
		case t.Pipeline != nil && (k.Value == "outputs" || k.Value == "steps"):
			c.diags.Errorf(k.Pos, diag.InvalidStep, "%s of %q are those of its pipeline", k.Value, t.Name.Value).WithHelp("leave the key out")
		case !slices.Contains(groupKeys, k.Value):
			c.diags.Errorf(k.Pos, diag.InvalidStep, "%s goes with a step, and %q is a group of steps", k.Value, t.Name.Value).
				WithHelp("give it to the steps of the group")
		}
	}
	g.out.Description = c.text(t.Description)
	found := c.diags.Len()
	c.runIf(g)
	c.foreach(g)
	c.needs(g)
	c.conditions(g, false)
	g.out.Kind = ir.Gate
	c.outerNeeds = append(c.outerNeeds, outerNeeds{g, c.diags.Len() == found})
}

// outerNeeds is a group whose run_if is checked once all its steps have told what they need.
type outerNeeds struct {
	group    *step
	complete bool
}

// place is what the steps of a scope get from the groups around them.
type place struct {
	needs []string // of those that need no step of their scope
	sets  [][]string
	gate  string
}

// flatten puts the steps into a stable topological order, group by group.
func (c *checker) flatten() {
	for _, o := range c.outerNeeds {
		c.aboutNeeds(o.group, o.complete)
	}
	c.flattenScope(c.top, place{})
	position := make(map[string]int, len(c.out.Steps))
	for i, s := range c.out.Steps {
		position[s.Name] = i
	}
	for _, s := range c.out.Steps {
		slices.SortFunc(s.Needs, func(a, b string) int { return position[a] - position[b] })
	}
}

func (c *checker) flattenScope(sc *scope, at place) {
	ordered := c.order(sc)
	for _, s := range ordered {
		own := s.place(at)
		if s.inner == nil {
			s.out.Needs, s.out.NeedsAny, s.out.Gate = own.needs, own.sets, own.gate
			c.out.Steps = append(c.out.Steps, s.out)
			continue
		}
		c.out.Groups = append(c.out.Groups, ir.Group{Name: s.out.Name, Parent: s.out.Group, Description: s.out.Description, Pos: s.out.Pos})
		inner := own
		inner.gate = at.gate
		if s.mapped || s.out.When != nil || s.out.RunIf != ir.IfSucceeded || len(s.needs) > 0 && s.inner.asksHow() {
			gate := *s.out
			gate.Outputs, gate.Description, gate.Group = nil, "", s.out.Name
			gate.Retries, gate.Timeout = c.out.Defaults.Retries, c.out.Defaults.Timeout // as all others have it
			gate.Needs, gate.NeedsAny, gate.Gate = own.needs, own.sets, own.gate
			c.out.Steps = append(c.out.Steps, &gate)
			inner = place{needs: []string{gate.Name}, gate: gate.Name}
		}
		c.flattenScope(s.inner, inner)
	}
}

// place is what a step needs: of its scope, or where that is nothing, what its groups need.
func (s *step) place(at place) place {
	if len(s.needs) == 0 {
		return place{needs: slices.Clone(at.needs), sets: at.sets}
	}
	var out place
	for _, e := range s.needs {
		if e.to.inner == nil {
			out.needs = append(out.needs, e.to.out.Name)
			continue
		}
		names := e.to.inner.leaves()
		out.needs = append(out.needs, names...)
		if s.out.RunIf == ir.IfSucceeded && e.to.isConditional() {
			out.sets = append(out.sets, names)
		}
	}
	if s.out.RunIf != ir.IfSucceeded {
		out.gate = at.gate
	}
	return out
}

// leaves are the steps of a scope and of the groups in it.
func (sc *scope) leaves() []string {
	var out []string
	for _, s := range sc.steps {
		if s.inner == nil {
			out = append(out, s.out.Name)
		} else {
			out = append(out, s.inner.leaves()...)
		}
	}
	return out
}

// asksHow reports a step that may run though what it needs did not succeed.
func (sc *scope) asksHow() bool {
	return slices.ContainsFunc(sc.steps, func(s *step) bool {
		return s.tree.RunIf != nil || s.inner != nil && s.inner.asksHow()
	})
}
