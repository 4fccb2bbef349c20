package diagram

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// strength is how tightly operators bind; those that are not here are no operators. ?? needs parentheses beside others.
var strength = map[ir.Op]int{"??": 1, ir.Cond: 1, "||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "contains": 4, "startsWith": 4,
	"endsWith": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "!": 7}

// expression returns an expression as a spec has it, with as few parentheses as say the same.
func expression(e *ir.Expr) string {
	switch e.Op {
	case ir.Lit:
		return literal(e.Value)
	case ir.ParamRef:
		return "params." + e.Name
	case ir.OutputRef:
		return "steps." + e.Step + "." + e.Name
	case ir.RunRef:
		return "run." + e.Name
	case ir.EachRef:
		return "each." + e.Name
	case ir.PathRef:
		return "outputs." + e.Name
	case ir.GetField:
		return operand(e.Args[0], 8) + "." + e.Name
	case ir.GetIndex:
		return operand(e.Args[0], 8) + "[" + expression(e.Args[1]) + "]"
	case ir.Call:
		return e.Name + "(" + expressions(e.Args) + ")"
	case ir.List:
		return "[" + expressions(e.Args) + "]"
	case ir.Map:
		entries := make([]string, len(e.Args))
		for i, a := range e.Args {
			entries[i] = quoted(e.Keys[i]) + ": " + expression(a)
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case ir.Text: // the parts of a text in quotes, or behind each other
		return expressions(e.Args)
	case ir.Cond:
		return operand(e.Args[0], 2) + " ? " + operand(e.Args[1], 2) + " : " + operand(e.Args[2], 2)
	}
	at := strength[e.Op]
	if len(e.Args) == 1 {
		return string(e.Op) + operand(e.Args[0], 8)
	}
	if e.Op == "??" {
		return operand(e.Args[0], 8) + " ?? " + operand(e.Args[1], 8)
	}
	return operand(e.Args[0], at) + " " + string(e.Op) + " " + operand(e.Args[1], at+1)
}

// operand puts an operator that binds less than it would have to into parentheses.
func operand(e *ir.Expr, least int) string {
	text := expression(e)
	if at := strength[e.Op]; at > 0 && at < least && !(e.Op == "-" && len(e.Args) == 1) {
		return "(" + text + ")"
	}
	return text
}

func expressions(all []*ir.Expr) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = expression(e)
	}
	return strings.Join(texts, ", ")
}

func literal(v *ir.Value) string {
	switch v.Kind {
	case ir.NullValue:
		return "null"
	case ir.StringValue:
		return quoted(v.Text)
	case ir.ListValue:
		items := make([]string, len(v.Items))
		for i := range v.Items {
			items[i] = literal(&v.Items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case ir.MapValue:
		entries := make([]string, len(v.Map))
		for i := range v.Map {
			entries[i] = quoted(v.Map[i].Key) + ": " + literal(&v.Map[i].Value)
		}
		return "{" + strings.Join(entries, ", ") + "}"
	}
	return v.Text
}

func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text always has a form
	return strings.TrimSuffix(b.String(), "\n")
}
