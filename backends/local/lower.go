package local

import (
	"io/fs"
	"strconv"
	"testing/fstest"
	"time"

	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Pipeline returns the pipeline as the runtime takes it, for a run in this process.
func Pipeline(p *ir.Pipeline) *runtime.Pipeline {
	out := &runtime.Pipeline{
		Name: p.Name, Timeout: seconds(p.Timeout), MaxParallel: p.MaxParallel, FailFast: p.FailFast, Requirements: p.Requirements, Notes: notes(p),
	}
	for _, param := range p.Params {
		spec := runtime.ParamSpec{Name: param.Name, Type: string(param.Type), Required: param.Default == nil, Pattern: param.Pattern,
			Description: param.Description, Default: Data(param.Default), Min: Data(param.Min), Max: Data(param.Max)}
		for i := range param.Enum {
			spec.Enum = append(spec.Enum, Data(&param.Enum[i]))
		}
		out.Params = append(out.Params, spec)
	}
	out.Steps = runtime.Steps(steps(p))
	return out
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// steps are the steps as the runtime's data.
func steps(p *ir.Pipeline) []runtime.StepData {
	out := make([]runtime.StepData, len(p.Steps))
	for i, s := range p.Steps {
		out[i] = step(s)
	}
	return out
}

func step(s *ir.Step) runtime.StepData {
	r := s.Retries
	out := runtime.StepData{Name: s.Name, Script: s.Script, Needs: s.Needs, NeedsAny: s.NeedsAny, Gate: s.Gate, Along: s.Along, Timeout: s.Timeout, Limit: r.Limit, Delay: r.Delay, Backoff: r.Backoff,
		MaxDelay: r.MaxDelay, Codes: r.OnExitCodes, SkipCode: s.SkipExitCode, Cache: s.Cache.On, CacheTTL: s.Cache.TTL, RunIf: string(s.RunIf), Finally: s.Finally, Allow: s.AllowFailure, Parallel: s.MaxParallel, PerItem: s.WhenPerItem()}
	if s.When != nil {
		out.When = expr(s.When)
	}
	for _, each := range s.Foreach {
		out.Foreach = append(out.Foreach, runtime.EachData{Name: each.Name, Items: expr(each.Items)})
	}
	if s.Kind == ir.Python {
		out.Python, out.Fresh = s.Module+":"+s.Function, isFresh(s)
	}
	if s.Kind == ir.Run {
		out.Shell = s.Shell
	}
	for _, a := range s.Command {
		out.Command = append(out.Command, expr(a))
	}
	for _, in := range s.Inputs {
		out.With = append(out.With, runtime.InputData{Name: in.Name, Type: string(in.Type), Value: expr(in.Value)})
	}
	for _, o := range s.Outputs {
		out.Outputs = append(out.Outputs, runtime.OutputSpec{Name: o.Name, Type: string(o.Type)})
	}
	for _, secret := range s.Secrets {
		out.Secrets = append(out.Secrets, runtime.Secret{Name: secret.Name, Ref: secret.Ref()})
	}
	for _, v := range s.Env {
		out.Env = append(out.Env, runtime.EnvVarData{Name: v.Name, Value: expr(v.Value)})
	}
	return out
}

func expr(e *ir.Expr) *runtime.ExprData {
	out := &runtime.ExprData{Op: string(e.Op), Name: e.Name, Step: e.Step, Keys: e.Keys}
	if e.Op == ir.Lit {
		out.Value = runtime.Literal{Any: Data(e.Value)}
	}
	for _, a := range e.Args {
		out.Args = append(out.Args, expr(a))
	}
	return out
}

// Data is a literal as Go data; nil for none.
func Data(v *ir.Value) any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case ir.BoolValue:
		return v.Text == "true"
	case ir.IntValue:
		n, _ := strconv.ParseInt(v.Text, 10, 64) // checked by the compiler
		return n
	case ir.FloatValue:
		f, _ := strconv.ParseFloat(v.Text, 64)
		return f
	case ir.StringValue:
		return v.Text
	case ir.ListValue:
		items := make([]any, len(v.Items))
		for i := range v.Items {
			items[i] = Data(&v.Items[i])
		}
		return items
	case ir.MapValue:
		fields := make(map[string]any, len(v.Map))
		for i := range v.Map {
			fields[v.Map[i].Key] = Data(&v.Map[i].Value)
		}
		return fields
	}
	return nil
}

// Code is the shipped code in memory.
func Code(p *ir.Pipeline) runtime.Code {
	files := fstest.MapFS{}
	code := runtime.Code{Files: files}
	for _, f := range p.Code {
		mode := fs.FileMode(0o644)
		if f.Executable {
			mode = 0o755
			code.Executable = append(code.Executable, f.Path)
		}
		files[f.Path] = &fstest.MapFile{Data: f.Content(), Mode: mode}
	}
	return code
}

// notes say what one machine does not apply.
func notes(p *ir.Pipeline) []string {
	var out []string
	note := func(used bool, key, why string) {
		if used {
			out = append(out, key+" is not applied: "+why)
		}
	}
	images, resources := false, false
	for _, s := range p.Steps {
		images = images || s.Image != ""
		resources = resources || s.Resources.Pos.IsValid()
	}
	note(p.Schedule != nil, "schedule", "this run is by hand")
	note(images, "image", "the steps run on this machine")
	note(resources, "resources", "the steps share this machine")
	note(p.MaxActiveRuns > 0, "max_active_runs", "each run is by itself")
	return out
}
