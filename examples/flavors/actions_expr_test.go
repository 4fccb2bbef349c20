package flavors

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rhysd/actionlint"
)

// scope is what expressions of a workflow see: the contexts by name, and how the jobs or steps before ended.
type scope struct {
	contexts  map[string]any
	succeeded bool // what success() says
}

// evaluate computes the text between ${{ and }} as GitHub's documentation of expressions says.
func (s scope) evaluate(text string) any {
	tree, err := actionlint.NewExprParser().Parse(actionlint.NewExprLexer(text + "}}"))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return s.value(tree)
}

// expand replaces the expressions in a text. One that is all of the text keeps its type.
func (s scope) expand(text string) any {
	var out strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, "${{")
		if !found {
			break
		}
		end := expressionEnd(after)
		v := s.evaluate(after[:end])
		if before == "" && out.Len() == 0 && after[end:] == "}}" {
			return v
		}
		out.WriteString(before + toText(v))
		rest = after[end+2:]
	}
	return out.String() + rest
}

// expressionEnd is where the }} is that ends an expression: not within a string of it.
func expressionEnd(text string) int {
	inString := false
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			inString = !inString
		case !inString && strings.HasPrefix(text[i:], "}}"):
			return i
		}
	}
	panic("an expression without an end: " + text)
}

// condition is an if of a job or a step: without a function that asks for the status, success() is asked as well.
func (s scope) condition(text string) bool {
	if text == "" {
		return s.succeeded
	}
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "${{"), "}}")
	asks := false
	for _, name := range []string{"always()", "cancelled()", "success()", "failure()"} {
		asks = asks || strings.Contains(text, name)
	}
	return (asks || s.succeeded) && truthy(s.evaluate(text))
}

func (s scope) value(n actionlint.ExprNode) any {
	switch n := n.(type) {
	case *actionlint.NullNode:
		return nil
	case *actionlint.BoolNode:
		return n.Value
	case *actionlint.IntNode:
		return float64(n.Value)
	case *actionlint.FloatNode:
		return n.Value
	case *actionlint.StringNode:
		return n.Value
	case *actionlint.VariableNode:
		v, known := s.contexts[n.Name]
		if !known {
			panic("an unknown context: " + n.Name)
		}
		return v
	case *actionlint.ObjectDerefNode:
		return property(s.value(n.Receiver), n.Property)
	case *actionlint.ArrayDerefNode:
		all := elements{}
		for _, v := range s.value(n.Receiver).(map[string]any) {
			all = append(all, v)
		}
		return all
	case *actionlint.NotOpNode:
		return !truthy(s.value(n.Operand))
	case *actionlint.LogicalOpNode:
		left := s.value(n.Left)
		if truthy(left) == (n.Kind == actionlint.LogicalOpNodeKindOr) {
			return left
		}
		return s.value(n.Right)
	case *actionlint.CompareOpNode:
		return compare(n.Kind, s.value(n.Left), s.value(n.Right))
	case *actionlint.FuncCallNode:
		var args []any
		for _, a := range n.Args {
			args = append(args, s.value(a))
		}
		return s.call(strings.ToLower(n.Callee), args)
	}
	panic(fmt.Sprintf("%T is not known here", n))
}

// elements are what .* gives: a property of them is a list of theirs.
type elements []any

func property(of any, name string) any {
	switch of := of.(type) {
	case elements:
		var out elements
		for _, v := range of {
			out = append(out, property(v, name))
		}
		return out
	case map[string]any:
		for key, v := range of {
			if strings.EqualFold(key, name) {
				return v
			}
		}
	}
	return nil
}

func (s scope) call(name string, args []any) any {
	switch name {
	case "always":
		return true
	case "cancelled":
		return false
	case "success":
		return s.succeeded
	case "contains":
		for _, v := range args[0].(elements) {
			if equal(v, args[1]) {
				return true
			}
		}
		return false
	case "tojson":
		text, err := json.MarshalIndent(args[0], "", "  ")
		if err != nil {
			panic(err)
		}
		return string(text)
	case "fromjson":
		var v any
		if err := json.Unmarshal([]byte(toText(args[0])), &v); err != nil {
			panic(fmt.Sprintf("fromJSON(%q): %v", toText(args[0]), err))
		}
		return v
	}
	panic("an unknown function: " + name)
}

func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	}
	return true
}

func toText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', 15, 64)
	case string:
		return v
	}
	return "Object"
}

func toNumber(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		if v == "" {
			return 0
		}
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			return f
		}
	}
	return math.NaN()
}

// equal compares texts without regard to case, and values of two kinds as numbers.
func equal(a, b any) bool {
	textA, isTextA := a.(string)
	textB, isTextB := b.(string)
	if isTextA && isTextB {
		return strings.EqualFold(textA, textB)
	}
	return toNumber(a) == toNumber(b)
}

func compare(kind actionlint.CompareOpNodeKind, a, b any) bool {
	x, y := toNumber(a), toNumber(b)
	switch kind {
	case actionlint.CompareOpNodeKindEq:
		return equal(a, b)
	case actionlint.CompareOpNodeKindNotEq:
		return !equal(a, b)
	case actionlint.CompareOpNodeKindLess:
		return x < y
	case actionlint.CompareOpNodeKindLessEq:
		return x <= y
	case actionlint.CompareOpNodeKindGreater:
		return x > y
	case actionlint.CompareOpNodeKindGreaterEq:
		return x >= y
	}
	panic("an unknown comparison")
}
