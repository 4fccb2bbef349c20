package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// previewedInstances is how many instances of a step are previewed.
const previewedInstances = 3

// unknown stands for a value that only a run has.
type unknown struct{}

var errUnknown = errors.New("not known before the run")

// settled returns a value, or errUnknown.
func settled(v any) (any, error) {
	if _, ok := v.(unknown); ok {
		return nil, errUnknown
	}
	return v, nil
}

// DryRun tells what [Run] would do. It starts nothing and makes no file; its errors are those of Run.
func DryRun(p *Pipeline, code Code, o Options) (*Preview, error) {
	st, err := newStart(p, code, o)
	if err != nil {
		return nil, err
	}
	d := &dryRun{pipeline: p, graph: st.graph, known: st.known, steps: make([]StepPreview, len(p.Steps)), lists: map[int][][]any{},
		scope: &scope{params: st.params, outputs: map[string]Values{},
			run: Values{"id": unknown{}, "date": unknown{}, "interval.start": nil, "interval.end": nil, "status": unknown{}}}}
	out := &Preview{Pipeline: p.Name, Params: st.params, Notes: p.Notes}
	if st.before != nil {
		out.Resumed = st.before.Run
		d.scope.run["id"], d.scope.run["date"] = st.before.Run, st.date
	}
	for i := range p.Steps { // needs come first
		d.steps[i] = d.preview(i)
		d.setOutputs(i)
	}
	out.Steps = d.steps
	return out, nil
}

// dryRun goes through the steps without running them.
type dryRun struct {
	pipeline *Pipeline
	graph    *graph
	known    map[int]*known
	scope    *scope
	steps    []StepPreview
	lists    map[int][][]any // of foreach, where they are known
}

func (d *dryRun) preview(i int) StepPreview {
	step := &d.pipeline.Steps[i]
	plan := step.plan()
	out := StepPreview{Name: step.Name, Kind: plan.Kind, What: plan.What, Needs: plan.Needs, RunIf: step.RunIf, Finally: step.Finally, Secrets: step.Secrets}
	if step.Command != nil {
		out.What = "" // Command has it
	}
	if k := d.known[i]; k != nil && k.whole {
		out.Outlook, out.State, out.Reason, out.From = Taken, k.result.State, k.result.Error, k.from
		if k.result.Error == notAskedFor {
			out.Outlook, out.From = WillNotRun, ""
		}
		return out
	}
	if k := d.known[i]; k != nil {
		out.Done = len(k.instances)
	}
	if out.Outlook, out.State, out.Reason = d.decide(step); out.Outlook != WillNotRun {
		d.begin(i, &out)
	}
	return out
}

// decide tells whether a step runs from what becomes of those that it needs.
func (d *dryRun) decide(step *Step) (Outlook, State, string) {
	// after is what becomes of the step if those that run, and those that may, end in a way.
	after := func(runs, mayRun State) State {
		return step.after(func(name string) State {
			need := d.steps[d.graph.places[name]]
			switch {
			case need.Outlook == WillRun && (runs != Failed || name != step.Gate):
				return runs
			case need.Outlook == MayRun && (runs != Failed || name != step.Gate):
				return mayRun
			case need.Outlook == WillRun || need.Outlook == MayRun:
				return Succeeded
			}
			return need.State
		})
	}
	best := after(Succeeded, Succeeded)
	switch {
	case best == Pending && after(Succeeded, Skipped) == Pending:
		return WillRun, "", ""
	case best == Pending:
		return MayRun, "", "if what it needs runs"
	case after(Failed, Failed) == Pending:
		return MayRun, "", "if a step that it needs fails"
	case best == UpstreamFailed:
		return WillNotRun, best, "a step that it needs fails"
	case step.RunIf == "failed":
		return WillNotRun, best, "nothing that it needs fails"
	}
	return WillNotRun, best, "what it needs is skipped"
}

// end notes that a step will not run after all.
func (out *StepPreview) end(state State, reason string) {
	out.Outlook, out.State, out.Reason = WillNotRun, state, reason
}

// fail notes that a step fails, since an expression has no value.
func (out *StepPreview) fail(step *Step, reason string) {
	if out.end(Failed, reason); step.AllowFailure {
		out.State = Skipped
	}
}

// begin asks the condition and reads the lists of a step that its needs let run, and shows what it is given.
func (d *dryRun) begin(i int, out *StepPreview) {
	step := &d.pipeline.Steps[i]
	if step.When != nil && !step.WhenPerItem {
		out.When = show("when", step.When, d.scope)
		switch {
		case out.When.Error != "":
			out.fail(step, "when: "+out.When.Error)
		case out.When.Value == nil:
			out.conditional("if when is true")
		case out.When.Value.Any == false:
			out.end(Skipped, "its condition is false")
		}
	}
	if out.Outlook == WillNotRun {
		return
	}
	if step.Foreach != nil {
		d.readLists(i, out)
	}
	switch {
	case out.Outlook == WillNotRun:
	case !step.hasInstances():
		if out.Arguments = arguments(step, d.scope); out.firstError() != "" {
			out.fail(step, out.firstError())
		}
	default:
		d.instances(i, out)
	}
}

// conditional notes that a step that would run does so on a condition.
func (out *StepPreview) conditional(reason string) {
	if out.Outlook == WillRun {
		out.Outlook, out.Reason = MayRun, reason
	}
}

// readLists evaluates the lists of a foreach.
func (d *dryRun) readLists(i int, out *StepPreview) {
	step := &d.pipeline.Steps[i]
	isKnown := true
	for _, each := range step.Foreach {
		s := show(each.Name, each.Items, d.scope)
		isKnown = isKnown && s.Value != nil
		if s.Error != "" {
			out.fail(step, fmt.Sprintf("foreach %q: %s", each.Name, s.Error))
		}
		out.Foreach = append(out.Foreach, *s)
	}
	if !isKnown {
		return
	}
	lists, n, err := readLists(step, d.scope)
	switch {
	case err != nil:
		out.fail(step, err.Error())
	case n == 0:
		out.end(Skipped, "the list of foreach is empty")
	default:
		d.lists[i] = lists
	}
}

// instances previews the first instances of a step, and counts those that are to run.
func (d *dryRun) instances(i int, out *StepPreview) {
	step, source := &d.pipeline.Steps[i], i
	if leader := d.graph.leaders[i]; leader >= 0 {
		source = leader
	}
	lists, ok := d.lists[source]
	if !ok {
		out.Arguments = arguments(step, d.scopeOf(i, source, -1))
		return
	}
	n, run, open := 1, 0, 0 // open: nobody knows whether they run
	for _, list := range lists {
		n *= len(list)
	}
	out.Count = &n
	for item := range n {
		sc := d.scopeOf(i, source, item)
		in := InstancePreview{Each: sc.each}
		if step.WhenPerItem {
			in.When = show("when", step.When, sc)
		}
		switch {
		case in.When == nil || in.When.Value != nil && in.When.Value.Any == true:
			run++
		case in.When.Value == nil:
			open++
		}
		if len(out.Instances) < previewedInstances {
			in.Arguments = arguments(step, sc)
			out.Instances = append(out.Instances, in)
		} else if in.When == nil {
			break // as all that follow
		}
	}
	switch {
	case run == 0 && open == 0:
		out.end(Skipped, "its condition is false for each instance")
	case run == 0:
		out.conditional("if when is true for an instance")
	}
}

// scopeOf is what names stand for in an instance, -1 for one of which the elements are not known.
func (d *dryRun) scopeOf(i, source, item int) *scope {
	sc := *d.scope
	foreach := d.pipeline.Steps[source].Foreach
	sc.each = make(Values, len(foreach))
	rest, lists := item, d.lists[source]
	for v := len(foreach) - 1; v >= 0; v-- { // the last one varies fastest
		sc.each[foreach[v].Name] = unknown{}
		if item >= 0 {
			sc.each[foreach[v].Name] = lists[v][rest%len(lists[v])]
			rest /= len(lists[v])
		}
	}
	if d.pipeline.Steps[i].Along != "" {
		sc.along = map[string]Values{}
		for _, other := range d.graph.groups[source] {
			sc.along[d.pipeline.Steps[other].Name] = d.outputs(other, d.steps[other].Outlook != WillNotRun)
		}
	}
	return &sc
}

// outputs are those of a step, unknown ones if it may run.
func (d *dryRun) outputs(i int, mayRun bool) Values {
	step := &d.pipeline.Steps[i]
	out := make(Values, len(step.Outputs))
	for _, o := range step.Outputs {
		if mayRun {
			out[o.Name] = unknown{}
		}
	}
	return out
}

// setOutputs lets the steps that follow see the outputs.
func (d *dryRun) setOutputs(i int) {
	step, out := &d.pipeline.Steps[i], &d.steps[i]
	switch {
	case out.Outlook == Taken:
		d.scope.outputs[step.Name] = d.known[i].result.Outputs
	case out.Outlook != WillNotRun:
		d.scope.outputs[step.Name] = d.outputs(i, true)
	case step.hasInstances(): // it never begins
		lists := Values{}
		for _, o := range step.Outputs {
			lists[o.Name] = []any{}
		}
		d.scope.outputs[step.Name] = lists
	}
}

// arguments evaluates what a step is given.
func arguments(step *Step, sc *scope) Arguments {
	var g Arguments
	for _, in := range step.With {
		s := show(in.Name, in.Value, sc)
		if s.Value != nil {
			if v, err := conform(s.Value.Any, in.Type); err == nil {
				s.Value.Any = v
			} else {
				s.Value, s.Error = nil, err.Error()
			}
		}
		g.With = append(g.With, *s)
	}
	for _, v := range step.Env {
		g.Env = append(g.Env, *show(v.Name, v.Value, sc))
	}
	inner := *sc
	inner.paths = outputPaths(step, "…") // in the folder of the attempt
	for _, arg := range step.Command {
		g.Command = append(g.Command, *show("", arg, &inner))
	}
	return g
}

// firstError is the error of the first expression that has no value, or "".
func (g *Arguments) firstError() string {
	for _, s := range slices.Concat(g.With, g.Env, g.Command) {
		if s.Error != "" {
			return strings.TrimPrefix(s.Name+": "+s.Error, ": ")
		}
	}
	return ""
}

func show(name string, x Expr, sc *scope) *Shown {
	v, err := x.eval(sc)
	switch {
	case errors.Is(err, errUnknown):
		return &Shown{Name: name, Expression: x.String()}
	case err != nil:
		return &Shown{Name: name, Expression: x.String(), Error: err.Error()}
	}
	return &Shown{Name: name, Value: &Literal{v}}
}
