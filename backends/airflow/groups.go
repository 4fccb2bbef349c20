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
	w.Stmt("with ", f.groupArguments(py.Call("TaskGroup").Arg(py.Str(local(to))), to), ":")
	w.Indent()
}

// groupArguments adds what a group says of itself.
func (f *file) groupArguments(n py.Node, name string) py.Node {
	for _, g := range f.p.Groups {
		if g.Name == name && g.Description != "" {
			n = n.Kw("tooltip", py.Str(g.Description))
		}
	}
	return n
}

// parent is the group around a group, "" for none.
func parent(group string) string {
	if i := strings.LastIndexByte(group, '.'); i >= 0 {
		return group[:i]
	}
	return ""
}
