package runtime

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// differential is what an expression is here, and what the compiler prints for it in Python.
var differential = []struct {
	python string
	expr   func(a, b Expr) Expr
}{
	{"checked(a + b)", func(a, b Expr) Expr { return Op("+", a, b) }},
	{"checked(a - b)", func(a, b Expr) Expr { return Op("-", a, b) }},
	{"checked(a * b)", func(a, b Expr) Expr { return Op("*", a, b) }},
	{"checked(-a)", func(a, _ Expr) Expr { return Op("-", a) }},
	{"divide(a, b)", func(a, b Expr) Expr { return Op("/", a, b) }},
	{"remainder(a, b)", func(a, b Expr) Expr { return Op("%", a, b) }},
	{"a < b", func(a, b Expr) Expr { return Op("<", a, b) }},
	{"a >= b", func(a, b Expr) Expr { return Op(">=", a, b) }},
	{"same(a, b)", func(a, b Expr) Expr { return Op("==", a, b) }},
	{"same([a, {text(b): b}], [b, {text(b): a}])", func(a, b Expr) Expr {
		return Op("==", List(a, mapOf(b, b)), List(b, mapOf(b, a)))
	}},
	{"member(a, [True, b, 0])", func(a, b Expr) Expr { return Op("in", a, List(Lit(true), b, Lit(0))) }},
	{"least(a, b)", func(a, b Expr) Expr { return Call("min", a, b) }},
	{"greatest([b, a])", func(a, b Expr) Expr { return Call("max", List(b, a)) }},
	{"total([a, b, a])", func(a, b Expr) Expr { return Call("sum", List(a, b, a)) }},
	{"to_int(a)", func(a, _ Expr) Expr { return Call("int", a) }},
	{"to_int(text(a))", func(a, _ Expr) Expr { return Call("int", Call("string", a)) }},
	{"to_float(a)", func(a, _ Expr) Expr { return Call("float", a) }},
	{"to_float(text(a))", func(a, _ Expr) Expr { return Call("float", Call("string", a)) }},
	{"text(a, ' ', b)", func(a, b Expr) Expr { return Text(a, Lit(" "), b) }},
}

// mapOf is a map of one entry, whose key is the text form of a value.
func mapOf(key, value Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		v, err := evalAll(s, []Expr{Call("string", key), value})
		if err != nil {
			return nil, err
		}
		return map[string]any{v[0].(string): v[1]}, nil
	}, text: fixed("test")}
}

// randomNumber returns numbers that are likely to be equal, to overflow or to be rounded.
func randomNumber(r *rand.Rand) any {
	edges := []any{int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1), 0.0, math.Copysign(0, -1), 1.0, float64(1 << 53),
		float64(1 << 62), -float64(1 << 63), float64(1 << 63), 1e308, -1e308, 5e-324, 0.1}
	switch r.IntN(4) {
	case 0:
		return int64(r.IntN(7) - 3)
	case 1:
		return int64(r.Uint64() >> r.IntN(64))
	case 2:
		return math.Ldexp(r.NormFloat64(), r.IntN(140)-70)
	}
	return edges[r.IntN(len(edges))]
}

func TestExpressionsAreThoseOfPython(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var cases []any
	var want []string
	for range 4000 {
		a, b := randomNumber(r), randomNumber(r)
		d := differential[r.IntN(len(differential))]
		cases = append(cases, []any{d.python, a, b})
		v, err := d.expr(Lit(a), Lit(b)).eval(&scope{})
		if err != nil {
			want = append(want, "error")
			continue
		}
		text, err := jsonText(v)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, text)
	}
	text, err := jsonText(cases)
	if err != nil {
		t.Fatal(err)
	}
	out := python(t, `
import json, sys
sys.path.insert(0, "../../../templates/zenc_runtime_1")
sys.dont_write_bytecode = True
import step
def value(expression, a, b):
    try:
        return step.as_json(step.evaluate(expression, {"a": a, "b": b, "True": True}))
    except step.ExpressionError:
        return "error"
print(json.dumps([value(*case) for case in json.load(sys.stdin)]))
`, text)
	var got []string
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: Python has %s, this has %s", strings.TrimSpace(short(cases[i])), got[i], want[i])
		}
	}
}
