// Package written writes expressions and values of the intermediate form as a spec has them, for people to read.
package written

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// Value is an expression as the value of a key: a literal as itself, all else within ${{ }}. nameOf says how a step is called; nil: as
// it is. "" for nil.
func Value(e *ir.Expr, nameOf func(step string) string) string {
	switch {
	case e == nil:
		return ""
	case e.Op == ir.Lit:
		return strings.ReplaceAll(Literal(*e.Value), "${{", "$${{")
	case e.Op == ir.Text:
		return printer{nameOf}.template(e)
	}
	return "${{ " + printer{nameOf}.text(e) + " }}"
}

// Expr is an expression without ${{ }}, with as few parentheses as say the same.
func Expr(e *ir.Expr) string { return printer{}.text(e) }

// printer writes expressions.
type printer struct{ nameOf func(step string) string }

func (p printer) step(name string) string {
	if p.nameOf == nil {
		return name
	}
	return p.nameOf(name)
}

// binding says how tightly a binary operator binds; an operand that binds less, or as much on the right side, is put in
// parentheses. The operands of ?? are all put in parentheses, as the language demands.
func binding(op ir.Op) int {
	switch op {
	case ir.Cond:
		return 1
	case "??":
		return 2
	case "||":
		return 3
	case "&&":
		return 4
	case "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith":
		return 5
	case "+", "-", ir.Text:
		return 6
	case "*", "/", "%":
		return 7
	}
	return 9 // no operator
}

// unary binds more tightly than all binary operators.
const unary = 8

func strength(e *ir.Expr) int {
	if len(e.Args) == 1 && (e.Op == "-" || e.Op == "!") {
		return unary
	}
	return binding(e.Op)
}

// operand is an expression within another one, in parentheses if it binds less than that demands.
func (p printer) operand(e *ir.Expr, atLeast int) string {
	if strength(e) < atLeast {
		return "(" + p.text(e) + ")"
	}
	return p.text(e)
}

func (p printer) text(e *ir.Expr) string {
	switch e.Op {
	case ir.Lit:
		return Literal(*e.Value)
	case ir.Text:
		return p.joined(e)
	case ir.ParamRef:
		return "params." + e.Name
	case ir.OutputRef:
		return "steps." + p.step(e.Step) + "." + e.Name
	case ir.RunRef:
		return "run." + e.Name
	case ir.EachRef:
		return "each." + e.Name
	case ir.PathRef:
		return "outputs." + e.Name
	case ir.List:
		return "[" + p.list(e.Args) + "]"
	case ir.Map:
		return p.mapping(e)
	case ir.GetField:
		return p.operand(e.Args[0], unary+1) + "." + e.Name
	case ir.GetIndex:
		return p.operand(e.Args[0], unary+1) + "[" + p.text(e.Args[1]) + "]"
	case ir.Call:
		return e.Name + "(" + p.list(e.Args) + ")"
	case ir.Cond:
		return p.operand(e.Args[0], 2) + " ? " + p.operand(e.Args[1], 2) + " : " + p.operand(e.Args[2], 2)
	}
	return p.operator(e)
}

func (p printer) operator(e *ir.Expr) string {
	level := strength(e)
	switch {
	case level == unary:
		return string(e.Op) + p.operand(e.Args[0], unary+1)
	case e.Op == "??":
		return p.operand(e.Args[0], unary) + " ?? " + p.operand(e.Args[1], unary)
	case len(e.Args) == 2:
		return p.operand(e.Args[0], level) + " " + string(e.Op) + " " + p.operand(e.Args[1], level+1)
	}
	return string(e.Op) + "(" + p.list(e.Args) + ")" // of a later version of the language
}

func (p printer) list(args []*ir.Expr) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = p.text(a)
	}
	return strings.Join(out, ", ")
}

func (p printer) mapping(e *ir.Expr) string {
	entries := make([]string, len(e.Keys))
	for i, key := range e.Keys {
		entries[i] = quote(key) + ": " + p.text(e.Args[i])
	}
	return "{" + strings.Join(slices.Sorted(slices.Values(entries)), ", ") + "}"
}

// template is text with expressions in it.
func (p printer) template(e *ir.Expr) string {
	var out strings.Builder
	for _, a := range e.Args {
		if a.Op == ir.Lit && a.Value.Kind == ir.StringValue {
			inner := strings.ReplaceAll(quote(a.Value.Text), "${{", "$${{")
			out.WriteString(inner[1 : len(inner)-1])
			continue
		}
		out.WriteString("${{ " + p.text(a) + " }}")
	}
	return `"` + out.String() + `"`
}

// joined is text with expressions in it where it is part of an expression, as an output of a group may be.
func (p printer) joined(e *ir.Expr) string {
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = p.text(a)
		if !a.IsLit() || a.Value.Kind != ir.StringValue {
			parts[i] = "string(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " + ")
}

// Literal is a value as it is written in a spec. The order of the keys of a map has no meaning.
func Literal(v ir.Value) string {
	switch v.Kind {
	case ir.StringValue:
		return quote(v.Text)
	case ir.NullValue:
		return "null"
	case ir.ListValue:
		return "[" + strings.Join(Literals(v.Items), ", ") + "]"
	case ir.MapValue:
		entries := make([]string, len(v.Map))
		for i, f := range v.Map {
			entries[i] = quote(f.Key) + ": " + Literal(f.Value)
		}
		return "{" + strings.Join(slices.Sorted(slices.Values(entries)), ", ") + "}"
	}
	return v.Text
}

// Literals are Literal of each.
func Literals(values []ir.Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = Literal(v)
	}
	return out
}

// quote is a string in quotes, with the escapes of JSON.
func quote(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(out.String(), "\n")
}
