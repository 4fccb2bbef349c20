package airflow

import (
	"slices"
	"strconv"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// cached prints that a task returns what an earlier one has kept, before it opens what it would write.
func (c *callable) cached(w *py.Writer) {
	c.use("cached")
	c.entry = c.names.unique("entry")
	n := py.Call("cached").Arg(py.Atom("ARTIFACTS"))
	switch c.s.Kind {
	case ir.Python:
		n = n.Kw("python", py.Str(c.s.Module+":"+c.s.Function))
	case ir.Run:
		n = n.Kw("run", c.scriptText(w))
		if !slices.Equal(c.s.Shell, bash) {
			n = n.Kw("shell", strs(c.s.Shell))
		}
	case ir.Command:
		n = n.Kw("command", c.argv(true))
	}
	inputs, types := py.Dict(), py.Dict()
	for _, in := range c.s.Inputs {
		inputs = inputs.Entry(in.Name, py.Tuple(py.Str(string(in.Type)), c.expr(in.Value)))
	}
	for _, o := range c.s.Outputs {
		types = types.Entry(o.Name, py.Str(string(o.Type)))
	}
	n = n.Kw("inputs", inputs).Kw("types", types)
	if len(c.s.Env) > 0 {
		n = n.Kw("env", c.env())
	}
	if len(c.s.Secrets) > 0 {
		n = n.Kw("secrets", c.secrets())
	}
	if c.s.Cache.TTL > 0 {
		n = n.Kw("ttl", py.Atom(strconv.FormatInt(c.s.Cache.TTL, 10)))
	}
	c.body.Stmt(c.entry+" = ", n, "")
	c.body.Line("if " + c.entry + ".outputs is not None:")
	c.body.Line("    return " + c.entry + ".outputs")
	if len(c.outputs) > 0 {
		with(&c.body, c.outputs)
		c.body.Indent()
	}
}

// cache refuses what has no place for its entries, or code that nobody here knows.
func (c *checker) cache(s *ir.Step) {
	if !s.Cache.On {
		return
	}
	if c.settings.artifacts == "" {
		c.cannot(s.Cache.Pos, "cache: its entries are kept with the artifacts, and no place is named for those").
			WithHelp("say where: --option artifacts=s3://bucket/prefix, or in the options of the stack")
	}
	if !c.settings.copyCode && s.Kind == ir.Python {
		c.cannot(s.Cache.Pos, "cache: the worker has the code of %q installed, and nothing tells when it changes", s.Name).
			WithHelp("leave the option code out, so that the code is shipped with the DAG")
	}
}
