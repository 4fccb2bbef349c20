package kubeflow

import (
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Where the step runner and what it runs lie in the container.
const (
	homeFolder    = "/zenc"
	runnerPath    = homeFolder + "/step.py"
	codeFolder    = homeFolder + "/code"
	scriptsFolder = homeFolder + "/scripts"
)

// workFile returns the step runner's work for a step, with the tags of w's inputs in it.
func (m *manifest) workFile(s *ir.Step, w *wiring) string {
	n := jsonObject()
	var values references
	lists := s.Foreach
	if w.outer != nil && mentionsEach(s) {
		lists = w.outer.reader.Foreach
	}
	if len(lists) > 0 {
		foreach := jsonObject()
		for _, each := range lists {
			foreach = foreach.with(each.Name, w.source(each.Items, each.Items.Type, &values))
		}
		n = n.with("foreach", foreach).with("item", jsonRaw("{{inputs.parameters."+itemInput+"}}"))
		if w.outer == nil { // the others of a group are at the same place
			n = n.with("placed", jsonRaw("true"))
		}
	}
	w.startCacheKey(s, lists)
	switch s.Kind {
	case ir.Python:
		n = n.with("python", jsonString(s.Module+":"+s.Function))
	case ir.Run:
		n = n.with("run", jsonString(scriptsFolder+"/"+s.Name)).with("shell", jsonStrings(s.Shell))
	case ir.Command:
		command := jsonArray()
		for _, e := range s.Command {
			command.items = append(command.items, w.source(e, e.Type, &values))
		}
		n = n.with("command", command)
	}
	if len(s.Inputs) > 0 {
		with := jsonObject()
		for _, in := range s.Inputs {
			with = with.with(in.Name, w.source(in.Value, in.Type, &values))
		}
		n = n.with("with", with)
	}
	if env := workEnv(s, w, &values); len(env.items) > 0 {
		n = n.with("env", env)
	}
	if len(values.all) > 0 {
		n = n.with("values", values.node(w))
	}
	if len(s.Outputs) > 0 {
		outputs := jsonObject()
		for _, o := range s.Outputs {
			outputs = outputs.with(o.Name, jsonString(string(o.Type)))
		}
		n = n.with("outputs", outputs)
	}
	if hasRan(s) {
		n = n.with("ran", jsonRaw("true"))
	}
	if s.SkipExitCode > 0 {
		placeholders := jsonObject()
		for _, o := range s.ValueOutputs() {
			placeholders = placeholders.with(o.Name, jsonString(placeholder(s, o.Type)))
		}
		n = n.with("skip_exit_code", jsonRaw(strconv.Itoa(s.SkipExitCode))).with("if_skipped", placeholders.with(ranOutput, jsonString(ranPlaceholder(s))))
	}
	n = n.with("out", jsonString(outFolder))
	if s.Cache.On {
		n = n.with("cache", w.cache(s))
	}
	if len(m.p.Code) > 0 {
		n = n.with("code", jsonString(codeFolder))
	}
	if w.isRoot {
		n = n.with("check", paramRules(m.p.Params, w))
	}
	return n.document()
}

// workEnv returns the variables that the container itself cannot be given.
func workEnv(s *ir.Step, w *wiring, values *references) jsonNode {
	env := jsonObject()
	for _, v := range s.Env {
		if !isContainerEnv(v) {
			env = env.with(v.Name, w.source(v.Value, v.Value.Type, values))
		}
	}
	return env
}

// isContainerEnv reports whether a variable may be one of the container: a literal that neither Argo nor the size limit
// of a process changes, and that the step runner's own interpreter does not take for its own.
func isContainerEnv(v ir.EnvVar) bool {
	const longest = 100_000 // bytes; a process takes 128 KiB, name included
	if !v.Value.IsLit() || v.Name == "PATH" || strings.HasPrefix(v.Name, "PYTHON") || strings.HasPrefix(v.Name, "LD_") {
		return false
	}
	return isTagFree(v.Value.Value.Text) && len(v.Value.Value.Text) < longest
}

// paramRules returns what the step runner checks of the run's parameters.
func paramRules(params []*ir.Param, w *wiring) jsonNode {
	rules := jsonObject()
	for _, p := range params {
		rule := w.reference(&ir.Expr{Op: ir.ParamRef, Type: p.Type, Name: p.Name}, p.Type)
		if len(p.Enum) > 0 {
			enum := jsonArray()
			for i := range p.Enum {
				enum.items = append(enum.items, jsonValue(&p.Enum[i]))
			}
			rule = rule.with("enum", enum)
		}
		if p.Min != nil {
			rule = rule.with("min", jsonValue(p.Min))
		}
		if p.Max != nil {
			rule = rule.with("max", jsonValue(p.Max))
		}
		if p.Pattern != "" {
			rule = rule.with("pattern", jsonString(backends.PortablePattern(p.Pattern)))
		}
		rules = rules.with(p.Name, rule)
	}
	return rules
}
