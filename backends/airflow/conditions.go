package airflow

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// verdict is the task that keeps a run failed in which the leaves are fine: Airflow looks at those alone.
const verdict = "run_succeeded"

// triggerRule is when a task may start; "" is Airflow's own default, all_success. That one depends on the order in which
// needs end where one is skipped and another fails, so that such a step waits for all and decides itself.
// https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
func (f *file) triggerRule(s *ir.Step) string {
	switch {
	case s.RunIf == ir.IfDone, s.RunIf == ir.IfFailed, s.Finally && len(s.Needs) == 0:
		return "all_done"
	case s.RunIf == ir.IfNotFailed, len(f.uncertain(s)) > 0:
		return "none_failed"
	}
	return ""
}

// uncertain are the needs of a step that may be skipped, where that skips the step itself and Airflow's own rule does not see
// to it: that one is fine for a single need, unless that has instances of which some may be skipped.
func (f *file) uncertain(s *ir.Step) []string {
	if s.RunIf != ir.IfSucceeded || len(s.Needs) == 1 && len(s.NeedsAny) == 0 && (s.Along != "" || !backends.SkipsItems(f.steps[s.Needs[0]])) {
		return nil
	}
	skippable := f.skippable
	if s.Along != "" {
		skippable = f.within
	}
	var out []string
	for _, n := range s.Needs {
		if skippable[n] || s.IsTogether(n) {
			out = append(out, n)
		}
	}
	return out
}

// conditions prints what skips the step. It pulls what it must know.
func (c *callable) conditions(w *py.Writer) {
	c.runStatus(w)
	skip := func(condition py.Node) {
		c.use("skip_unless")
		w.Stmt("", py.Call("skip_unless").Arg(condition), "")
	}
	if c.asksGate() {
		c.use("ran")
		skip(py.Call("ran").Arg(py.Atom(c.pulls[c.s.Gate])))
	}
	if names := c.uncertain(c.s); len(names) > 0 && c.role != instanceRole {
		c.use("ran")
		n := py.Call("ran")
		for _, set := range c.s.NeedsAny {
			some := py.List()
			for _, name := range set {
				some = some.Arg(py.Atom(c.pulls[name]))
			}
			n = n.Arg(some)
		}
		for _, name := range names {
			if !c.s.IsTogether(name) {
				n = n.Arg(py.Atom(c.pulls[name]))
			}
		}
		skip(n)
	}
	if c.s.RunIf == ir.IfFailed && c.role != instanceRole {
		skip(c.statesCall("any_failed", c.s.Needs))
	}
	if c.s.When != nil && (c.role == wholeStep || (c.role == instanceRole) == c.s.WhenPerItem()) {
		skip(c.expr(c.s.When))
	}
}

// asksGate reports a callable that looks whether the gate has succeeded.
func (c *callable) asksGate() bool {
	return c.s.Gate != "" && c.role != instanceRole && c.hasTask(c.steps[c.s.Gate])
}

// hasTask reports whether a step is a task. The gate of a mapped group is one only if it is asked at each place: the task that
// makes the items asks everything else.
func (f *file) hasTask(s *ir.Step) bool { return len(f.members[s.Name]) == 0 || s.WhenPerItem() }

// isMapped reports a step whose task is mapped by itself, and not with its group.
func (f *file) isMapped(s *ir.Step) bool { return len(s.Foreach) > 0 && len(f.members[s.Name]) == 0 }

func (c *callable) statesCall(helper string, tasks []string) py.Node {
	c.use(helper)
	c.args["ti"] = true
	n := py.Call(helper).Arg(py.Atom("ti"))
	for _, name := range tasks {
		n = n.Arg(py.Str(c.ids[name]))
	}
	if c.s.Along != "" && helper == "any_failed" {
		n = n.Kw("map_index", py.Atom("ti.map_index"))
	}
	return n
}

// runStatus names a variable for run.status where the step reads it, and prints what it is.
func (c *callable) runStatus(w *py.Writer) {
	reads := false
	c.exprs(func(e *ir.Expr) { reads = reads || e.Op == ir.RunRef && e.Name == "status" })
	if !reads {
		return
	}
	var steps []string
	for _, s := range c.p.Steps {
		if !s.Finally && !s.AllowFailure {
			steps = append(steps, s.Name)
		}
	}
	c.status = c.names.unique("status")
	w.Stmt(c.status+" = ", c.statesCall("run_status", steps), "")
}

// first is the variable of the task of a step that comes after its needs.
func (f *file) first(s *ir.Step) string {
	if fan, ok := f.fans[s.Name]; ok && !fan.static {
		return fan.variable
	}
	return f.vars[s.Name]
}

// edges prints which task comes after which, but for what is within a mapped group.
func (f *file) edges(w *py.Writer) {
	var lines py.Writer
	lines.Indent()
	var all []string
	for _, s := range f.p.Steps {
		if !s.Finally {
			all = append(all, s.Name)
		}
	}
	for _, s := range f.p.Steps {
		needs := s.Needs
		if s.Gate != "" {
			needs = append([]string{s.Gate}, needs...)
		}
		switch {
		case s.Along != "":
		case len(needs) > 0:
			edge(&lines, f.variables(needs), f.first(s))
		case s.Finally:
			edge(&lines, f.variables(all), f.first(s))
		}
	}
	if f.verdict != "" {
		var names []string
		for _, s := range backends.Unheard(f.p, backends.HasFinally(f.p)) {
			names = append(names, s.Name)
		}
		edge(&lines, f.variables(names), f.verdict)
	}
	paragraph(w, &lines)
}

// variables are those of the tasks of steps. Those of a mapped group are named together.
func (f *file) variables(steps []string) []string {
	var out []string
	for _, n := range steps {
		name := f.vars[n]
		switch gate := f.steps[n].Along; {
		case gate != "":
			name = "*" + f.groups[gate]
		case len(f.members[n]) > 0: // whose task, if it has one, is within its group
			name = "*" + f.groups[n]
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// edge prints that a task comes after others.
func edge(w *py.Writer, from []string, to string) {
	if len(from) == 1 && !strings.HasPrefix(from[0], "*") {
		w.Stmt("", py.Atom(from[0]), " >> "+to)
		return
	}
	needs := py.List()
	for _, n := range from {
		needs = needs.Arg(py.Atom(n))
	}
	w.Stmt("", needs, " >> "+to)
}

// paragraph writes lines behind an empty one, if there are any.
func paragraph(w, lines *py.Writer) {
	text := lines.String()
	if text == "" {
		return
	}
	w.Line("")
	for line := range strings.Lines(text) {
		w.Line(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "    "))
	}
}
