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
	if f.hasTask(gate) {
		f.task(w, gate)
	}
	group := gate.Group
	for _, s := range f.members[gate.Name] {
		f.enter(w, group, s.Group)
		group = s.Group
		f.task(w, s)
	}
	f.enter(w, group, gate.Group)
	f.edgesWithin(w, gate)
	w.Dedent()
	w.Line("")
	w.Line(f.groups[gate.Name] + " = " + function + ".expand(each=" + f.fans[gate.Name].variable + ".output)")
}

// edgesWithin prints which task of a mapped group comes after which. All of them come after the one that makes the items.
func (f *file) edgesWithin(w *py.Writer, gate *ir.Step) {
	var lines py.Writer
	lines.Indent()
	for _, s := range f.members[gate.Name] {
		var from []string
		for _, n := range append([]string{s.Gate}, s.Needs...) {
			if n != "" && f.hasTask(f.steps[n]) {
				from = append(from, f.vars[n])
			}
		}
		if len(from) > 0 {
			edge(&lines, from, f.vars[s.Name])
		}
	}
	paragraph(w, &lines)
}
