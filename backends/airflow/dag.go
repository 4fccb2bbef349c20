package airflow

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// file is a DAG file while it is written.
type file struct {
	p        *ir.Pipeline
	settings settings
	steps    map[string]*ir.Step
	vars     map[string]string // the module's variable of each step's operator
	helpers  map[string]bool   // what is imported from the runtime
	engine   map[string]bool   // what is imported from Airflow
	usesPath bool
	// usesDelta says that dt.timedelta is used.
	usesDelta bool
	skippable map[string]bool // steps that may be skipped though nothing has failed
	within    map[string]bool // of a mapped group: steps that may be skipped at a place where the group runs
	members   map[string][]*ir.Step
	groups    map[string]string // the variable of each mapped group, by its gate
	fans      map[string]fanOut
	functions names               // of the module
	taken     names               // of the module
	classes   map[string]string   // of operators: the class that the module makes of each
	natives   []string            // the lines that do
	known     map[string]string   // by module and name: what is imported of it is called
	imported  map[string][]string // by module: what is imported of it beside Airflow's own
	calls     map[string]string   // the function of each step
	ids       map[string]string   // the id of each step's task
	verdict   string              // the variable of the task run_succeeded, "" if there is none
	verdictID string              // the id of that task: another one where a step has the name
}

// defaultStart is the start of a DAG whose schedule names none: a constant, so that it never moves.
var defaultStart = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// dagFile returns the text of the DAG file. The body is printed first, since it decides what is imported.
func dagFile(p *ir.Pipeline, o backends.Options, s settings) string {
	f := &file{p: p, settings: s, steps: make(map[string]*ir.Step, len(p.Steps)), vars: make(map[string]string, len(p.Steps)),
		helpers: map[string]bool{}, engine: map[string]bool{"DAG": true},
		calls: map[string]string{}, ids: map[string]string{}, functions: newNames(), classes: map[string]string{}, known: map[string]string{}, imported: map[string][]string{}}
	taken := newNames(moduleNames...)
	f.taken = taken
	ids := newNames()
	for _, step := range p.Steps {
		f.steps[step.Name] = step
		name := step.Name
		if step.Kind == ir.Gate { // a task cannot be called as its group
			name += ".start"
		} else {
			f.ids[step.Name] = ids.id(name)
		}
		f.vars[step.Name] = taken.unique(identifier(name))
		f.calls[step.Name] = f.functions.unique("_" + identifier(name))
	}
	for _, g := range p.Groups { // which are among the tasks there
		ids.id(g.Name)
	}
	for _, step := range p.Steps {
		if step.Kind == ir.Gate {
			f.ids[step.Name] = ids.id(step.Name + ".start")
		}
	}
	f.skippable, f.within, f.members = backends.MayBeSkipped(p), backends.MayBeSkippedWithin(p), backends.Members(p)
	f.verdictID = ids.id(verdict)
	f.fans, f.groups = f.fanOuts(taken, ids), map[string]string{}
	for _, step := range p.Steps {
		if len(f.members[step.Name]) > 0 {
			f.groups[step.Name] = taken.unique(identifier(step.Name))
			if !f.hasTask(step) {
				f.vars[step.Name] = f.fans[step.Name].variable
			}
		}
	}
	if len(backends.Unheard(p, backends.HasFinally(p))) > 0 {
		f.verdict = taken.unique(verdict)
		f.engine["EmptyOperator"] = true
	}
	var callables, dag py.Writer
	for _, step := range p.Steps {
		if fan, ok := f.fans[step.Name]; ok && !fan.static && step.Along == "" {
			f.itemsCallable(&callables, step)
		}
		if f.hasTask(step) {
			f.callable(&callables, step)
		}
	}
	f.dag(&dag)

	var out py.Writer
	for _, line := range comment(o.Header()) {
		out.Line(line)
	}
	for _, r := range p.Requirements {
		out.Line(comment("requires: " + r)[0])
	}
	if doc := docstring(p.Description); doc != "" {
		out.Line(doc)
	}
	out.Line("")
	f.writeImports(&out)
	hasConstants := f.constants(&out)
	body := callables.String()
	if !hasConstants && !strings.HasPrefix(body, "\n\ndef ") {
		body = body[1:] // import sorters want one empty line before what is no function
	}
	return out.String() + body + "\n\n" + dag.String()
}

// comment returns text as comment lines; nothing in it can end the comment.
func comment(text string) []string {
	var out []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool {
		return r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029
	}) {
		out = append(out, strings.TrimRight("# "+line, " "))
	}
	if out == nil {
		out = []string{"#"}
	}
	return out
}

// docstring returns the text as a docstring where it needs no escapes; elsewhere the DAG's description alone has it.
func docstring(text string) string {
	if text == "" || strings.TrimSpace(text) != text || strings.ContainsAny(text, "\\\"\n\t") || py.Quote(text) != `"`+text+`"` {
		return ""
	}
	return `"""` + text + `"""`
}

func (f *file) writeImports(w *py.Writer) {
	if f.usesDelta {
		w.Line("import datetime as dt")
	}
	if f.usesPath {
		w.Line("from pathlib import Path")
	}
	if f.usesDelta || f.usesPath {
		w.Line("")
	}
	w.Line("import pendulum")
	byModule := map[string]map[string]bool{}
	add := func(module, name string) {
		if byModule[module] == nil {
			byModule[module] = map[string]bool{}
		}
		byModule[module][name] = true
	}
	for name := range f.engine {
		add(f.settings.version.modules[name], name)
	}
	for module, names := range f.imported {
		for _, name := range names {
			add(module, name)
		}
	}
	byModule[runtimePackage] = f.helpers
	for _, module := range slices.Sorted(maps.Keys(byModule)) {
		names := sorted(byModule[module])
		if line := "from " + module + " import " + strings.Join(names, ", "); len(line) <= 88 {
			w.Line(line)
			continue
		}
		w.Line("from " + module + " import (")
		w.Indent()
		for _, n := range names {
			w.Line(n + ",")
		}
		w.Dedent()
		w.Line(")")
	}
}

// sorted returns the names in the order of import sorters: DAG, then classes, then functions.
func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for n := range set {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b string) int {
		if constA, constB := strings.ToUpper(a) == a, strings.ToUpper(b) == b; constA != constB {
			if constA {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b) // upper case sorts before lower case
	})
	return out
}

// constants writes the module's constants and reports whether there are any.
func (f *file) constants(w *py.Writer) bool {
	var lines py.Writer
	if f.usesPath {
		lines.Stmt("CODE = ", py.Atom("Path(__file__).parent / "+py.Quote(codeFolder(f.p))), "")
	}
	if f.needsArtifacts() {
		lines.Stmt("ARTIFACTS = ", py.Str(f.settings.artifacts+"/"+f.p.Name), "")
	}
	if f.settings.python != "" && f.hasPython() {
		lines.Stmt("PYTHON = ", py.Str(f.settings.python), "")
	}
	for _, line := range f.natives {
		lines.Line(line)
	}
	text := lines.String()
	if text == "" {
		return false
	}
	w.Line("")
	for line := range strings.Lines(text) {
		w.Line(strings.TrimSuffix(line, "\n"))
	}
	return true
}

func (f *file) needsArtifacts() bool {
	return slices.ContainsFunc(f.p.Steps, func(s *ir.Step) bool { return len(s.Artifacts()) > 0 || s.Cache.On })
}

func (f *file) hasPython() bool {
	return slices.ContainsFunc(f.p.Steps, func(s *ir.Step) bool { return s.Kind == ir.Python })
}

func (f *file) dag(w *py.Writer) {
	w.Stmt("with ", f.dagCall(), ":")
	w.Indent()
	group := ""
	for _, s := range f.p.Steps {
		switch {
		case s.Along != "": // in its mapped group
		case len(f.members[s.Name]) > 0:
			f.enter(w, group, parent(s.Group))
			group = parent(s.Group)
			f.mappedGroup(w, s)
		default:
			f.enter(w, group, s.Group)
			group = s.Group
			f.task(w, s)
		}
	}
	f.enter(w, group, "")
	if f.verdict != "" {
		w.Stmt(f.verdict+" = ", py.Call("EmptyOperator").Kw("task_id", py.Str(f.verdictID)).Kw("trigger_rule", py.Str("none_failed")).
			Kw("doc_md", py.Str("keeps a failed run failed, whatever runs afterwards")), "")
	}
	f.edges(w)
	w.Dedent()
}

// task writes the operator of a step, and what makes its items before it.
func (f *file) task(w *py.Writer, s *ir.Step) {
	if !f.isMapped(s) {
		w.Stmt(f.vars[s.Name]+" = ", f.operator(s), "")
		return
	}
	f.items(w, s)
	w.Stmt(f.vars[s.Name]+" = ", f.operator(s).Exploded(), f.fans[s.Name].expand(s))
}

func (f *file) dagCall() py.Node {
	p := f.p
	n := py.Call("DAG").Arg(py.Str(p.Name))
	if p.Description != "" {
		n = n.Kw("description", py.Str(p.Description))
	}
	n = n.Kw("schedule", f.schedule())
	n = f.dates(n)
	tags := py.List()
	for _, l := range p.Labels {
		tags = tags.Arg(py.Str(l.Key + ":" + l.Value))
	}
	n = n.Kw("tags", tags.Arg(py.Str("zenc")))
	if p.MaxActiveRuns > 0 {
		n = n.Kw("max_active_runs", py.Atom(strconv.Itoa(p.MaxActiveRuns)))
	}
	if p.MaxParallel > 0 {
		n = n.Kw("max_active_tasks", py.Atom(strconv.Itoa(p.MaxParallel)))
	}
	if p.Timeout > 0 {
		n = n.Kw("dagrun_timeout", f.duration(p.Timeout))
	}
	if args := f.defaultArgs(); args.Len() > 0 {
		n = n.Kw("default_args", args)
	}
	if len(p.Params) > 0 {
		f.engine["Param"] = true
		params := py.Dict()
		for _, param := range p.Params {
			params = params.Entry(param.Name, paramCall(param))
		}
		n = n.Kw("params", params)
	}
	return f.withOptions(n, p.Options)
}

func (f *file) schedule() py.Node {
	s := f.p.Schedule
	if s == nil {
		return py.Atom("None")
	}
	f.engine["CronTriggerTimetable"] = true
	cron, zone := cronOf(s)
	return py.Call("CronTriggerTimetable").Arg(py.Str(cron)).Kw("timezone", py.Str(zone))
}

// cronOf returns the schedule as a cron expression and its time zone.
func cronOf(s *ir.Schedule) (cron, zone string) {
	if s.Every != 0 {
		cron, _ = backends.EveryAsCron(s.Every)
		return cron, "UTC"
	}
	return s.Cron, s.Timezone
}

func (f *file) dates(n py.Node) py.Node {
	start, end, catchup := defaultStart, time.Time{}, "False"
	if s := f.p.Schedule; s != nil {
		if s.Start != "" {
			start, _ = time.Parse(time.RFC3339, s.Start)
		}
		if s.End != "" {
			end, _ = time.Parse(time.RFC3339, s.End)
		}
		if s.Catchup {
			catchup = "True"
		}
	}
	n = n.Kw("start_date", moment(start))
	if !end.IsZero() {
		n = n.Kw("end_date", moment(end))
	}
	return n.Kw("catchup", py.Atom(catchup))
}

// moment is a time in UTC, as Airflow's own documentation writes it.
func moment(t time.Time) py.Node {
	t = t.UTC()
	n := py.Call("pendulum.datetime")
	fields := []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
	for len(fields) > 3 && fields[len(fields)-1] == 0 {
		fields = fields[:len(fields)-1]
	}
	for _, v := range fields {
		n = n.Arg(py.Atom(strconv.Itoa(v)))
	}
	return n.Kw("tz", py.Str("UTC"))
}

// duration is a timedelta in its largest whole unit.
func (f *file) duration(seconds int64) py.Node {
	f.usesDelta = true
	for _, u := range []struct {
		name string
		size int64
	}{{"days", 86400}, {"hours", 3600}, {"minutes", 60}} {
		if seconds >= u.size && seconds%u.size == 0 {
			return py.Atom(fmt.Sprintf("dt.timedelta(%s=%d)", u.name, seconds/u.size))
		}
	}
	return py.Atom(fmt.Sprintf("dt.timedelta(seconds=%d)", seconds))
}

func (f *file) defaultArgs() py.Node {
	args := py.Dict()
	if f.p.Owner != "" {
		args = args.Entry("owner", py.Str(f.p.Owner))
	}
	if d := f.p.Defaults; d.Retries.Limit > 0 {
		f.retryFields(d.Retries, func(key string, value py.Node) { args = args.Entry(key, value) })
	}
	if t := f.p.Defaults.Timeout; t > 0 {
		args = args.Entry("execution_timeout", f.duration(t))
	}
	return args
}

// retryFields gives the arguments of an operator that say what r says. Airflow's own delay would be five minutes.
func (f *file) retryFields(r ir.Retries, add func(key string, value py.Node)) {
	add("retries", py.Atom(strconv.Itoa(r.Limit)))
	if r.Limit == 0 {
		return
	}
	add("retry_delay", f.duration(r.Delay))
	if r.Backoff > 1 {
		factor := "True" // 2
		if f.settings.version.anyBackoff {
			factor = ir.FloatText(r.Backoff)
		}
		add("retry_exponential_backoff", py.Atom(factor))
	}
	if r.MaxDelay > 0 {
		add("max_retry_delay", f.duration(r.MaxDelay))
	}
}

func (f *file) operator(s *ir.Step) py.Node {
	fan, isFanOut := f.fans[s.Name], f.isMapped(s)
	class, argument := "Step", "python_callable"
	if s.Kind == ir.Operator {
		class, argument = f.operatorClass(s), "arguments"
	} else {
		f.helpers["Step"] = true
	}
	if isFanOut {
		class += ".partial"
	}
	n := py.Call(class).Kw("task_id", py.Str(local(f.ids[s.Name])))
	if f.hasCallable(s) {
		n = n.Kw(argument, py.Atom(f.calls[s.Name]))
	}
	if s.Kind == ir.Operator {
		n = f.operatorArguments(n, s)
	}
	if rule := f.triggerRule(s); rule != "" && (!isFanOut || fan.static) {
		n = n.Kw("trigger_rule", py.Str(rule))
	}
	if s.MaxParallel > 0 { // of no mapped group, as Check holds
		n = n.Kw("max_active_tis_per_dagrun", py.Atom(strconv.Itoa(s.MaxParallel)))
	}
	if s.AllowFailure {
		n = n.Kw("allow_failure", py.Atom("True"))
	}
	if codes := s.Retries.OnExitCodes; len(codes) > 0 {
		list := py.List()
		for _, code := range codes {
			list = list.Arg(py.Atom(strconv.Itoa(code)))
		}
		n = n.Kw("retry_on_exit_codes", list)
	}
	d := f.p.Defaults
	if !sameRetries(s.Retries, d.Retries) {
		f.retryFields(s.Retries, func(key string, value py.Node) { n = n.Kw(key, value) })
		if d.Retries.Backoff > 1 && s.Retries.Limit > 0 && s.Retries.Backoff <= 1 {
			n = n.Kw("retry_exponential_backoff", py.Atom("False"))
		}
		if d.Retries.MaxDelay > 0 && s.Retries.Limit > 0 && s.Retries.MaxDelay == 0 {
			n = n.Kw("max_retry_delay", py.Atom("None"))
		}
	}
	if s.Timeout != d.Timeout {
		n = n.Kw("execution_timeout", f.duration(s.Timeout))
	}
	if ir.Lookup(ir.For(s.Options, "airflow"), "doc_md") == nil {
		n = n.Kw("doc_md", py.Str(stepDoc(s)))
	}
	if f.settings.onKubernetes && s.Resources.Pos.IsValid() {
		n = n.Kw("executor_config", f.pod(s.Resources))
	}
	return f.withOptions(n, s.Options)
}

func sameRetries(a, b ir.Retries) bool {
	return a.Limit == b.Limit && a.Delay == b.Delay && a.Backoff == b.Backoff && a.MaxDelay == b.MaxDelay
}

// stepDoc is the task's documentation. A text that ends in .md would be taken for the name of a file.
func stepDoc(s *ir.Step) string {
	text := s.Description
	if text == "" {
		switch s.Kind {
		case ir.Python:
			text = "`" + s.Module + ":" + s.Function + "`"
		case ir.Run:
			text = "a shell script"
		case ir.Command:
			text = "a command"
		case ir.Gate:
			text = "whether the group runs"
		case ir.Operator:
			text = "`" + s.Operator + "`"
		}
	}
	if strings.HasSuffix(text, ".md") {
		text += "\n"
	}
	return text
}

// jsonSchema names the JSON Schema type of a type. https://json-schema.org/understanding-json-schema/reference/type
var jsonSchema = map[ir.Type]string{ir.String: "string", ir.Int: "integer", ir.Float: "number", ir.Bool: "boolean"}

func paramCall(p *ir.Param) py.Node {
	n := py.Call("Param")
	if p.Default != nil {
		n = n.Arg(py.Literal(p.Default))
	}
	if p.Type.IsList() {
		n = n.Kw("type", py.Str("array"))
		if elem, ok := jsonSchema[p.Type.Elem()]; ok {
			n = n.Kw("items", py.Dict().Entry("type", py.Str(elem)))
		}
	} else if name, ok := jsonSchema[p.Type]; ok {
		n = n.Kw("type", py.Str(name))
	}
	if len(p.Enum) > 0 {
		enum := py.List()
		for i := range p.Enum {
			enum = enum.Arg(py.Literal(&p.Enum[i]))
		}
		n = n.Kw("enum", enum)
	}
	if p.Min != nil {
		n = n.Kw("minimum", py.Literal(p.Min))
	}
	if p.Max != nil {
		n = n.Kw("maximum", py.Literal(p.Max))
	}
	if p.Pattern != "" {
		n = n.Kw("pattern", py.Str(`^(?:`+backends.PortablePattern(p.Pattern)+`)\Z`))
	}
	if p.Description != "" {
		n = n.Kw("description", py.Str(p.Description))
	}
	return n
}
