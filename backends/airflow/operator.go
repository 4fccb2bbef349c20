package airflow

import (
	"strings"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// A step with operator: is that operator, without its templates: what only a run knows is set by a callable just before it is
// executed. Its class is imported as the author of a DAG file would.

// operatorClass returns the name of the class that a step is an instance of, which the file makes of the operator's.
func (f *file) operatorClass(s *ir.Step) string {
	if f.classes[s.Operator] == "" {
		i := strings.LastIndexByte(s.Operator, '.')
		class := f.imports(s.Operator[:i], s.Operator[i+1:])
		f.helpers["native"] = true
		f.classes[s.Operator] = f.taken.unique(s.Operator[i+1:] + "Step")
		f.natives = append(f.natives, f.classes[s.Operator]+" = native("+class+")")
	}
	return f.classes[s.Operator]
}

// imports imports a name of a module and returns what the file calls it.
func (f *file) imports(module, name string) string {
	key := module + "." + name
	if f.known[key] == "" {
		local := f.taken.unique(name)
		f.known[key] = local
		if local != name {
			name += " as " + local
		}
		f.imported[module] = append(f.imported[module], name)
	}
	return f.known[key]
}

// isConstant reports an argument that the DAG file itself can have.
func isConstant(in ir.Input) bool { return in.Value.IsLit() }

// hasCallable reports whether something of a step is left to a run.
func (f *file) hasCallable(s *ir.Step) bool {
	if s.Kind != ir.Operator {
		return true
	}
	for _, in := range s.Inputs {
		if !isConstant(in) {
			return true
		}
	}
	return s.When != nil && (len(s.Foreach) == 0 || s.WhenPerItem()) || len(s.Foreach) == 0 && (len(f.uncertain(s)) > 0 || s.RunIf == ir.IfFailed)
}

// arguments writes the body of an operator's callable: what it is given of what a run knows.
func (c *callable) arguments() {
	arguments := py.Dict()
	for _, in := range c.s.Inputs {
		if !isConstant(in) {
			arguments = arguments.Entry(in.Name, c.expr(in.Value))
		}
	}
	c.body.Stmt("return ", arguments, "")
}

// operatorArguments adds what an operator is given: its constants, and for the others something of their kind, since its
// constructor may look at them.
func (f *file) operatorArguments(n py.Node, s *ir.Step) py.Node {
	if len(s.Outputs) > 0 {
		outputs := py.Dict()
		for _, o := range s.Outputs {
			outputs = outputs.Entry(o.Name, py.Str(string(o.Type)))
		}
		n = n.Kw("outputs", outputs)
	}
	for _, in := range s.Inputs {
		switch {
		case isConstant(in):
			n = n.Kw(in.Name, py.Literal(in.Value.Value))
		case in.Value.Op == ir.Map:
			n = n.Kw(in.Name, py.Dict())
		case in.Type.IsList():
			n = n.Kw(in.Name, py.List())
		default:
			n = n.Kw(in.Name, py.Atom("LATER"))
			f.helpers["LATER"] = true
		}
	}
	return n
}

// operator refuses arguments that carry the meaning of the spec.
func (c *checker) operator(s *ir.Step) {
	for _, in := range s.Inputs {
		for _, own := range append(ownArguments, "arguments", "outputs", "each") {
			if in.Name == own {
				c.cannot(in.Pos, "%s of an operator is what zenc itself sets", in.Name).WithHelp("use the spec's own key for it")
			}
		}
	}
}
