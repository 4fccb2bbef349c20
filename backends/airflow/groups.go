package airflow

import (
	"strings"

	"github.com/zenc-dev/zenc/backends/py"
)

// enter writes what leads from the tasks of one group to those of another: task groups are blocks within each other.
// https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#taskgroups
func (f *file) enter(w *py.Writer, from, to string) {
	for from != "" && from != to && !strings.HasPrefix(to, from+".") {
		w.Dedent()
		from = parent(from)
	}
	if from == to {
		return
	}
	f.enter(w, from, parent(to))
	f.engine["TaskGroup"] = true
	group := py.Call("TaskGroup").Arg(py.Str(local(to)))
	for _, g := range f.p.Groups {
		if g.Name == to && g.Description != "" {
			group = group.Kw("tooltip", py.Str(g.Description))
		}
	}
	w.Stmt("with ", group, ":")
	w.Indent()
}

// parent is the group around a group, "" for none.
func parent(group string) string {
	if i := strings.LastIndexByte(group, '.'); i >= 0 {
		return group[:i]
	}
	return ""
}
