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
		Name: p.Name, Timeout: seconds(p.Timeout), MaxParallel: p.MaxParallel, Requirements: p.Requirements, Notes: notes(p),
	}
	for _, param := range p.Params {
		spec := runtime.ParamSpec{Name: param.Name, Type: string(param.Type), Required: param.Default == nil, Pattern: param.Pattern,
			Description: param.Description, Default: data(param.Default), Min: data(param.Min), Max: data(param.Max)}
		for i := range param.Enum {
			spec.Enum = append(spec.Enum, data(&param.Enum[i]))
		}
		out.Params = append(out.Params, spec)
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, step(s))
	}
	return out
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func step(s *ir.Step) runtime.Step {
	out := runtime.Step{Name: s.Name, Script: s.Script, Needs: s.Needs, Timeout: seconds(s.Timeout), Retries: runtime.Retries{
		Limit: s.Retries.Limit, Delay: seconds(s.Retries.Delay), Backoff: s.Retries.Backoff, MaxDelay: seconds(s.Retries.MaxDelay)}}
	if s.Kind == ir.Python {
		out.Python = s.Module + ":" + s.Function
	}
	if s.Kind == ir.Run {
		out.Shell = s.Shell
	}
	for _, a := range s.Command {
		out.Command = append(out.Command, expr(a))
	}
	for _, in := range s.Inputs {
		out.With = append(out.With, runtime.Input{Name: in.Name, Type: string(in.Type), Value: expr(in.Value)})
	}
	for _, o := range s.Outputs {
		out.Outputs = append(out.Outputs, runtime.OutputSpec{Name: o.Name, Type: string(o.Type)})
	}
	for _, v := range s.Env {
		out.Env = append(out.Env, runtime.EnvVar{Name: v.Name, Value: expr(v.Value)})
	}
	return out
}

// expr builds an expression of the runtime; emit.go prints the same calls.
func expr(e *ir.Expr) runtime.Expr {
	args := make([]runtime.Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = expr(a)
	}
	switch e.Op {
	case ir.Lit:
		return runtime.Lit(data(e.Value))
	case ir.ParamRef:
		return runtime.Param(e.Name)
	case ir.OutputRef:
		return runtime.Output(e.Step, e.Name)
	case ir.RunRef:
		return runtime.RunField(e.Name)
	case ir.PathRef:
		return runtime.Path(e.Name)
	case ir.Text:
		return runtime.Text(args...)
	case ir.List:
		return runtime.List(args...)
	case ir.Map:
		return runtime.Map(e.Keys, args...)
	case ir.GetField:
		return runtime.Field(args[0], e.Name)
	case ir.GetIndex:
		return runtime.Index(args[0], args[1])
	case ir.Call:
		return runtime.Call(e.Name, args...)
	}
	return runtime.Op(string(e.Op), args...)
}

// data is a literal as Go data; nil for none.
func data(v *ir.Value) any {
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
			items[i] = data(&v.Items[i])
		}
		return items
	case ir.MapValue:
		fields := make(map[string]any, len(v.Map))
		for i := range v.Map {
			fields[v.Map[i].Key] = data(&v.Map[i].Value)
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
