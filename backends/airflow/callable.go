package airflow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// callable is the function of one step while it is written.
type callable struct {
	*file
	s      *ir.Step
	role   role
	names  names
	py     py.Printer
	args   map[string]bool   // each, and of Airflow's context: params, run_id, ti, dag_run
	pulls  map[string]string // the local variable of each step whose outputs are read
	files  map[string]string // the local variable of each file that is read, by step.output
	paths  map[string]string // the local variable of each file output, by name
	status string            // the local variable of run.status
	// readsElement says that each is what the task that makes the items has at the place of this instance.
	readsElement bool

	managers []managed // context managers around the body
	outputs  []managed // those of outputs
	entry    string    // the local variable of the entry in the cache; "" for none
	script   py.Node   // the script, once it is printed
	// namesOutputs says that a path to write is printed as the name of the output.
	namesOutputs bool
	body         py.Writer
}

// managed is a context manager and the variable that it is bound to, "" for none.
type managed struct {
	manager py.Node
	as      string
}

// role says which part of a step a callable is.
type role int

const (
	wholeStep    role = iota
	itemsRole         // of a foreach: what makes the items
	instanceRole      // of a foreach: what is done for each
)

func (f *file) newCallable(s *ir.Step, r role) *callable {
	c := &callable{file: f, s: s, role: r, names: newNames(moduleNames...), args: map[string]bool{},
		pulls: map[string]string{}, files: map[string]string{}, paths: map[string]string{}}
	c.py.Ref = c.ref
	return c
}

// exprs calls f for every expression that the callable evaluates.
func (c *callable) exprs(f func(*ir.Expr)) {
	s := *c.s
	switch c.role {
	case itemsRole:
		s = ir.Step{Foreach: s.Foreach}
		if !c.s.WhenPerItem() {
			s.When = c.s.When
		}
	case instanceRole, wholeStep: // a gate with a foreach has a task for its condition
		if len(s.Foreach) > 0 && !s.WhenPerItem() {
			s.When = nil
		}
		s.Foreach = nil
	}
	s.Exprs(f)
}

func (f *file) callable(w *py.Writer, s *ir.Step) {
	if !f.hasCallable(s) {
		return
	}
	c := f.newCallable(s, wholeStep)
	if f.isMapped(s) {
		c.role = instanceRole
	}
	for _, o := range s.Artifacts() {
		c.paths[o.Name] = c.names.unique(o.Name)
	}
	pulled := c.upstream()
	var conditions py.Writer
	conditions.Indent()
	c.conditions(&conditions)
	c.body.Indent()
	if s.Kind != ir.Operator && s.Kind != ir.Gate {
		c.open()
		c.body.Indent()
	}
	if s.Cache.On {
		c.cached(w)
	}
	switch s.Kind {
	case ir.Gate:
		if conditions.String() == "" && len(pulled) == 0 {
			c.body.Line(`"""The group runs: what it needs has ended well."""`)
		}
	case ir.Operator:
		c.arguments()
	case ir.Python:
		c.python()
	case ir.Run:
		c.use("shell")
		c.process(py.Call("shell").Arg(c.scriptText(w)))
	case ir.Command:
		c.use("command")
		c.process(c.commandCall())
	}
	c.write(w, c.calls[s.Name], pulled, &conditions)
}

// write writes the function.
func (c *callable) write(w *py.Writer, name string, pulled []string, conditions *py.Writer) {
	for _, h := range c.py.Helpers {
		c.use(h)
	}
	var args []string
	if c.role == instanceRole {
		args = append(args, "each")
	}
	for _, name := range []string{"params", "run_id", "ti", "dag_run"} {
		if c.args[name] {
			args = append(args, name)
		}
	}
	w.Line("")
	w.Line("")
	w.Line("def " + name + "(" + strings.Join(args, ", ") + "):")
	w.Indent()
	if c.readsElement {
		w.Stmt("each = ", py.Call("element").Arg(py.Atom("ti")).Arg(py.Str(c.fans[c.s.Name].id)), "")
	}
	for _, name := range pulled {
		w.Stmt(c.pulls[name]+" = ", c.pull(c.s, name), "")
	}
	for line := range strings.Lines(conditions.String()) {
		w.Line(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "    "))
	}
	with(w, c.managers)
	w.Dedent()
	for line := range strings.Lines(c.body.String()) {
		w.Line(strings.TrimSuffix(line, "\n"))
	}
}

func (c *callable) use(helper string) { c.helpers[helper] = true }

// upstream names a variable for each step whose outputs are read, and one for each artifact, in the order of the spec.
func (c *callable) upstream() []string {
	var pulled []string
	pull := func(e *ir.Expr) {
		if e.Op == ir.OutputRef && c.pulls[e.Step] == "" {
			c.pulls[e.Step] = c.names.unique(identifier(e.Step))
			pulled = append(pulled, e.Step)
			c.args["ti"] = true
		}
	}
	c.exprs(pull)
	if c.role != instanceRole {
		names := c.uncertain(c.s)
		if c.asksGate() {
			names = append(names, c.s.Gate)
		}
		for _, n := range names {
			pull(&ir.Expr{Op: ir.OutputRef, Step: n})
		}
	}
	return pulled
}

// open prints the context managers: the workspace, the files to write, the files to read.
func (c *callable) open() {
	c.use("workspace")
	ws := py.Call("workspace")
	if shipsCode(c.p, c.settings) {
		c.usesPath = true
		ws = ws.Arg(py.Atom("CODE"))
	}
	if len(c.s.Env) > 0 {
		ws = ws.Kw("env", c.env())
	}
	if len(c.s.Secrets) > 0 {
		ws = ws.Kw("secrets", c.secrets())
	}
	c.manage(ws, "")
	for _, o := range c.s.Artifacts() {
		helper := "output_" + string(o.Type)
		c.use(helper)
		c.args["run_id"] = true
		n := py.Call(helper).Arg(py.Atom("ARTIFACTS")).Arg(py.Atom("run_id")).Arg(py.Str(c.s.Name)).Arg(py.Str(o.Name))
		if c.s.HasInstances() {
			c.args["ti"] = true
			n = n.Arg(py.Atom("ti.map_index"))
		}
		c.outputs = append(c.outputs, managed{n, c.paths[o.Name]})
	}
	if !c.s.Cache.On { // else they are opened once it is known that the step runs
		c.managers = append(c.managers, c.outputs...)
	}
	for _, in := range c.s.Inputs {
		if in.Type.IsArtifact() {
			c.openFile(in.Value, in.Name)
		}
	}
	for _, a := range c.s.Command {
		if a.Type.IsArtifact() {
			c.openFile(a, identifier(a.Step)+"_"+a.Name)
		}
	}
}

func (c *callable) env() py.Node {
	env := py.Dict()
	for _, v := range c.s.Env {
		env = env.Entry(v.Name, c.expr(v.Value))
	}
	return env
}

func (c *callable) secrets() py.Node {
	secrets := py.Dict()
	for _, secret := range c.s.Secrets {
		secrets = secrets.Entry(secret.Name, py.Str(secret.Ref()))
	}
	return secrets
}

func (c *callable) manage(n py.Node, as string) { c.managers = append(c.managers, managed{n, as}) }

// with writes a with statement, if there is something to manage.
func with(w *py.Writer, all []managed) {
	if len(all) == 0 {
		return
	}
	managers, names := make([]py.Node, len(all)), make([]string, len(all))
	for i, m := range all {
		managers[i], names[i] = m.manager, m.as
	}
	w.With(managers, names)
}

func (c *callable) openFile(e *ir.Expr, name string) {
	key := e.Step + "." + e.Name
	if c.files[key] != "" {
		return
	}
	c.files[key] = c.names.unique(name)
	kind := e.Type
	if e.FanIn {
		kind = e.Type.Elem()
	}
	if kind == ir.Object && c.objectsAsFiles() {
		kind = ir.File
	}
	helper := "input_" + string(kind)
	if e.FanIn {
		c.use("column")
		c.use(helper + "s")
		c.manage(py.Call(helper+"s").Arg(py.Call("column").Arg(py.Atom(c.pulls[e.Step])).Arg(py.Str(e.Name))), c.files[key])
		return
	}
	c.use(helper)
	c.manage(py.Call(helper).Arg(py.Subscript(c.pulls[e.Step]+"["+py.Quote(e.Name)+"]")), c.files[key])
}

// ref prints a reference of an expression.
func (c *callable) ref(e *ir.Expr) string {
	switch e.Op {
	case ir.ParamRef:
		c.args["params"] = true
		return "params[" + py.Quote(e.Name) + "]"
	case ir.OutputRef:
		if e.Type.IsArtifact() {
			return c.files[e.Step+"."+e.Name]
		}
		if e.FanIn {
			c.use("column")
			return "column(" + c.pulls[e.Step] + ", " + py.Quote(e.Name) + ")"
		}
		if e.Nullable {
			c.use("optional")
			return "optional(" + c.pulls[e.Step] + ", " + py.Quote(e.Name) + ")"
		}
		return c.pulls[e.Step] + "[" + py.Quote(e.Name) + "]"
	case ir.EachRef:
		if c.role == wholeStep {
			c.readsElement, c.args["ti"] = true, true
			c.use("element")
		}
		return "each[" + py.Quote(e.Name) + "]"
	case ir.RunRef:
		switch e.Name {
		case "status":
			return c.status
		case "date":
			c.args["dag_run"] = true
			c.use("run_date")
			return "run_date(dag_run)"
		case "interval.start":
			return c.interval() + "[0]"
		case "interval.end":
			return c.interval() + "[1]"
		}
		c.args["run_id"] = true
		return "run_id"
	}
	if c.namesOutputs {
		return py.Quote(e.Name)
	}
	return "out[" + py.Quote(e.Name) + "]"
}

// interval prints the period since the previous firing; without a schedule there is none.
func (c *callable) interval() string {
	if c.p.Schedule == nil {
		return "(None, None)"
	}
	c.args["dag_run"] = true
	c.use("run_interval")
	cron, zone := cronOf(c.p.Schedule)
	return "run_interval(dag_run, " + py.Quote(cron) + ", " + py.Quote(zone) + ")"
}

func (c *callable) expr(e *ir.Expr) py.Node {
	return c.py.Node(e)
}

// python prints the call of the user's function, in this interpreter or in the stack's.
func (c *callable) python() {
	if c.settings.python != "" {
		c.use("python")
		c.process(py.Call("python").Arg(py.Atom("PYTHON")).Arg(py.Str(c.s.Module + ":" + c.s.Function)))
		return
	}
	module := c.importModule()
	call := py.Call(module + "." + c.s.Function)
	for _, in := range c.s.Inputs {
		value := c.expr(in.Value)
		if in.Type.HasObjects() && c.objectsAsFiles() {
			c.use("unpickled")
			value = py.Call("unpickled").Arg(value)
		}
		call = call.Kw(in.Name, value)
	}
	for _, o := range c.s.WrittenOutputs() {
		call = call.Kw(o.Name, py.Atom(c.paths[o.Name]+".path"))
	}
	values, files := c.s.ReturnedOutputs(), c.s.WrittenOutputs()
	if len(values) == 0 {
		c.body.Stmt("", call, "")
		if len(files) > 0 || c.entry != "" {
			c.give(c.urls(py.Dict(), files))
		}
		return
	}
	c.use("returned")
	if len(files) == 0 && len(call.Flat()) < 40 {
		c.give(c.returned(call, values))
		return
	}
	result := c.names.unique("result")
	c.body.Stmt(result+" = ", call, "")
	n := c.returned(py.Atom(result), values)
	if len(files) > 0 {
		n = c.urls(py.Dict().Splat(n), files)
	}
	c.give(n)
}

// objectsAsFiles reports that objects are read as the files that they are in: by another interpreter, which unpickles them
// itself, or since the cache asks for their content.
func (c *callable) objectsAsFiles() bool { return c.settings.python != "" || c.s.Cache.On }

// give prints that the callable returns its outputs, and that the cache keeps them.
func (c *callable) give(outputs py.Node) {
	if c.entry != "" {
		keep := py.Call(c.entry + ".keep").Arg(outputs)
		for _, o := range c.s.Artifacts() {
			keep = keep.Arg(py.Atom(c.paths[o.Name]))
		}
		outputs = keep
	}
	c.body.Stmt("return ", outputs, "")
}

// returned is the call that checks what a function returned: of an object it takes the place where it is kept.
func (c *callable) returned(value py.Node, outputs []ir.Output) py.Node {
	n := py.Call("returned").Arg(value)
	for _, o := range outputs {
		if o.Type == ir.Object {
			n = n.Kw(o.Name, py.Atom(c.paths[o.Name]))
		} else {
			n = n.Kw(o.Name, py.Str(string(o.Type)))
		}
	}
	return n
}

func (c *callable) urls(n py.Node, files []ir.Output) py.Node {
	for _, o := range files {
		n = n.Entry(o.Name, py.Atom(c.paths[o.Name]+".url"))
	}
	return n
}

// importModule prints the import and returns the name that it binds.
func (c *callable) importModule() string {
	parent, name := "", c.s.Module
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		parent, name = name[:i], name[i+1:]
	}
	local := c.names.unique(name)
	line := "import " + name
	if parent != "" {
		line = "from " + parent + " import " + name
	}
	if local != name {
		line += " as " + local
	}
	c.body.Line(line)
	c.body.Line("")
	return local
}

// process prints a call of shell, command or python with the step's inputs and outputs.
func (c *callable) process(n py.Node) {
	if len(c.s.Inputs) > 0 {
		inputs := py.Dict()
		for _, in := range c.s.Inputs {
			value := c.expr(in.Value)
			if in.Type.HasObjects() {
				c.use("Pickled")
				value = py.Call("Pickled").Arg(value)
			}
			if in.Type == ir.JSON && c.s.Kind != ir.Python {
				c.use("as_json")
				value = py.Call("as_json").Arg(value)
			}
			inputs = inputs.Entry(in.Name, value)
		}
		n = n.Kw("inputs", inputs)
	}
	if len(c.s.Outputs) > 0 {
		outputs := py.Dict()
		for _, o := range c.s.Outputs {
			if o.Type.IsArtifact() {
				outputs = outputs.Entry(o.Name, py.Atom(c.paths[o.Name]))
			} else {
				outputs = outputs.Entry(o.Name, py.Str(string(o.Type)))
			}
		}
		n = n.Kw("outputs", outputs)
	}
	if c.s.Kind == ir.Run && !slices.Equal(c.s.Shell, bash) {
		n = n.Kw("interpreter", strs(c.s.Shell))
	}
	if c.s.SkipExitCode > 0 {
		n = n.Kw("skip_exit_code", py.Atom(strconv.Itoa(c.s.SkipExitCode)))
	}
	if len(c.s.Outputs) > 0 || c.entry != "" {
		c.give(n)
		return
	}
	c.body.Stmt("", n, "")
}

// bash is what runs a script unless the step names another shell.
var bash = []string{"bash", "-eo", "pipefail"}

func strs(texts []string) py.Node {
	n := py.List()
	for _, text := range texts {
		n = n.Arg(py.Str(text))
	}
	return n
}

// commandCall prints a call of command. Paths to write exist only within it, so an argv with one is a function of them.
func (c *callable) commandCall() py.Node {
	argv, usesPath := c.argv(false), false
	for _, a := range c.s.Command {
		a.Walk(func(e *ir.Expr) { usesPath = usesPath || e.Op == ir.PathRef })
	}
	if usesPath {
		argv = py.Lambda("out", argv)
	}
	return py.Call("command").Arg(argv)
}

// argv prints the arguments of a command; for the cache a file is a path, and a path to write the output's name.
func (c *callable) argv(forCache bool) py.Node {
	c.namesOutputs = forCache
	defer func() { c.namesOutputs = false }()
	argv := py.List()
	for _, a := range c.s.Command {
		switch {
		case a.Type.IsArtifact() && forCache:
			argv = argv.Arg(py.Atom(c.ref(a)))
		case a.Type.IsArtifact():
			argv = argv.Arg(py.Atom("str(" + c.ref(a) + ")"))
		default:
			argv = argv.Arg(c.expr(a))
		}
	}
	return argv
}

// scriptText returns the script as a literal: a short one in its place, a longer one as a constant above the callable.
func (c *callable) scriptText(w *py.Writer) py.Node {
	if c.script.Flat() == "" {
		c.script = c.printScript(w)
	}
	return c.script
}

func (c *callable) printScript(w *py.Writer) py.Node {
	text := c.s.Script
	if strings.Count(text, "\n") == 1 && len(py.Quote(text)) < 60 {
		return py.Str(text)
	}
	name := strings.ToUpper(identifier(c.s.Name)) + "_SCRIPT"
	w.Line("")
	w.Line("")
	literal, ok := tripleQuoted(text)
	if !ok {
		w.Stmt(name+" = ", py.Str(text), "")
		return py.Atom(name)
	}
	w.Line(name + " = " + literal)
	return py.Atom(name)
}

// tripleQuoted returns the text between triple quotes, line by line as it is written, if that needs no escape but of
// backslashes.
func tripleQuoted(text string) (string, bool) {
	if strings.Contains(text, `"""`) || !strings.HasSuffix(text, "\n") {
		return "", false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ReplaceAll(py.Quote(strings.ReplaceAll(line, `"`, "")), `\\`, `\`) != `"`+strings.ReplaceAll(line, `"`, "")+`"` {
			return "", false
		}
	}
	return `"""` + "\\\n" + strings.ReplaceAll(text, `\`, `\\`) + `"""`, true
}
