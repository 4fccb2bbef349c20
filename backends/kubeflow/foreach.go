package kubeflow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// A step with a foreach is one task that Argo expands: withParam is a list of the instances' places alone, and each
// instance picks its elements out of the lists, which it is given whole. An item would be in the names and in the status of
// its nodes, and would lose digits on the way. https://argo-workflows.readthedocs.io/en/latest/walk-through/loops/
//
// An instance writes each output as {"i": its place, "v": the text form}, which keeps its place when Argo collects the
// outputs of those that succeeded. Who reads them is told how many items there were.

// itemInput is the input of an instance: its place.
const itemInput = "item"

// ranOutput is an output of instances that have files: which ones those are. No output of a spec has capitals.
const ranOutput = "RAN"

// withParam returns the list of places of a step's instances. A condition of the whole step empties it, one of an item leaves
// that out.
func (p *conditionPrinter) withParam(s *ir.Step) string {
	places := "0.." + p.product(s) + " - 1"
	if n := backends.StaticInstances(s); n >= 0 {
		places = "0.." + strconv.Itoa(n-1)
	}
	if isPerItem(s) {
		p.instance, p.place = s, "#"
		places = "filter(" + places + ", " + outer(p.print(s.When)) + ")"
		p.instance = nil
	}
	if condition := p.condition(s); condition != "" {
		return condition + " ? toJSON(" + places + ") : '[]'"
	}
	return "toJSON(" + places + ")"
}

// isPerItem reports a condition of the instances that one task is expanded to.
func isPerItem(s *ir.Step) bool { return len(s.Foreach) > 0 && s.WhenPerItem() }

// condition is what the whole step asks before it runs; "" for nothing.
func (p *conditionPrinter) condition(s *ir.Step) string {
	ran := p.m.ran(s, p.guarded)
	switch {
	case s.When == nil || isPerItem(s):
		return ran
	case ran == "":
		return outer(p.print(s.When))
	}
	return ran + " && " + p.print(s.When)
}

// product is the number of items, for what evaluates tasks' outputs that are there.
func (p *conditionPrinter) product(s *ir.Step) string {
	if n := backends.StaticInstances(s); n >= 0 {
		return strconv.Itoa(n)
	}
	return p.lengths(s.Foreach)
}

// lengths prints the product of the lengths of lists.
func (p *conditionPrinter) lengths(lists []ir.Each) string {
	var factors []string
	for _, each := range lists {
		if n := p.length(each.Items); n != "1" {
			factors = append(factors, n)
		}
	}
	if factors == nil {
		return "1"
	}
	return strings.Join(factors, " * ")
}

// count is the number of items that a fan-out had: none where it did not begin.
func (p *conditionPrinter) count(step string) string {
	s := p.m.taskOf(step)
	if !p.guarded && (p.reader == nil || !p.m.mayBeMissing(p.reader, s.Name)) {
		return p.product(s)
	}
	before := p.guarded
	p.guarded = true // what its lists come from may be missing as well
	defer func() { p.guarded = before }()
	n := p.product(s)
	status := taskRef(p.m.tasks[s.Name]) + ".status"
	switch condition := p.condition(s); {
	case condition == "":
		return status + " == 'Omitted' ? 0 : " + n
	case isPerItem(s): // it may have begun, and skipped all items
		return fmt.Sprintf("%[1]s == 'Omitted' ? 0 : (%[1]s == 'Skipped' ? (%[2]s ? %[3]s : 0) : %[3]s)", status, condition, n)
	}
	return status + " in ['Omitted', 'Skipped'] ? 0 : " + n
}

// length prints the length of a list of a foreach.
func (p *conditionPrinter) length(e *ir.Expr) string {
	switch {
	case e.IsLit():
		return strconv.Itoa(len(e.Value.Items))
	case e.Op == ir.List:
		return strconv.Itoa(len(e.Args))
	case e.FanIn && p.outer == nil:
		return parenthesised(p.count(e.Step))
	case e.Op == ir.Cond:
		return "(" + p.print(e.Args[0]) + " ? " + p.length(e.Args[1]) + " : " + p.length(e.Args[2]) + ")"
	}
	return "len(" + p.elements(e) + ")" // of a map, too: its instances refuse that
}

func parenthesised(text string) string {
	if strings.Contains(text, " ") {
		return "(" + text + ")"
	}
	return text
}

// elements prints a list, for its length or for an element in a condition. Numbers in it have lost digits.
func (p *conditionPrinter) elements(e *ir.Expr) string {
	switch {
	case e.IsLit():
		if text, ok := exprLiteral(e.Value); ok {
			return text
		}
	case (e.Op == ir.ParamRef || e.Op == ir.OutputRef) && !e.FanIn:
		text := p.text(e, e.Type)
		if p.guarded && e.Op == ir.OutputRef && !p.isOuter(e) {
			text = guarded(p.m.tasks[e.Step], e.Name) + " ?? '[]'"
		}
		return "fromJSON(" + text + ")"
	case e.Op == "??":
		return "fromJSON(" + p.text(e, e.Type) + ")"
	case e.Op == ir.GetField:
		return p.elements(e.Args[0]) + "[" + exprQuote(e.Name) + "]"
	case e.Op == ir.GetIndex && e.Args[1].IsLit():
		if text, ok := exprLiteral(e.Args[1].Value); ok {
			return p.elements(e.Args[0]) + "[" + text + "]"
		}
	}
	return p.refuse(e)
}

// element prints each.NAME of the instance at the place.
func (p *conditionPrinter) element(e *ir.Expr) string {
	at := slices.IndexFunc(p.instance.Foreach, func(each ir.Each) bool { return each.Name == e.Name })
	stride := p.lengths(p.instance.Foreach[at+1:])
	items := p.instance.Foreach[at].Items
	place := p.place
	if stride != "1" {
		place = "int(" + place + " / " + parenthesised(stride) + ")"
	}
	if at > 0 {
		place += " % " + p.length(items)
	}
	if items.FanIn && !items.NullableItems && p.outer == nil { // complete, and so in order
		task, output := p.m.fanInOf(items.Step, items.Name)
		text := "fromJSON(" + taskRef(task) + ".outputs.parameters." + output + ")[" + place + "].v"
		return p.read(text, e)
	}
	text := p.elements(items) + "[" + place + "]"
	switch {
	case items.IsLit() || e.Type == ir.String || e.Type == ir.Bool:
		return text
	case e.Type == ir.Int || e.Type == ir.Float:
		return string(e.Type) + "(" + text + ")"
	}
	return p.refuse(e)
}

// fanIn returns the INPUT that has the outputs of all instances of a step.
func (w *wiring) fanIn(e *ir.Expr, t ir.Type) jsonNode {
	missing := w.m.mayBeMissing(w.reader, w.m.taskOf(e.Step).Name)
	counter := conditionPrinter{m: w.m, guarded: missing}
	count := counter.count(e.Step)
	n := jsonObject().with("type", jsonString(string(t)))
	output, key := e.Name, refKey(e)+" values"
	if e.Type.IsArtifact() {
		path := inFolder + "/" + e.Step + "/" + e.Name
		w.add(input{name: dashed(e.Step) + "-" + e.Name, path: path, key: fileKey(w.m.tasks[e.Step], e.Name)}, refKey(e)+" files")
		n = n.with("folder", jsonString(path))
		output, key = ranOutput, "ran "+e.Step
	} else {
		n = n.with("of", jsonString(string(e.Type.Elem())))
	}
	if _, err := strconv.Atoi(count); err == nil {
		n = n.with("count", jsonRaw(count))
	} else {
		name := w.add(input{name: dashed(e.Step) + "-count", argument: "{{=" + count + "}}"}, "count "+e.Step)
		n = n.with("count", jsonRaw("{{inputs.parameters."+name+"}}"))
	}
	inputName := dashed(e.Step) + "-" + output
	task, output := w.m.fanInOf(e.Step, output)
	value := taskRef(task) + ".outputs.parameters." + output
	if missing {
		value = fmt.Sprintf("type(%[1]s?.outputs?.parameters ?? '[]') == 'map' ? (%[1]s?.outputs?.parameters?.%[2]s ?? '[]') : '[]'", taskRef(task), output)
	}
	name := w.add(input{name: inputName, argument: "{{=toBase64(" + value + ")}}"}, key)
	return n.with("instances", jsonRaw(`"{{inputs.parameters.`+name+`}}"`))
}

// fileKey is where the files of instances lie in the artifact repository: in one folder for each output.
func fileKey(task, output string) string { return "{{workflow.uid}}/" + task + "/" + output }

// lock bounds how many instances run at a time: each takes the lock that is its place's, of as many as may run. Argo's own
// parallelism is that of a whole template.
func lock(s *ir.Step, task string) *node {
	if s.MaxParallel == 0 {
		return nil
	}
	name := "{{workflow.uid}}-" + task
	if s.MaxParallel > 1 {
		name += fmt.Sprintf("-{{=int(inputs.parameters.%s) %% %d}}", itemInput, s.MaxParallel)
	}
	return object().set("mutexes", list(object().set("name", str(name))))
}
