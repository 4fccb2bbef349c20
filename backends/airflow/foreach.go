package airflow

import (
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// maxMapLength is Airflow's own limit of the instances of a mapped task, unless the stack says that its Airflow has another.
// https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#max-map-length
const maxMapLength = 1024

// A step with a foreach is a mapped task. What its instances are is, as a rule, the output of a task before it, which asks
// the conditions as well. Lists that are written in the spec need no such task, where nothing has to tell a step that did
// not start from one whose instances were skipped.
// https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html

// fanOut is how a step with a foreach is written.
type fanOut struct {
	id       string // of the task that makes the items, or of the variable with them
	variable string // of the module
	function string // that makes the items
	static   bool   // the items are known, and there is no such task
}

// fanOuts names the items of each step with a foreach.
func (f *file) fanOuts(variables, ids names) map[string]fanOut {
	out := map[string]fanOut{}
	asked := f.askedForStart()
	for _, s := range f.p.Steps {
		if s.Along != "" { // its gate comes before it
			out[s.Name] = out[s.Along]
		}
		if len(s.Foreach) == 0 {
			continue
		}
		literal := len(f.members[s.Name]) == 0 && backends.StaticInstances(s) > 0
		for _, each := range s.Foreach {
			literal = literal && each.Items.IsLit()
		}
		name := itemsName(s)
		out[s.Name] = fanOut{id: ids.id(name), variable: variables.unique(identifier(name)), function: f.functions.unique("_" + identifier(name)),
			static: literal && !asked[s.Name] && (s.When == nil || s.WhenPerItem()) && s.RunIf == ir.IfSucceeded && len(f.uncertain(s)) == 0}
	}
	return out
}

// askedForStart are the steps whose outputs another one reads that runs however they ended.
func (f *file) askedForStart() map[string]bool {
	out := map[string]bool{}
	for _, s := range f.p.Steps {
		s.Exprs(func(e *ir.Expr) {
			if e.FanIn && (s.RunIf != ir.IfSucceeded || s.Finally || s.IsTogether(e.Step)) {
				out[e.Step] = true
			}
		})
	}
	return out
}

// itemsName names what a step goes over: train_folds.
func itemsName(s *ir.Step) string {
	if len(s.Foreach) > 1 || strings.ContainsAny(s.Foreach[0].Name[len(s.Foreach[0].Name)-1:], "shxyz_0123456789") {
		return s.Name + "_items"
	}
	return s.Name + "_" + s.Foreach[0].Name + "s"
}

// itemsCallable writes the function of the task that makes the items.
func (f *file) itemsCallable(w *py.Writer, s *ir.Step) {
	c := f.newCallable(s, itemsRole)
	pulled := c.upstream()
	var conditions py.Writer
	conditions.Indent()
	c.conditions(&conditions)
	c.body.Indent()
	c.use("fan_out")
	c.body.Stmt("return ", py.Call("fan_out").Arg(c.lists()), "")
	c.write(w, f.fans[s.Name].function, pulled, &conditions)
}

func (c *callable) lists() py.Node {
	lists := py.Dict()
	for _, each := range c.s.Foreach {
		lists = lists.Entry(each.Name, c.expr(each.Items))
	}
	return lists
}

// items writes what makes the items of a step, before its operator.
func (f *file) items(w *py.Writer, s *ir.Step) {
	fan := f.fans[s.Name]
	if fan.static {
		lists := py.Dict()
		for _, each := range s.Foreach {
			lists = lists.Entry(each.Name, py.Literal(each.Items.Value))
		}
		f.helpers["fan_out"] = true
		w.Stmt(fan.variable+" = ", py.Call("fan_out").Arg(lists), "")
		return
	}
	f.helpers["Step"] = true
	n := py.Call("Step").Kw("task_id", py.Str(local(fan.id))).Kw("python_callable", py.Atom(fan.function))
	if rule := f.triggerRule(s); rule != "" {
		n = n.Kw("trigger_rule", py.Str(rule))
	}
	if s.AllowFailure {
		n = n.Kw("allow_failure", py.Atom("True"))
	}
	w.Stmt(fan.variable+" = ", n.Kw("doc_md", py.Str("what "+local(s.Name)+" goes over")), "")
}

// expand is what follows the arguments of a mapped task.
func (fan fanOut) expand(s *ir.Step) string {
	items := fan.variable
	if !fan.static {
		items += ".output"
	}
	if s.Kind == ir.Operator {
		return ".expand_kwargs(" + items + ")"
	}
	return ".expand(op_kwargs=" + items + ")"
}

// pull is the call by which a step reads the outputs of another one.
func (f *file) pull(s *ir.Step, name string) py.Node {
	fan, isFanOut := f.fans[name]
	switch pull := py.Call("ti.xcom_pull").Kw("task_ids", py.Str(f.ids[name])); {
	case s.IsAlong(f.steps[name]):
		return pull.Kw("map_indexes", py.Atom("ti.map_index"))
	case !isFanOut:
		return pull
	}
	f.helpers["fan_in"] = true
	n := py.Call("fan_in").Arg(py.Atom("ti")).Arg(py.Str(f.ids[name]))
	if fan.static {
		return n.Arg(py.Atom(strconv.Itoa(backends.StaticInstances(f.steps[name]))))
	}
	return n.Arg(py.Str(fan.id))
}

// foreach refuses what Airflow cannot map.
func (c *checker) foreach(s *ir.Step) {
	limit := c.settings.maxMapLength
	if n := backends.StaticInstances(s); len(s.Foreach) > 0 && n > limit {
		c.cannot(s.ForeachPos, "foreach: the step %q would have %d instances, and Airflow maps a task at most %d times", s.Name, n, limit).
			WithHelp("let a step go over more than one element; or raise [core] max_map_length there, and say so: --option max_map_length=%d", n)
	}
	if s.MaxParallel > 0 && s.Kind == ir.Gate {
		c.cannot(s.MaxParallelPos, "max_parallel: Airflow bounds how many instances of a task run at a time, and not those of a mapped group").
			WithHelp("leave it out, and give the steps a pool: options: {airflow: {pool: name}}")
	}
	if f := ir.Lookup(ir.For(s.Options, "airflow"), "max_active_tis_per_dagrun"); f != nil && s.MaxParallel > 0 {
		c.cannot(f.Pos, "max_active_tis_per_dagrun: max_parallel says that already").WithHelp("leave one of them out")
	}
}
