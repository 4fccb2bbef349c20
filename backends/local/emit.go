package local

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// program returns main.go: the pipeline as a table for the runtime, which has all of the behaviour.
func program(p *ir.Pipeline, o backends.Options) ([]byte, error) {
	rt := modulePath(p) + "/runtime"
	f := jen.NewFile("main")
	f.ImportName(rt, "runtime")
	f.HeaderComment("// " + goHeader(o))
	if p.Description != "" {
		f.PackageComment("// " + string(bytes.Map(printable, []byte(p.Description))))
	}
	if (hasPython(p) || isLarge(p)) && len(p.Code) == 0 {
		f.Anon("embed") // with code, the type embed.FS imports it
	}
	g := &generator{rt: rt}
	f.Add(g.embedded(p))
	f.Add(g.mainFunc(p))
	f.Var().Id("pipeline").Op("=").Op("&").Qual(rt, "Pipeline").Values(g.pipeline(p, o)...)
	var b bytes.Buffer
	err := f.Render(&b)
	return b.Bytes(), err
}

type generator struct{ rt string }

// embedded declares what is embedded: the code and the step runner. Text of the spec is in none of it.
func (g *generator) embedded(p *ir.Pipeline) *jen.Statement {
	s := jen.Null()
	if len(p.Code) > 0 {
		s.Comment("//go:embed all:code").Line().Var().Id("code").Qual("embed", "FS").Line().Line()
	}
	if hasPython(p) {
		s.Comment("//go:embed step.py").Line().Var().Id("stepRunner").Index().Byte().Line()
	}
	if isLarge(p) {
		s.Line().Comment("//go:embed steps.json").Line().Var().Id("steps").Index().Byte().Line()
	}
	return s
}

func (g *generator) mainFunc(p *ir.Pipeline) *jen.Statement {
	code, runner := jen.Qual(g.rt, "Code").Values(), jen.Nil()
	var body []jen.Code
	if hasPython(p) {
		runner = jen.Id("stepRunner")
	}
	if len(p.Code) > 0 {
		body = append(body,
			jen.List(jen.Id("files"), jen.Err()).Op(":=").Qual("io/fs", "Sub").Call(jen.Id("code"), jen.Lit("code")),
			jen.If(jen.Err().Op("!=").Nil()).Block(jen.Panic(jen.Err())))
		values := []jen.Code{key("Files", jen.Id("files"))}
		var executable []jen.Code
		for _, c := range p.Code {
			if c.Executable {
				executable = append(executable, jen.Lit(c.Path))
			}
		}
		if executable != nil {
			values = append(values, key("Executable", jen.Index().String().Values(executable...)))
		}
		code = jen.Qual(g.rt, "Code").Values(values...)
	}
	call := jen.Qual(g.rt, "Main").Call(jen.Id("pipeline"), code, runner,
		jen.Qual("os", "Args").Index(jen.Lit(1).Op(":")), jen.Qual("os", "Stdout"), jen.Qual("os", "Stderr"))
	return jen.Func().Id("main").Params().Block(append(body, jen.Qual("os", "Exit").Call(call))...)
}

// key is one keyed value of a composite literal.
func key(name string, value jen.Code) jen.Code { return jen.Id(name).Op(":").Add(value) }

// fields are the keyed values of a composite literal, one a line, in the order in which they are added.
type fields []jen.Code

func (f *fields) add(used bool, name string, value jen.Code) {
	if used {
		*f = append(*f, jen.Line().Add(key(name, value)))
	}
}

func (f fields) done() []jen.Code { return append(f, jen.Line()) }

func (g *generator) pipeline(p *ir.Pipeline, o backends.Options) []jen.Code {
	var f fields
	f.add(true, "Name", jen.Lit(p.Name))
	f.add(p.Timeout > 0, "Timeout", duration(p.Timeout))
	f.add(p.MaxParallel > 0, "MaxParallel", jen.Lit(p.MaxParallel))
	f.add(p.FailFast, "FailFast", jen.True())
	f.add(len(p.Requirements) > 0, "Requirements", texts(p.Requirements))
	f.add(o.Text("python", "") != "", "Python", jen.Lit(o.Text("python", "")))
	f.add(len(notes(p)) > 0, "Notes", texts(notes(p)))
	if len(p.Params) > 0 {
		var params []jen.Code
		for _, param := range p.Params {
			params = append(params, jen.Line().Values(g.param(param)...))
		}
		f.add(true, "Params", jen.Index().Qual(g.rt, "ParamSpec").Values(append(params, jen.Line())...))
	}
	if isLarge(p) {
		f.add(true, "Steps", jen.Qual(g.rt, "MustReadSteps").Call(jen.Id("steps")))
		return f.done()
	}
	var steps []jen.Code
	for _, s := range p.Steps {
		steps = append(steps, jen.Line().Values(g.step(s)...))
	}
	f.add(true, "Steps", jen.Index().Qual(g.rt, "Step").Values(append(steps, jen.Line())...))
	return f.done()
}

func (g *generator) param(p *ir.Param) []jen.Code {
	var f fields
	f.add(true, "Name", jen.Lit(p.Name))
	f.add(true, "Type", jen.Lit(string(p.Type)))
	f.add(p.Default == nil, "Required", jen.True())
	f.add(p.Default != nil, "Default", literal(p.Default))
	if len(p.Enum) > 0 {
		var enum []jen.Code
		for i := range p.Enum {
			enum = append(enum, literal(&p.Enum[i]))
		}
		f.add(true, "Enum", jen.Index().Any().Values(enum...))
	}
	f.add(p.Min != nil, "Min", literal(p.Min))
	f.add(p.Max != nil, "Max", literal(p.Max))
	f.add(p.Pattern != "", "Pattern", jen.Lit(p.Pattern))
	f.add(p.Description != "", "Description", jen.Lit(p.Description))
	return f.done()
}

func (g *generator) step(s *ir.Step) []jen.Code {
	var f fields
	f.add(true, "Name", jen.Lit(s.Name))
	f.add(s.Kind == ir.Python, "Python", jen.Lit(s.Module+":"+s.Function))
	f.add(isFresh(s), "Fresh", jen.True())
	f.add(s.Kind == ir.Run, "Script", jen.Lit(s.Script))
	f.add(s.Kind == ir.Run && !slices.Equal(s.Shell, []string{"bash", "-eo", "pipefail"}), "Shell", texts(s.Shell))
	if len(s.Command) > 0 {
		var args []jen.Code
		for _, a := range s.Command {
			args = append(args, g.expr(a))
		}
		f.add(true, "Command", jen.Index().Qual(g.rt, "Expr").Values(args...))
	}
	if len(s.Inputs) > 0 {
		var with []jen.Code
		for _, in := range s.Inputs {
			with = append(with, jen.Line().Values(key("Name", jen.Lit(in.Name)), key("Type", jen.Lit(string(in.Type))), key("Value", g.expr(in.Value))))
		}
		f.add(true, "With", jen.Index().Qual(g.rt, "Input").Values(append(with, jen.Line())...))
	}
	if len(s.Outputs) > 0 {
		var outputs []jen.Code
		for _, o := range s.Outputs {
			outputs = append(outputs, jen.Values(key("Name", jen.Lit(o.Name)), key("Type", jen.Lit(string(o.Type)))))
		}
		f.add(true, "Outputs", jen.Index().Qual(g.rt, "OutputSpec").Values(outputs...))
	}
	if len(s.Env) > 0 {
		var env []jen.Code
		for _, v := range s.Env {
			env = append(env, jen.Line().Values(key("Name", jen.Lit(v.Name)), key("Value", g.expr(v.Value))))
		}
		f.add(true, "Env", jen.Index().Qual(g.rt, "EnvVar").Values(append(env, jen.Line())...))
	}
	if len(s.Secrets) > 0 {
		var secrets []jen.Code
		for _, secret := range s.Secrets {
			secrets = append(secrets, jen.Values(key("Name", jen.Lit(secret.Name)), key("Ref", jen.Lit(secret.Ref()))))
		}
		f.add(true, "Secrets", jen.Index().Qual(g.rt, "Secret").Values(secrets...))
	}
	f.add(len(s.Needs) > 0, "Needs", texts(s.Needs))
	if len(s.NeedsAny) > 0 {
		var sets []jen.Code
		for _, set := range s.NeedsAny {
			values := make([]jen.Code, len(set))
			for i, name := range set {
				values[i] = jen.Lit(name)
			}
			sets = append(sets, jen.Values(values...))
		}
		f.add(true, "NeedsAny", jen.Index().Index().String().Values(sets...))
	}
	f.add(s.Gate != "", "Gate", jen.Lit(s.Gate))
	f.add(s.Along != "", "Along", jen.Lit(s.Along))
	f.add(s.RunIf != ir.IfSucceeded, "RunIf", jen.Lit(string(s.RunIf)))
	if s.When != nil {
		f.add(true, "When", g.expr(s.When))
	}
	if len(s.Foreach) > 0 {
		var foreach []jen.Code
		for _, each := range s.Foreach {
			foreach = append(foreach, jen.Values(key("Name", jen.Lit(each.Name)), key("Items", g.expr(each.Items))))
		}
		f.add(true, "Foreach", jen.Index().Qual(g.rt, "Each").Values(foreach...))
	}
	f.add(s.MaxParallel > 0, "MaxParallel", jen.Lit(s.MaxParallel))
	f.add(s.WhenPerItem(), "WhenPerItem", jen.True())
	f.add(s.Finally, "Finally", jen.True())
	f.add(s.AllowFailure, "AllowFailure", jen.True())
	f.add(s.Cache.On, "Cache", jen.True())
	f.add(s.Cache.TTL > 0, "CacheTTL", duration(s.Cache.TTL))
	f.add(s.SkipExitCode > 0, "SkipExitCode", jen.Lit(s.SkipExitCode))
	f.add(s.Retries.Limit > 0, "Retries", g.retries(s.Retries))
	f.add(s.Timeout > 0, "Timeout", duration(s.Timeout))
	return f.done()
}

func (g *generator) retries(r ir.Retries) jen.Code {
	values := []jen.Code{key("Limit", jen.Lit(r.Limit))}
	if r.Delay > 0 {
		values = append(values, key("Delay", duration(r.Delay)))
	}
	if r.Backoff > 1 {
		values = append(values, key("Backoff", jen.Lit(r.Backoff)))
	}
	if r.MaxDelay > 0 {
		values = append(values, key("MaxDelay", duration(r.MaxDelay)))
	}
	if len(r.OnExitCodes) > 0 {
		codes := make([]jen.Code, len(r.OnExitCodes))
		for i, code := range r.OnExitCodes {
			codes[i] = jen.Lit(code)
		}
		values = append(values, key("OnExitCodes", jen.Index().Int().Values(codes...)))
	}
	return jen.Qual(g.rt, "Retries").Values(values...)
}

// expr prints the calls that runtime.ExprData makes.
func (g *generator) expr(e *ir.Expr) jen.Code {
	call := func(name string, first ...jen.Code) jen.Code {
		for _, a := range e.Args {
			first = append(first, g.expr(a))
		}
		return jen.Qual(g.rt, name).Call(first...)
	}
	switch e.Op {
	case ir.Lit:
		return call("Lit", literal(e.Value))
	case ir.ParamRef:
		return call("Param", jen.Lit(e.Name))
	case ir.OutputRef:
		return call("Output", jen.Lit(e.Step), jen.Lit(e.Name))
	case ir.EachRef:
		return call("EachItem", jen.Lit(e.Name))
	case ir.RunRef:
		return call("RunField", jen.Lit(e.Name))
	case ir.PathRef:
		return call("Path", jen.Lit(e.Name))
	case ir.Text:
		return call("Text")
	case ir.List:
		return call("List")
	case ir.Map:
		return call("Map", texts(e.Keys))
	case ir.GetField:
		return jen.Qual(g.rt, "Field").Call(g.expr(e.Args[0]), jen.Lit(e.Name))
	case ir.GetIndex:
		return call("Index")
	case ir.Call:
		return call("Call", jen.Lit(e.Name))
	}
	return call("Op", jen.Lit(string(e.Op)))
}

func texts(list []string) jen.Code {
	values := make([]jen.Code, len(list))
	for i, s := range list {
		values[i] = jen.Lit(s)
	}
	return jen.Index().String().Values(values...)
}

// duration is a product of a number and Go's largest unit that divides it.
func duration(n int64) jen.Code {
	for _, u := range []struct {
		name string
		size int64
	}{{"Hour", 3600}, {"Minute", 60}} {
		if n >= u.size && n%u.size == 0 {
			return jen.Lit(int(n/u.size)).Op("*").Qual("time", u.name)
		}
	}
	return jen.Lit(int(n)).Op("*").Qual("time", "Second")
}

// literal is a value of the spec as Go data.
func literal(v *ir.Value) jen.Code {
	if v == nil {
		return jen.Nil()
	}
	switch v.Kind {
	case ir.BoolValue:
		return jen.Lit(v.Text == "true")
	case ir.IntValue:
		n, _ := strconv.Atoi(v.Text) // checked by the compiler
		return jen.Lit(n)
	case ir.FloatValue:
		f, _ := strconv.ParseFloat(v.Text, 64)
		return jen.Lit(f)
	case ir.StringValue:
		return jen.Lit(v.Text)
	case ir.ListValue:
		items := make([]jen.Code, len(v.Items))
		for i := range v.Items {
			items[i] = literal(&v.Items[i])
		}
		return jen.Index().Any().Values(items...)
	case ir.MapValue:
		items := make([]jen.Code, len(v.Map))
		for i := range v.Map {
			items[i] = jen.Lit(v.Map[i].Key).Op(":").Add(literal(&v.Map[i].Value))
		}
		return jen.Map(jen.String()).Any().Values(items...)
	}
	return jen.Nil()
}
