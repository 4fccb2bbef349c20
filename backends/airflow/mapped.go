package airflow

import (
	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// mappedGroup writes a group with a foreach: a task that makes the items, as for a mapped task, and a task group that is expanded
// over them. Within it, a task knows its place, and pulls what it reads of the others at the same place.
// https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html#mapping-over-a-task-group
func (f *file) mappedGroup(w *py.Writer, gate *ir.Step) {
	f.items(w, gate)
	f.engine["task_group"] = true
	function := f.groups[gate.Name] + "_group"
	w.Line("")
	w.Stmt("@", f.groupArguments(py.Call("task_group").Kw("group_id", py.Str(local(gate.Group))), gate.Group), "")
	w.Line("def " + function + "(each):")
	w.Indent()
	edges, isNamed := f.edgesWithin(gate)
	task := func(s *ir.Step) {
		name := ""
		if isNamed[s.Name] { // a variable that nothing reads is one too many within a function
			name = f.vars[s.Name] + " = "
		}
		w.Stmt(name, f.operator(s), "")
	}
	if f.hasTask(gate) {
		task(gate)
	}
	group := gate.Group
	for _, s := range f.members[gate.Name] {
		f.enter(w, group, s.Group)
		group = s.Group
		task(s)
	}
	f.enter(w, group, gate.Group)
	paragraph(w, edges)
	w.Dedent()
	w.Line("")
	w.Line(f.groups[gate.Name] + " = " + function + ".expand(each=" + f.fans[gate.Name].variable + ".output)")
}

// edgesWithin prints which task of a mapped group comes after which, and tells the steps that it names. All of them come after the
// task that makes the items.
func (f *file) edgesWithin(gate *ir.Step) (lines *py.Writer, isNamed map[string]bool) {
	lines, isNamed = &py.Writer{}, map[string]bool{}
	lines.Indent()
	for _, s := range f.members[gate.Name] {
		var from []string
		for _, n := range append([]string{s.Gate}, s.Needs...) {
			if n != "" && f.hasTask(f.steps[n]) {
				from = append(from, f.vars[n])
				isNamed[n], isNamed[s.Name] = true, true
			}
		}
		if len(from) > 0 {
			edge(lines, from, f.vars[s.Name])
		}
	}
	return lines, isNamed
}
