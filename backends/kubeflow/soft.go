package kubeflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// A step that may turn out to be skipped once it has started, by its skip_exit_code or since its failure is allowed, ends well
// for Argo: a pod that ran is never Skipped. Its output RAN says how it was, and those that need it ask for that.
//
// A failure that is allowed is one of a template within the step's own: continueOn keeps it there, while in the DAG itself
// what comes after the step would inherit it.
// https://argo-workflows.readthedocs.io/en/latest/walk-through/continuing-when-something-fails/

// placeholder is what stands for an output of a step that skipped itself: nobody reads it, but it has to be of the type.
func placeholder(s *ir.Step, t ir.Type) string {
	switch {
	case len(s.Foreach) > 0:
		return "{}" // an instance without a place
	case t.IsList():
		return "[]"
	}
	return map[ir.Type]string{ir.Int: "0", ir.Float: "0.0", ir.Bool: "false", ir.JSON: "null"}[t]
}

// ranPlaceholder is the RAN of a step that skipped itself.
func ranPlaceholder(s *ir.Step) string {
	if len(s.Foreach) > 0 {
		return "{}"
	}
	return "false"
}

// hasRan reports whether a step has the output RAN.
func hasRan(s *ir.Step) bool {
	return s.MaySkipItself() || len(s.Foreach) > 0 && len(s.Artifacts()) > 0
}

// ran prints whether the needs of a step that may have skipped themselves have run; "" if there are none, or it does not
// matter. guard says that it is another one that asks, for which they may not be there.
func (m *manifest) ran(s *ir.Step, guard bool) string {
	if s.RunIf != ir.IfSucceeded {
		return ""
	}
	var terms []string
	for _, name := range s.Needs {
		need := m.shape.steps[name]
		out := taskRef(m.tasks[name]) + ".outputs.parameters." + ranOutput
		if guard {
			out = guarded(m.tasks[name], ranOutput)
		}
		switch {
		case s.IsTogether(name):
		case !m.maySkipItself(need):
		case len(need.Foreach) > 0 && guard:
			terms = append(terms, "any(fromJSON("+out+" ?? '[]'), 'i' in #)")
		case len(need.Foreach) > 0:
			terms = append(terms, "any(fromJSON("+out+"), 'i' in #)")
		default:
			terms = append(terms, out+" == 'true'")
		}
	}
	for _, set := range s.NeedsAny {
		if slices.ContainsFunc(set, func(name string) bool { return m.maySkipItself(m.shape.steps[name]) }) {
			terms = append(terms, m.someRan(set))
		}
	}
	return strings.Join(terms, " && ")
}

// someRan prints whether one of the steps has run, of which some may have skipped themselves.
func (m *manifest) someRan(set []string) string {
	var terms []string
	for _, name := range set {
		switch need := m.shape.steps[name]; {
		case !m.maySkipItself(need):
			terms = append(terms, taskRef(m.tasks[name])+".status == 'Succeeded'")
		case len(need.Foreach) > 0:
			terms = append(terms, "any(fromJSON("+guarded(m.tasks[name], ranOutput)+" ?? '[]'), 'i' in #)")
		default:
			terms = append(terms, guarded(m.tasks[name], ranOutput)+" == 'true'")
		}
	}
	return "(" + strings.Join(terms, " || ") + ")"
}

// nullableOutput prints an output as text, nil where the step has not run.
func (m *manifest) nullableOutput(step, output string) string {
	value := guarded(m.tasks[step], output)
	if m.shape.steps[step].MaySkipItself() {
		return fmt.Sprintf("(%s == 'true' ? %s : nil)", guarded(m.tasks[step], ranOutput), value)
	}
	return value
}

// inner is the name of the template that does the work of a step.
func (m *manifest) inner(s *ir.Step) string {
	if name, ok := m.inners[s.Name]; ok {
		return name
	}
	return m.tasks[s.Name]
}

// innerNames names the templates within those of steps whose failure is allowed.
func innerNames(p *ir.Pipeline, tasks map[string]string) map[string]string {
	out, taken := map[string]string{}, templatesOf(p, tasks)
	for _, s := range p.Steps {
		if s.AllowFailure {
			out[s.Name] = unique(tasks[s.Name]+"-allowed-to-fail", taken)
			taken[out[s.Name]] = true
		}
	}
	return out
}

// wrapper is the template of a step whose failure is allowed.
func (m *manifest) wrapper(s *ir.Step, w *wiring) *node {
	name := m.tasks[s.Name]
	params, artifacts, givenParams, givenArtifacts := list(), list(), list(), list()
	for _, in := range w.inputs {
		switch {
		case in.key != "":
		case in.path != "":
			artifacts.add(object().set("name", str(in.name)))
			givenArtifacts.add(object().set("name", str(in.name)).set("from", str("{{inputs.artifacts."+in.name+"}}")))
		default:
			params.add(object().set("name", str(in.name)))
			givenParams.add(object().set("name", str(in.name)).set("value", str("{{inputs.parameters."+in.name+"}}")))
		}
	}
	step := object().
		set("name", str(name)).
		set("template", str(m.inner(s))).
		set("arguments", object().set("parameters", givenParams).set("artifacts", givenArtifacts)).
		set("continueOn", object().set("failed", boolean(true)).set("error", boolean(true)))
	outputs, files := list(), list()
	add := func(output, otherwise string) {
		value := fmt.Sprintf("%s?.outputs?.parameters?.%s ?? %s", stepRef(name), output, exprQuote(otherwise))
		outputs.add(object().set("name", str(output)).set("valueFrom", object().set("expression", str(value))))
	}
	ran := fmt.Sprintf("%[1]s.status == 'Succeeded' ? (%[1]s?.outputs?.parameters?.%[2]s ?? %[3]s) : %[3]s", stepRef(name), ranOutput, exprQuote(ranPlaceholder(s)))
	outputs.add(object().set("name", str(ranOutput)).set("valueFrom", object().set("expression", str(ran))))
	for _, o := range s.Outputs {
		if o.Type.IsArtifact() {
			from := "{{steps." + name + ".outputs.artifacts." + o.Name + "}}"
			files.add(object().set("name", str(o.Name)).set("from", str(from)).set("optional", boolean(true)))
			continue
		}
		add(o.Name, placeholder(s, o.Type))
	}
	return object().set("name", str(name)).
		set("inputs", object().set("parameters", params).set("artifacts", artifacts)).
		set("steps", list(list(step))).
		set("outputs", object().set("parameters", outputs).set("artifacts", files)).spread()
}

// stepRef is how an expression names a step of a template with steps.
func stepRef(name string) string {
	return "steps" + strings.TrimPrefix(taskRef(name), "tasks")
}
