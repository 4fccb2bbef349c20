package changes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/written"
)

// id says what a fact is about: a key of the spec, an entry below it, a part of either.
type id struct{ key, name, field string }

// fact is one thing that a version says. Two versions that have the same facts mean the same.
type fact struct {
	id
	text  string   // what is compared and shown
	items []string // what the text consists of, where it is a set
	// whole is what is shown, in place of this fact and those of its fields, where the entry was added or removed.
	whole string
}

// facts collects what one version says.
type facts []fact

func (f *facts) add(key, name, field, text string) {
	*f = append(*f, fact{id: id{key, name, field}, text: text})
}

// addIf adds a text that is not empty.
func (f *facts) addIf(key, name, field, text string) {
	if text != "" {
		f.add(key, name, field, text)
	}
}

func (f *facts) addNumber(key, name, field string, n int) {
	if n != 0 {
		f.add(key, name, field, strconv.Itoa(n))
	}
}

func (f *facts) addFlag(key, name, field string, on bool) {
	if on {
		f.add(key, name, field, "true")
	}
}

func (f *facts) addDuration(key, name, field string, seconds int64) {
	if seconds != 0 {
		f.add(key, name, field, duration(seconds))
	}
}

func pipelineFacts(p *ir.Pipeline) facts {
	var f facts
	f.add("name", "", "", p.Name)
	f.addIf("description", "", "", p.Description)
	f.addIf("owner", "", "", p.Owner)
	for _, l := range p.Labels {
		f.add("labels", l.Key, "", l.Value)
	}
	f.schedule(p.Schedule)
	for _, param := range p.Params {
		f.param(param)
	}
	f.addDuration("timeout", "", "", p.Timeout)
	f.addNumber("max_parallel", "", "", p.MaxParallel)
	f.addNumber("max_active_runs", "", "", p.MaxActiveRuns)
	f.addFlag("fail_fast", "", "", p.FailFast)
	f.requirements(p.Requirements)
	f.options(p.Options)
	for _, file := range p.Code {
		f.file(file)
	}
	return f
}

func (f *facts) schedule(s *ir.Schedule) {
	if s == nil {
		return
	}
	whole := scheduleWords(s)
	if s.Start != "" {
		whole += ", from " + s.Start
	}
	if s.End != "" {
		whole += ", to " + s.End
	}
	if s.Catchup {
		whole += ", with catchup"
	}
	*f = append(*f, fact{id: id{"schedule", "", ""}, text: scheduleWords(s), whole: whole + ", overlap " + s.Overlap})
	f.addIf("schedule", "", "start", s.Start)
	f.addIf("schedule", "", "end", s.End)
	f.add("schedule", "", "catchup", strconv.FormatBool(s.Catchup))
	f.add("schedule", "", "overlap", s.Overlap)
}

func (f *facts) param(p *ir.Param) {
	own := facts{}
	own.add("params", p.Name, "type", string(p.Type))
	own.addValue("params", p.Name, "default", p.Default)
	if len(p.Enum) > 0 {
		own = append(own, fact{id: id{"params", p.Name, "enum"}, text: strings.Join(written.Literals(p.Enum), ", "), items: written.Literals(p.Enum)})
	}
	own.addValue("params", p.Name, "min", p.Min)
	own.addValue("params", p.Name, "max", p.Max)
	own.addIf("params", p.Name, "pattern", p.Pattern)
	own.addIf("params", p.Name, "description", p.Description)
	words := []string{string(p.Type)}
	for _, x := range own[1:] {
		if x.field != "description" {
			words = append(words, x.field+" "+x.text)
		}
	}
	if p.Default == nil {
		words = append(words, noDefault)
	}
	*f = append(*f, fact{id: id{"params", p.Name, ""}, whole: strings.Join(words, ", ")})
	*f = append(*f, own...)
}

// noDefault ends the description of a parameter that a run must give.
const noDefault = "no default"

func (f *facts) addValue(key, name, field string, v *ir.Value) {
	if v != nil {
		f.add(key, name, field, written.Literal(*v))
	}
}

// options has one fact a field: an engine's own object takes them one by one.
func (f *facts) options(all []ir.Options) {
	for _, o := range all {
		for _, field := range o.Fields {
			f.add("options", o.Flavor, field.Key, written.Literal(field.Value))
		}
	}
}

func (f *facts) file(file ir.CodeFile) {
	f.add(KeyCode, file.Path, "", string(file.Content()))
	f.add(KeyCode, file.Path, "executable", strconv.FormatBool(file.Executable))
}

// stepFacts are those of a step but for its name. Names of other steps are translated by the given names, if any.
func stepFacts(s *ir.Step, e *edges, n *names) facts {
	f := facts{}
	f.addIf("description", "", "", s.Description)
	f.body(s, n)
	for _, need := range e.of(s) {
		f.add("needs", n.translate(need), "", "")
	}
	f.conditions(s, n)
	for _, in := range s.Inputs {
		f.add("with", in.Name, "", written.Value(in.Value, n.translate))
		f.add("with", in.Name, "type", string(in.Type))
	}
	for _, o := range s.Outputs {
		f.add("outputs", o.Name, "", string(o.Type))
	}
	for _, v := range s.Env {
		f.add("env", v.Name, "", written.Value(v.Value, n.translate))
	}
	for _, v := range s.Secrets {
		f.add("secrets", v.Name, "", v.Ref())
	}
	f.addFlag("finally", "", "", s.Finally)
	f.addFlag("allow_failure", "", "", s.AllowFailure)
	f.addNumber("skip_exit_code", "", "", s.SkipExitCode)
	f.limits(s)
	f.options(s.Options)
	return f
}

// groupFacts are those of a group; gate is the step that stands for it, nil if there is none. What a group needs is a fact of its
// first steps.
func groupFacts(g *ir.Group, gate *ir.Step, n *names) facts {
	f := facts{}
	f.addIf("description", "", "", g.Description)
	if gate != nil {
		f.conditions(gate, n)
	} else {
		f.add("run_if", "", "", "succeeded")
	}
	return f
}

func (f *facts) body(s *ir.Step, n *names) {
	switch s.Kind {
	case ir.Python:
		f.add("python", "", "", s.Module+":"+s.Function)
	case ir.Run:
		f.add("run", "", "", s.Script)
	case ir.Command:
		args := make([]string, len(s.Command))
		for i, a := range s.Command {
			args[i] = written.Value(a, n.translate)
		}
		f.add("command", "", "", strings.Join(args, " "))
	case ir.Operator:
		f.add("operator", "", "", s.Operator)
	default:
		f.add(string(s.Kind), "", "", string(s.Kind))
	}
	if len(s.Shell) > 0 {
		f.add("shell", "", "", strings.Join(s.Shell, " "))
	}
}

// conditions decide whether and how often a step or a group runs.
func (f *facts) conditions(s *ir.Step, n *names) {
	runIf := string(s.RunIf)
	if s.RunIf == ir.IfSucceeded {
		runIf = "succeeded"
	}
	f.add("run_if", "", "", runIf)
	if s.When != nil {
		f.add("when", "", "", written.Value(s.When, n.translate))
	}
	if len(s.Foreach) > 0 {
		var each []string
		for _, x := range s.Foreach {
			each = append(each, x.Name+" in "+written.Value(x.Items, n.translate))
		}
		f.add("foreach", "", "", strings.Join(each, ", "))
		for _, x := range s.Foreach {
			f.add("foreach", "", "type of "+x.Name, string(x.Type))
		}
	}
	f.addNumber("max_parallel", "", "", s.MaxParallel)
}

func (f *facts) limits(s *ir.Step) {
	if s.Cache.On {
		f.add("cache", "", "", "true")
		f.addDuration("cache", "", "ttl", s.Cache.TTL)
	}
	if r := s.Retries; r.Limit > 0 {
		f.add("retries", "", "", strconv.Itoa(r.Limit))
		f.add("retries", "", "delay", duration(r.Delay))
		f.add("retries", "", "backoff", ir.FloatText(r.Backoff))
		f.addDuration("retries", "", "max_delay", r.MaxDelay)
		if r.OnExitCodes != nil {
			f.add("retries", "", "on_exit_codes", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.OnExitCodes)), ", "), "[]"))
		}
	}
	f.addDuration("timeout", "", "", s.Timeout)
	f.addIf("image", "", "", s.Image)
	f.addIf("resources", "", "cpu", s.Resources.CPU)
	f.addIf("resources", "", "memory", s.Resources.Memory)
	f.addNumber("resources", "", "gpu", s.Resources.GPU)
	f.addIf("resources", "", "gpu_type", s.Resources.GPUType)
	f.addIf("resources", "", "disk", s.Resources.Disk)
}
