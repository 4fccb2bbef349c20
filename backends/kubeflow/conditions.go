package kubeflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// verdict is the task that keeps a run failed in which the leaves are fine: Argo looks at those alone.
const verdict = "run-succeeded"

// dagShape is what the conditions of a pipeline make of its DAG.
type dagShape struct {
	steps     map[string]*ir.Step
	skippable map[string]bool
	// finallyInDAG says that the steps of finally are tasks of the DAG, since they read outputs, which an exit handler
	// cannot.
	finallyInDAG bool
	unheard      []*ir.Step
	verdict      string // the name of that task and its template, "" if there is none
	groups       map[string]*mappedGroup
	never        string // the name of a template that is never run, "" if none is needed
	// check is the name of the task that checks the parameters, "" if steps do: where every first step has a condition or a
	// foreach, or may fail, a bad parameter might go unnoticed.
	check string
}

func newShape(p *ir.Pipeline, tasks map[string]string) dagShape {
	d := dagShape{steps: make(map[string]*ir.Step, len(p.Steps)), skippable: backends.MayBeSkipped(p), groups: mappedGroups(p, tasks)}
	for _, s := range p.Steps {
		d.steps[s.Name] = s
		s.Exprs(func(e *ir.Expr) {
			d.finallyInDAG = d.finallyInDAG || s.Finally && e.Op == ir.OutputRef && !d.steps[e.Step].Finally
		})
	}
	taken := templatesOf(p, tasks)
	if len(p.Params) > 0 && !slices.ContainsFunc(p.Steps, func(s *ir.Step) bool { return isFirst(s) && !mayDoNothing(s) }) {
		d.check = unique("check-params", taken)
		taken[d.check] = true
	}
	if slices.ContainsFunc(p.Steps, func(s *ir.Step) bool { return s.Kind == ir.Gate }) {
		d.never = unique("never", taken)
		taken[d.never] = true
	}
	body := *p
	body.Steps = d.members(p, false)
	if d.unheard = backends.Unheard(&body, d.finallyInDAG); len(d.unheard) > 0 {
		d.verdict = unique(verdict, taken)
	}
	return d
}

// mayDoNothing reports a step that may not check the parameters, or whose check may go unheard.
func mayDoNothing(s *ir.Step) bool {
	return s.When != nil || len(s.Foreach) > 0 || s.AllowFailure || s.Kind == ir.Gate
}

// isFirst reports a step that nothing runs before.
func isFirst(s *ir.Step) bool { return len(s.Needs) == 0 && !s.Finally && s.Along == "" }

// checksParams reports a step that checks the parameters before it does anything.
func (m *manifest) checksParams(s *ir.Step) bool {
	return isFirst(s) && s.Kind != ir.Gate && len(m.p.Params) > 0 && m.shape.check == ""
}

// checkTask checks the parameters before the first steps.
func (m *manifest) checkTask() (task, template *node) {
	w := newWiring(m, &ir.Step{Name: m.shape.check}, nil)
	w.isRoot = true
	work := jsonObject().with("check", paramRules(m.p.Params, w)).with("out", jsonString(outFolder)).document()
	params := list()
	for _, in := range w.inputs {
		params.add(object().set("name", str(in.name)).set("value", str(in.argument)))
	}
	task = object().set("name", str(m.shape.check)).set("template", str(m.shape.check)).
		set("arguments", object().set("parameters", params))
	script := m.script(&ir.Step{Image: m.p.Defaults.Image}, work)
	template = object().set("name", str(m.shape.check)).set("inputs", inputs(w)).set("script", script).spread()
	return task, template
}

// mayBeMissing reports whether the task of a step may not have succeeded when another one runs: unless a chain of needs leads to it
// of which each must have.
func (m *manifest) mayBeMissing(reader *ir.Step, producer string) bool {
	seen := map[string]bool{}
	var leads func(s *ir.Step) bool
	leads = func(s *ir.Step) bool {
		var sure []string
		if s.RunIf == ir.IfSucceeded {
			for _, n := range s.Needs {
				if !s.IsTogether(n) {
					sure = append(sure, n)
				}
			}
		}
		if s.Gate != "" {
			sure = append(sure, s.Gate)
		}
		if slices.Contains(sure, producer) {
			return true
		}
		return slices.ContainsFunc(sure, func(n string) bool {
			if seen[n] {
				return false
			}
			seen[n] = true
			return leads(m.shape.steps[n])
		})
	}
	return !leads(reader)
}

// members are the steps of the entrypoint's DAG, or those of the exit handler, but for those of mapped groups.
func (d *dagShape) members(p *ir.Pipeline, exit bool) []*ir.Step {
	var out []*ir.Step
	for _, s := range p.Steps {
		if s.Along == "" && exit == (s.Finally && !d.finallyInDAG) {
			out = append(out, s)
		}
	}
	return out
}

// depends returns the condition under which a step's task runs.
//
// A task that Argo has omitted may have been skipped, or not have run since something failed. What that was, its own needs
// tell, so that they are named as well.
// https://argo-workflows.readthedocs.io/en/latest/enhanced-depends-logic/
func (m *manifest) depends(s *ir.Step) string {
	var terms []string
	needs := s.Needs
	if m.shape.check != "" && isFirst(s) {
		terms = append(terms, m.shape.check+".Succeeded")
	}
	if s.Finally && len(needs) == 0 && m.shape.finallyInDAG && s.Along == "" {
		for _, other := range m.p.Steps {
			if !other.Finally && other.Along == "" {
				terms = append(terms, m.ended(other.Name))
			}
		}
	}
	if s.Gate != "" {
		terms = append(terms, m.tasks[s.Gate]+".Succeeded")
	}
	switch s.RunIf {
	case ir.IfSucceeded:
		for _, set := range s.NeedsAny {
			var some []string
			for _, n := range set {
				some = append(some, m.tasks[n]+".Succeeded")
			}
			terms = append(terms, "("+strings.Join(some, " || ")+")")
			for _, n := range m.mayHaveFailed(set) {
				terms = append(terms, m.notFailed(n))
			}
		}
		for _, n := range needs {
			if !s.IsTogether(n) {
				terms = append(terms, m.tasks[n]+".Succeeded") // a bare name would let it run after a skip, too
			}
		}
	case ir.IfNotFailed:
		for _, n := range m.mayHaveFailed(needs) {
			terms = append(terms, m.notFailed(n))
		}
	case ir.IfDone, ir.IfFailed:
		for _, n := range needs {
			terms = append(terms, m.ended(n))
		}
	}
	if s.RunIf == ir.IfFailed {
		var failed []string
		for _, n := range m.mayHaveFailed(needs) {
			failed = append(failed, m.tasks[n]+".Failed", m.tasks[n]+".Errored")
		}
		terms = append(terms, "("+strings.Join(failed, " || ")+")")
	}
	return strings.Join(terms, " && ")
}

func (m *manifest) ended(step string) string {
	t := m.tasks[step]
	return fmt.Sprintf("(%[1]s.Succeeded || %[1]s.Failed || %[1]s.Errored || %[1]s.Skipped || %[1]s.Omitted)", t)
}

func (m *manifest) notFailed(step string) string {
	t := m.tasks[step]
	if !m.shape.skippable[step] {
		return t + ".Succeeded"
	}
	return fmt.Sprintf("(%[1]s.Succeeded || %[1]s.Skipped || %[1]s.Omitted)", t)
}

// mayHaveFailed returns the steps, and those above them whose failure they would pass on by not running.
func (m *manifest) mayHaveFailed(steps []string) []string {
	var out []string
	seen := map[string]bool{}
	var add func(names []string)
	add = func(names []string) {
		for _, name := range names {
			s := m.shape.steps[name]
			if seen[name] {
				continue
			}
			seen[name] = true
			out = append(out, name)
			if s.RunIf == ir.IfSucceeded || s.RunIf == ir.IfNotFailed {
				add(s.Needs)
			}
		}
	}
	add(steps)
	return out
}

// verdictTask never runs: it is omitted after a failure, which it then passes on to the DAG, and else skipped.
func (m *manifest) verdictTask(name, template string, unheard []*ir.Step) *node {
	var terms []string
	for _, s := range unheard {
		terms = append(terms, m.notFailed(s.Name))
	}
	task := object().set("name", str(name)).set("depends", str(strings.Join(terms, " && "))).
		set("template", str(template)).set("when", str("false"))
	return task.commented("keeps a failed run failed, whatever runs afterwards")
}

// runStatus is Argo's expression for run.status.
func (m *manifest) runStatus() string {
	if !m.shape.finallyInDAG {
		return "workflow.status == 'Succeeded' ? 'succeeded' : 'failed'"
	}
	var states []string
	for _, s := range m.p.Steps {
		if !s.Finally && s.Along == "" {
			states = append(states, taskRef(m.tasks[s.Name])+".status")
		}
	}
	return "any([" + strings.Join(states, ", ") + "], # in ['Failed', 'Error']) ? 'failed' : 'succeeded'"
}
