package kubeflow

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// A group with a foreach over lists of a run is a DAG of its own, which the group's task, that of its gate, runs once for each
// place. What its steps read of others is handed on by that task; what others read of its steps are outputs of that DAG, as
// {"i": place, "v": text}, which keep their places when Argo collects them.
// https://argo-workflows.readthedocs.io/en/latest/walk-through/dag/
//
// Argo drops all outputs of a DAG in which a task failed. So what is read of the group by a step that runs after a failure is
// refused.

// mappedGroup is such a group.
type mappedGroup struct {
	gate    *ir.Step
	members []*ir.Step
	unheard []*ir.Step // those whose failure no leaf of the DAG would show
	verdict string     // the name of the task that does, "" if there is none
	// maySkip says that it may turn out that no step of the group has run at any place.
	maySkip bool
	exports []export
}

// export is an output of the DAG of a mapped group.
type export struct {
	name   string
	step   *ir.Step // nil: whether any step has run
	output string   // of the step; ranOutput: whether it has run
}

// nest returns the pipeline as Argo's DAGs have it: who needs steps of a mapped group needs the gate, which is the group's task
// there, and the steps of the group need each other alone.
func nest(p *ir.Pipeline) *ir.Pipeline {
	gates := map[string]string{}
	for _, s := range p.Steps {
		if s.Along != "" {
			gates[s.Name] = s.Along
		}
	}
	if len(gates) == 0 {
		return p
	}
	asTasks := func(names []string) []string {
		var out []string
		for _, n := range names {
			if gate, ok := gates[n]; ok {
				n = gate
			}
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		return out
	}
	q := *p
	q.Steps = make([]*ir.Step, len(p.Steps))
	for i, s := range p.Steps {
		c := *s
		q.Steps[i] = &c
		if s.Along != "" {
			c.Needs = slices.DeleteFunc(slices.Clone(s.Needs), func(n string) bool { return n == s.Along })
			if s.Gate == s.Along {
				c.Gate = ""
			}
			continue
		}
		c.Needs, c.NeedsAny = asTasks(s.Needs), nil
		for _, set := range s.NeedsAny {
			if set = asTasks(set); len(set) > 1 {
				c.NeedsAny = append(c.NeedsAny, set)
			}
		}
	}
	return &q
}

// mappedGroups returns the mapped groups by their gates.
func mappedGroups(p *ir.Pipeline, tasks map[string]string) map[string]*mappedGroup {
	out := map[string]*mappedGroup{}
	steps := make(map[string]*ir.Step, len(p.Steps))
	for _, s := range p.Steps {
		steps[s.Name] = s
	}
	within := backends.MayBeSkippedWithin(p)
	for gate, members := range backends.Members(p) {
		g := &mappedGroup{gate: steps[gate], members: members, unheard: backends.Unheard(&ir.Pipeline{Steps: members}, false)}
		g.maySkip = !slices.ContainsFunc(members, func(s *ir.Step) bool { return s.Kind != ir.Gate && !within[s.Name] })
		if len(g.unheard) > 0 {
			g.verdict = unique("group-succeeded", templatesOf(p, tasks))
		}
		out[gate] = g
	}
	for _, s := range p.Steps {
		s.Exprs(func(e *ir.Expr) {
			if e.Op != ir.OutputRef || s.IsAlong(steps[e.Step]) || steps[e.Step].Along == "" {
				return
			}
			output := e.Name
			if e.Type.IsArtifact() {
				output = ranOutput
			}
			out[steps[e.Step].Along].export(steps[e.Step], output)
		})
	}
	for _, g := range out {
		if g.maySkip {
			g.exports = append(g.exports, export{name: ranOutput})
		}
	}
	return out
}

// export adds an output of the group's DAG, once, and returns its name.
func (g *mappedGroup) export(s *ir.Step, output string) string {
	taken := map[string]bool{}
	for _, x := range g.exports {
		if x.step == s && x.output == output {
			return x.name
		}
		taken[x.name] = true
	}
	name := unique(strings.ReplaceAll(s.Name, ".", "_")+"_"+output, taken)
	g.exports = append(g.exports, export{name: name, step: s, output: output})
	return name
}

// isExported reports whether steps outside of the group read an artifact of a step.
func (m *manifest) isExported(s *ir.Step, output string) bool {
	found := false
	for _, other := range m.p.Steps {
		if s.Along != "" && other.Along != s.Along {
			other.Exprs(func(e *ir.Expr) {
				found = found || e.Op == ir.OutputRef && e.Step == s.Name && e.Name == output
			})
		}
	}
	return found
}

// taskOf returns the step whose task stands for another one outside of the group that it is in.
func (m *manifest) taskOf(step string) *ir.Step {
	s := m.shape.steps[step]
	if s.Along != "" {
		s = m.shape.steps[s.Along]
	}
	return s
}

// fanInOf returns the task and the name of its output that has an output of all instances of a step.
func (m *manifest) fanInOf(step, output string) (task, name string) {
	s := m.shape.steps[step]
	if s.Along == "" {
		return m.tasks[step], output
	}
	return m.tasks[s.Along], m.shape.groups[s.Along].export(s, output)
}

// maySkipItself reports a step that ends well for Argo though it may have been skipped.
func (m *manifest) maySkipItself(s *ir.Step) bool {
	g := m.shape.groups[s.Name]
	return s.MaySkipItself() || g != nil && g.maySkip
}

// groupTemplate returns the DAG of a mapped group.
func (m *manifest) groupTemplate(g *mappedGroup, wirings map[*ir.Step]*wiring) *node {
	tasks := make([]*node, 0, len(g.members)+1)
	for _, s := range g.members {
		tasks = append(tasks, m.task(s, wirings[s]))
	}
	if g.verdict != "" {
		tasks = append(tasks, m.verdictTask(g.verdict, m.shape.never, g.unheard))
	}
	outputs := list()
	for _, x := range g.exports {
		from := object().set("expression", str(m.exported(g, x)))
		outputs.add(object().set("name", str(x.name)).set("valueFrom", from))
	}
	t := object().set("name", str(m.tasks[g.gate.Name])).spread()
	return t.set("inputs", groupInputs(wirings[g.gate])).
		set("synchronization", lock(g.gate, m.tasks[g.gate.Name])).
		set("dag", object().set("failFast", boolean(false)).set("tasks", list(tasks...))).
		set("outputs", object().set("parameters", outputs))
}

// groupInputs are those of a template that has no files of its own: artifacts are handed on.
func groupInputs(w *wiring) *node {
	params, artifacts := list(), list()
	for _, in := range w.inputs {
		switch {
		case in.key != "":
		case in.path != "":
			artifacts.add(object().set("name", str(in.name)))
		default:
			params.add(object().set("name", str(in.name)))
		}
	}
	return object().set("parameters", params).set("artifacts", artifacts)
}

// exported prints an output of the DAG at one place: {} for a step that has not run there. All have ended, and none has failed.
func (m *manifest) exported(g *mappedGroup, x export) string {
	placed := func(text string) string {
		return "toJSON({'i': {{inputs.parameters." + itemInput + "}}, 'v': " + text + "})"
	}
	if x.step == nil {
		var terms []string
		for _, s := range g.members {
			if s.Kind != ir.Gate {
				terms = append(terms, m.hasRunHere(s))
			}
		}
		return strings.Join(terms, " || ") + " ? " + placed("'true'") + " : '{}'"
	}
	always := !m.shape.skippable[x.step.Name] && !x.step.MaySkipItself()
	ref := taskRef(m.tasks[x.step.Name]) + ".outputs.parameters." + x.output
	switch {
	case x.output == ranOutput && always:
		return placed("'true'")
	case x.output == ranOutput:
		return m.hasRunHere(x.step) + " ? " + placed("'true'") + " : '{}'"
	case always:
		return placed(ref)
	}
	return m.hasRunHere(x.step) + " ? " + placed(ref) + " : '{}'"
}

// hasRunHere prints whether a step of a mapped group has run at a place.
func (m *manifest) hasRunHere(s *ir.Step) string {
	if s.MaySkipItself() {
		return "(" + guarded(m.tasks[s.Name], ranOutput) + " ?? 'false') == 'true'"
	}
	return taskRef(m.tasks[s.Name]) + ".status == 'Succeeded'"
}

// outputsAfterFailure refuses what a step reads of a mapped group that may have failed.
func (c *checker) outputsAfterFailure(s *ir.Step) {
	s.Exprs(func(e *ir.Expr) {
		if e.Op != ir.OutputRef || !e.FanIn {
			return
		}
		producer := c.names.shape.steps[e.Step]
		if producer.Along != "" && (s.RunIf == ir.IfDone || s.RunIf == ir.IfFailed || s.Finally && !producer.Finally) {
			c.cannot(e.Pos, "steps.%s.%s: where a step of the group %q fails, Argo drops what the others made at that place, and %q would run all the same", e.Step, e.Name, producer.Along, s.Name).
				WithHelp("read it in a step without run_if, or with run_if: not_failed; or give the foreach to the steps")
		}
	})
}
