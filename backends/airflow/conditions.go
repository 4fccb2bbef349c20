package airflow

import (
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
	if s.RunIf != ir.IfSucceeded || len(s.Needs) == 1 && len(s.NeedsAny) == 0 && !backends.SkipsItems(f.steps[s.Needs[0]]) {
		return nil
	}
	var out []string
	for _, n := range s.Needs {
		if f.skippable[n] || s.IsTogether(n) {
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
	if c.s.Gate != "" && c.role != instanceRole {
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

func (c *callable) statesCall(helper string, tasks []string) py.Node {
	c.use(helper)
	c.args["ti"] = true
	n := py.Call(helper).Arg(py.Atom("ti"))
	for _, name := range tasks {
		n = n.Arg(py.Str(c.ids[name]))
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

// edges prints which task comes after which.
func (f *file) edges(w *py.Writer) {
	var lines py.Writer
	lines.Indent()
	edge := func(from []string, to string) {
		needs := py.List()
		for _, n := range from {
			needs = needs.Arg(py.Atom(f.vars[n]))
		}
		if needs.Len() == 1 {
			needs = py.Atom(f.vars[from[0]])
		}
		lines.Stmt("", needs, " >> "+to)
	}
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
		case len(needs) > 0:
			edge(needs, f.first(s))
		case s.Finally:
			edge(all, f.first(s))
		}
	}
	if f.verdict != "" {
		var names []string
		for _, s := range backends.Unheard(f.p, backends.HasFinally(f.p)) {
			names = append(names, s.Name)
		}
		edge(names, f.verdict)
	}
	if text := lines.String(); text != "" {
		w.Line("")
		for line := range strings.Lines(text) {
			w.Line(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "    "))
		}
	}
}
