package kubeflow

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Where the step runner leaves files in the container, and finds them. What is mounted below a folder makes that folder
// root's own, so that the one that is written to lies elsewhere.
const (
	outFolder = "/tmp/zenc-out"
	inFolder  = "/tmp/zenc-in"
)

// runDate is the tick that started a run, or else the moment of its creation, in UTC. Only a run of a CronWorkflow has a
// scheduledTime, so that get asks for it; both are in the controller's or the schedule's time zone.
const runDate = "date(get(workflow, 'scheduledTime') ?? workflow.creationTimestamp.RFC3339).UTC().Format('2006-01-02T15:04:05Z')"

// wiring is what a step is handed by its task: one input of the template for each reference.
type wiring struct {
	m          *manifest
	isRoot     bool // starts before any parameter was checked
	inputs     []input
	names      map[string]string // of inputs that are there, by what they refer to
	taken      map[string]bool
	hasExpr    bool     // an expression is evaluated in the container
	reader     *ir.Step // the step itself
	work       string   // the step runner's work file, with the tags of the inputs in it
	condition  string   // of the task; "" for none
	places     string   // withParam of the task; "" for none
	cacheParts []string // expressions of what is in that place's name
	cacheKey   string   // where the entry of the cache lies in the artifact repository; "" for none
	// outer is the wiring of the mapped group that the step is in, which hands on what is not of the group; nil for none.
	outer *wiring
	used  []input // those that were asked for since somebody last looked
}

// input is one input of a step's template, with the argument that the task gives it.
type input struct {
	name     string
	argument string // Argo's text: a value, or where an artifact comes from
	path     string // of an artifact; "" for a parameter
	key      string // of an artifact that no task hands on: its place in the repository
	// optional says of an artifact that it may be missing: what wrote it may have skipped itself.
	optional bool
}

func newWiring(m *manifest, s *ir.Step, outer *wiring) *wiring {
	w := &wiring{m: m, reader: s, isRoot: m.checksParams(s), names: map[string]string{}, taken: map[string]bool{}, outer: outer}
	switch {
	case len(s.Foreach) > 0:
		w.add(input{name: itemInput, argument: "{{item}}"}, itemInput)
	case outer != nil && (mentionsEach(s) || slices.ContainsFunc(s.Artifacts(), func(o ir.Output) bool { return m.isExported(s, o.Name) })):
		w.add(input{name: itemInput, argument: "{{inputs.parameters." + itemInput + "}}"}, itemInput)
	}
	return w
}

// mentionsEach reports whether what a step runs is told its elements.
func mentionsEach(s *ir.Step) bool {
	found, work := false, *s
	work.When = nil // the controller asks that
	work.Exprs(func(e *ir.Expr) { found = found || e.Op == ir.EachRef })
	return found
}

// isOuter reports a reference to what is not in the mapped group of the step.
func (w *wiring) isOuter(e *ir.Expr) bool {
	if w.outer == nil {
		return false
	}
	return e.Op == ir.OutputRef && !w.reader.IsAlong(w.m.shape.steps[e.Step]) || e.Op == ir.RunRef && e.Name == "status" && w.m.shape.finallyInDAG
}

// handedOn is a reference to what the group has to be handed first.
func (w *wiring) handedOn(e *ir.Expr, t ir.Type) jsonNode {
	n, inputs := w.outer.ask(e, t)
	for _, in := range inputs {
		switch {
		case in.key != "": // the template says where it lies
		case in.path != "":
			in.argument = "{{inputs.artifacts." + in.name + "}}"
		default:
			in.argument = "{{inputs.parameters." + in.name + "}}"
		}
		if name := w.add(in, "outer "+in.name); name != in.name {
			panic("unreachable: a step of a group has an input of the name of one of the group's: " + name)
		}
	}
	return n
}

// ask is reference, and the inputs that it takes.
func (w *wiring) ask(e *ir.Expr, t ir.Type) (jsonNode, []input) {
	w.used = nil
	n := w.reference(e, t)
	return n, w.used
}

// source returns the INPUT of a work file that has the value of e: a reference and a literal as they are, everything else
// as Python that the step runner evaluates.
func (w *wiring) source(e *ir.Expr, t ir.Type, values *references) jsonNode {
	n := jsonObject().with("type", jsonString(string(t)))
	switch e.Op {
	case ir.Lit:
		return n.with("value", jsonValue(e.Value))
	case ir.ParamRef, ir.OutputRef, ir.RunRef:
		return w.reference(e, t)
	}
	w.hasExpr = true
	printer := py.Printer{Ref: func(ref *ir.Expr) string {
		values.add(ref)
		return pythonRef(ref)
	}}
	return n.with("expr", jsonString(printer.Print(e)))
}

// reference returns the INPUT that a reference is, and makes it an input of the template.
//
// Argo substitutes its tags in values that it has substituted, too. So a text travels as base64, and an int as Argo's own;
// a float and a json would lose digits there, and are texts until the step runner reads them.
func (w *wiring) reference(e *ir.Expr, t ir.Type) jsonNode {
	if w.isOuter(e) {
		return w.handedOn(e, t)
	}
	if e.FanIn {
		return w.fanIn(e, t)
	}
	n := jsonObject().with("type", jsonString(string(t)))
	if e.Type.IsArtifact() {
		path := inFolder + "/" + e.Step + "/" + e.Name
		w.add(input{name: dashed(e.Step) + "-" + e.Name, argument: "{{tasks." + w.m.tasks[e.Step] + ".outputs.artifacts." + e.Name + "}}", path: path,
			optional: w.m.shape.steps[e.Step].MaySkipItself()}, refKey(e))
		return n.with("path", jsonString(path))
	}
	if isInterval(e) { // of a pipeline without a schedule, as Check holds
		return n.with("value", jsonRaw("null"))
	}
	var name, value string
	switch e.Op {
	case ir.ParamRef:
		name, value = e.Name, "workflow.parameters."+e.Name
	case ir.OutputRef:
		name, value = dashed(e.Step)+"-"+e.Name, taskRef(w.m.tasks[e.Step])+".outputs.parameters."+e.Name
	case ir.RunRef:
		name, value = "run-"+e.Name, map[string]string{"id": "workflow.name", "date": runDate, "status": w.m.runStatus()}[e.Name]
	}
	if e.Nullable {
		return w.nullable(e, name)
	}
	if e.Type == ir.Int && (e.Op == ir.OutputRef || !w.isRoot) {
		name = w.input(e, name, "{{=int("+value+")}}", "")
		return n.with("value", jsonRaw("{{inputs.parameters."+name+"}}"))
	}
	name = w.input(e, name, "{{=toBase64("+value+")}}", "")
	return n.with("base64", jsonRaw(`"{{inputs.parameters.`+name+`}}"`))
}

// isInterval reports a reference to the interval between two ticks, which Argo does not know. A run by hand has none.
func isInterval(e *ir.Expr) bool { return e.Op == ir.RunRef && strings.HasPrefix(e.Name, "interval.") }

// nullable is an output that may not be there: as JSON, which has a null.
func (w *wiring) nullable(e *ir.Expr, name string) jsonNode {
	value := w.m.nullableOutput(e.Step, e.Name)
	if e.Type == ir.String {
		value = "toJSON(" + value + " ?? nil)"
	} else {
		value += " ?? 'null'"
	}
	name = w.input(e, name, "{{=toBase64("+value+")}}", "")
	return jsonObject().with("type", jsonString(string(ir.JSON))).with("base64", jsonRaw(`"{{inputs.parameters.`+name+`}}"`))
}

// input adds an input of the template, once for each reference, and returns its name.
func (w *wiring) input(e *ir.Expr, name, argument, path string) string {
	return w.add(input{name: name, argument: argument, path: path}, refKey(e))
}

// add adds an input, once for each key, and returns its name.
func (w *wiring) add(in input, key string) string {
	if known, ok := w.names[key]; ok {
		in = w.inputs[slices.IndexFunc(w.inputs, func(in input) bool { return in.name == known })]
		w.used = append(w.used, in)
		return known
	}
	in.name = unique(in.name, w.taken)
	w.names[key], w.taken[in.name] = in.name, true
	w.inputs, w.used = append(w.inputs, in), append(w.used, in)
	return in.name
}

func refKey(e *ir.Expr) string { return string(e.Op) + " " + e.Step + " " + e.Name }

func pythonRef(e *ir.Expr) string {
	switch e.Op {
	case ir.ParamRef:
		return "params[" + py.Quote(e.Name) + "]"
	case ir.OutputRef:
		return "steps[" + py.Quote(e.Step) + "][" + py.Quote(e.Name) + "]"
	case ir.EachRef:
		return "each[" + py.Quote(e.Name) + "]"
	case ir.RunRef:
		return "run[" + py.Quote(e.Name) + "]"
	}
	return "outputs[" + py.Quote(e.Name) + "]"
}

// references are what the expressions of a step name, each once, in the order in which they are met.
type references struct {
	all  []*ir.Expr
	seen map[string]bool
}

func (r *references) add(e *ir.Expr) {
	if key := refKey(e); e.Op != ir.PathRef && e.Op != ir.EachRef && !r.seen[key] { // the step runner knows those
		if r.seen == nil {
			r.seen = map[string]bool{}
		}
		r.seen[key] = true
		r.all = append(r.all, e)
	}
}

// node returns the tree of "values" in a work file: params, steps and run.
func (r *references) node(w *wiring) jsonNode {
	params, run := jsonObject(), jsonObject()
	var steps []string
	outputs := map[string]jsonNode{}
	for _, e := range r.all {
		source := w.reference(e, e.Type)
		switch e.Op {
		case ir.ParamRef:
			params = params.with(e.Name, source)
		case ir.RunRef:
			run = run.with(e.Name, source)
		case ir.OutputRef:
			if _, ok := outputs[e.Step]; !ok {
				outputs[e.Step] = jsonObject()
				steps = append(steps, e.Step)
			}
			outputs[e.Step] = outputs[e.Step].with(e.Name, source)
		}
	}
	n := jsonObject()
	if len(params.items) > 0 {
		n = n.with("params", params)
	}
	if len(steps) > 0 {
		all := jsonObject()
		for _, s := range steps {
			all = all.with(s, outputs[s])
		}
		n = n.with("steps", all)
	}
	if len(run.items) > 0 {
		n = n.with("run", run)
	}
	return n
}

// isTagFree reports whether Argo sees nothing in a text.
func isTagFree(s string) bool { return !strings.Contains(s, "{{") }

// dashed is a name of a step with those of its groups as a part of the name of an input.
func dashed(step string) string { return strings.ReplaceAll(step, ".", "-") }
