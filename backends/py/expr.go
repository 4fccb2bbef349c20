package py

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// Printer prints expressions of a spec as Python. Ref prints a reference: a ParamRef, OutputRef, EachRef, RunRef or PathRef.
//
// Operators whose Python meaning is zenc's are printed as they are; the others are calls of the helpers of the Python
// runtime (templates/zenc_runtime_1/step.py), whose names are collected in Helpers, sorted.
type Printer struct {
	Ref     func(e *ir.Expr) string
	Helpers []string
}

// The binding strengths of Python's operators, loosest first.
const (
	loosest = iota
	ternary
	or
	and
	not
	compare
	add
	multiply
	negate
	atom
)

// Print returns the Python source of e.
func (p *Printer) Print(e *ir.Expr) string {
	s, _ := p.print(e)
	return s
}

// Node returns e such that calls, lists and maps can be laid out over several lines.
func (p *Printer) Node(e *ir.Expr) Node {
	args := func(n Node) Node {
		for _, a := range e.Args {
			n = n.Arg(p.Node(a))
		}
		return n
	}
	switch e.Op {
	case ir.Lit:
		return Literal(e.Value)
	case ir.List:
		return args(List())
	case ir.Map:
		n := Dict()
		for i, a := range e.Args {
			n = n.Entry(e.Keys[i], p.Node(a))
		}
		return n
	case ir.Text:
		p.helper("text")
		return args(Call("text"))
	case ir.Call:
		if !(e.Name == "sum" && e.Type == ir.Float) {
			p.helper(functions[e.Name])
			return args(Call(functions[e.Name]))
		}
	}
	s, level := p.print(e)
	if e.Op == ir.ParamRef || e.Op == ir.OutputRef || e.Op == ir.EachRef {
		return Subscript(s)
	}
	if e.Op == "??" && strings.HasPrefix(s, "coalesce(") {
		n := Call("coalesce")
		for i, x := range alternatives(e) {
			if i == 0 {
				n = n.Arg(p.Node(x))
			} else {
				n = n.Arg(Node{text: "lambda: " + p.Print(x), loose: true})
			}
		}
		return n
	}
	return Node{text: s, loose: level < atom || strings.ContainsAny(s, " ")}
}

// at returns e in parentheses if it binds no tighter than level.
func (p *Printer) at(e *ir.Expr, level int) string {
	s, l := p.print(e)
	if l < level {
		return "(" + s + ")"
	}
	return s
}

func (p *Printer) helper(name string, args ...string) (string, int) {
	if i, found := slices.BinarySearch(p.Helpers, name); !found {
		p.Helpers = slices.Insert(p.Helpers, i, name)
	}
	return name + "(" + strings.Join(args, ", ") + ")", atom
}

func (p *Printer) all(es []*ir.Expr) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = p.Print(e)
	}
	return out
}

// functions are the helpers behind the language's functions.
var functions = map[string]string{
	"len": "length", "lower": "lower", "upper": "upper", "trim": "trim", "min": "least", "max": "greatest", "sum": "total",
	"string": "text", "int": "to_int", "float": "to_float", "json": "parse_json",
}

func (p *Printer) print(e *ir.Expr) (string, int) {
	switch e.Op {
	case ir.Lit:
		s := Value(e.Value)
		if strings.HasPrefix(s, "-") {
			return s, negate
		}
		return s, atom
	case ir.ParamRef, ir.OutputRef, ir.RunRef, ir.PathRef, ir.EachRef:
		return p.Ref(e), atom
	case ir.Text:
		return p.helper("text", p.all(e.Args)...)
	case ir.List:
		return "[" + strings.Join(p.all(e.Args), ", ") + "]", atom
	case ir.Map:
		items := p.all(e.Args)
		for i := range items {
			items[i] = Quote(e.Keys[i]) + ": " + items[i]
		}
		return "{" + strings.Join(items, ", ") + "}", atom
	case ir.GetField:
		return p.helper("field", p.Print(e.Args[0]), Quote(e.Name))
	case ir.GetIndex:
		return p.helper("item", p.all(e.Args)...)
	case ir.Call:
		if e.Name == "sum" && e.Type == ir.Float { // of no elements it is 0.0
			sum, _ := p.helper("total", p.all(e.Args)...)
			return p.helper("to_float", sum)
		}
		return p.helper(functions[e.Name], p.all(e.Args)...)
	case ir.Cond:
		return p.at(e.Args[1], or) + " if " + p.at(e.Args[0], or) + " else " + p.at(e.Args[2], ternary), ternary
	case "!":
		return "not " + p.at(e.Args[0], not), not
	}
	return p.binary(e)
}

func (p *Printer) binary(e *ir.Expr) (string, int) {
	if e.Op == "-" && len(e.Args) == 1 {
		return p.helper("checked", "-"+p.at(e.Args[0], atom))
	}
	a, b := e.Args[0], e.Args[1]
	infix := func(op string, level int) (string, int) {
		return p.at(a, level) + " " + op + " " + p.at(b, level+1), level
	}
	switch e.Op {
	case "+":
		if e.Type == ir.String {
			return infix("+", add)
		}
		s, _ := infix("+", add)
		return p.helper("checked", s)
	case "-":
		s, _ := infix("-", add)
		return p.helper("checked", s)
	case "*":
		s, _ := infix("*", multiply)
		return p.helper("checked", s)
	case "/":
		return p.helper("divide", p.Print(a), p.Print(b))
	case "%":
		return p.helper("remainder", p.Print(a), p.Print(b))
	case "&&":
		return infix("and", and)
	case "||":
		return infix("or", or)
	case "==", "!=":
		return p.equality(e)
	case "in":
		if plain(a.Type) && b.Type == ir.ListOf(a.Type) {
			return p.at(a, add) + " in " + p.at(b, add), compare
		}
		return p.helper("member", p.Print(a), p.Print(b))
	case "contains":
		return p.at(b, add) + " in " + p.at(a, add), compare
	case "startsWith", "endsWith":
		return p.at(a, atom) + "." + strings.ToLower(string(e.Op)) + "(" + p.Print(b) + ")", atom
	case "??":
		if a.Op == ir.ParamRef || a.Op == ir.OutputRef || a.Op == ir.RunRef || a.Op == ir.EachRef {
			ref := p.Ref(a)
			if !strings.Contains(ref, "(") { // a call is not made twice
				return ref + " if " + ref + " is not None else " + p.at(b, ternary), ternary
			}
		}
		operands := alternatives(e)
		texts := make([]string, len(operands))
		for i, x := range operands {
			if texts[i] = p.Print(x); i > 0 {
				texts[i] = "lambda: " + texts[i]
			}
		}
		return p.helper("coalesce", texts...)
	}
	// Comparisons do not chain in the language, so neither side is one.
	return p.at(a, add) + " " + string(e.Op) + " " + p.at(b, add), compare
}

// alternatives are the operands of a chain of ??.
func alternatives(e *ir.Expr) []*ir.Expr {
	if e.Op != "??" {
		return []*ir.Expr{e}
	}
	return append(alternatives(e.Args[0]), alternatives(e.Args[1])...)
}

// plain reports whether Python's == on two values of the type is zenc's.
func plain(t ir.Type) bool { return t == ir.String || t == ir.Int || t == ir.Float || t == ir.Bool }

func (p *Printer) equality(e *ir.Expr) (string, int) {
	a, b := e.Args[0], e.Args[1]
	is := map[ir.Op]string{"==": " is ", "!=": " is not "}[e.Op]
	switch {
	case b.Type == ir.Null:
		return p.at(a, add) + is + "None", compare
	case a.Type == ir.Null:
		return p.at(b, add) + is + "None", compare
	case plain(a.Type) && a.Type == b.Type, a.Type.IsNumber() && b.Type.IsNumber():
		return p.at(a, add) + " " + string(e.Op) + " " + p.at(b, add), compare
	}
	s, level := p.helper("same", p.Print(a), p.Print(b))
	if e.Op == "!=" {
		return "not " + s, not
	}
	return s, level
}
