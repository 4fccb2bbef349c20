package runtime

import (
	"math"
	"strings"
	"testing"
)

var testScope = &scope{
	params:  Values{"region": "eu", "n": int64(3)},
	run:     Values{"id": "r1", "interval.start": nil},
	outputs: map[string]Values{"extract": {"count": int64(7), "data": map[string]any{"k": []any{int64(1), "x"}}}},
	paths:   map[string]string{"url": "/out/url"},
}

func TestExpressions(t *testing.T) {
	fail := Op("/", Lit(1), Lit(0)) // must not be evaluated
	data := Output("extract", "data")
	op := func(operator string, a, b any) Expr { return Op(operator, Lit(a), Lit(b)) }
	call := func(function string, args ...any) Expr {
		var exprs []Expr
		for _, a := range args {
			exprs = append(exprs, Lit(a))
		}
		return Call(function, exprs...)
	}
	list := func(items ...any) []any { return items }
	for i, c := range []struct {
		expr Expr
		want string
	}{
		{Param("region"), `"eu"`}, {Output("extract", "count"), "7"}, {Output("skipped", "x"), "null"}, {RunField("id"), `"r1"`}, {RunField("interval.start"), "null"}, {Path("url"), `"/out/url"`},
		{Text(Lit("a "), Lit(1.0), Lit(" "), Lit(list("x", nil))), `"a 1.0 [\"x\",null]"`},
		{List(Param("n"), Lit(nil)), "[3,null]"}, {Map([]string{"b", "a"}, Lit(1), Lit(2)), `{"a":2,"b":1}`},
		{Index(Field(data, "k"), Lit(1)), `"x"`}, {Index(data, Lit("k")), `[1,"x"]`},
		{op("+", 1, 2), "3"}, {op("+", 1, 0.5), "1.5"}, {op("+", "a", "b"), `"ab"`}, {op("-", 1, 2), "-1"}, {op("*", 3, -2), "-6"}, {op("/", 1, 2), "0.5"}, {op("/", 4, 2), "2.0"},
		{op("*", int64(math.MinInt64), 1), "-9223372036854775808"}, {op("+", math.MaxInt64, 0), "9223372036854775807"}, {op("-", -1, math.MaxInt64), "-9223372036854775808"},
		{op("%", 7, 3), "1"}, {op("%", -7, 3), "-1"}, {op("%", 7, -3), "1"}, {op("%", int64(math.MinInt64), -1), "0"},
		{Op("-", Lit(2)), "-2"}, {Op("-", Lit(0.0)), "-0.0"}, {Op("!", Lit(true)), "false"},
		{op("<", 1, 1.5), "true"}, {op("<=", 2, 2.0), "true"}, {op(">", "é", "z"), "true"}, {op("<", "\uFFFD", "🐍"), "true"}, {op(">=", 1, 2), "false"},
		{op("==", 9007199254740993, 9007199254740992.0), "false"}, {op("<", 9007199254740992.0, 9007199254740993), "true"}, {op("==", 1, 1.0), "true"},
		{op("==", true, 1), "false"}, {op("==", nil, nil), "true"}, {op("!=", nil, 0), "true"}, {op("==", list(1, map[string]any{"a": 2}), list(1.0, map[string]any{"a": 2.0})), "true"},
		{op("==", list(1), list(true)), "false"}, {op("==", "1", 1), "false"}, {op("==", map[string]any{"a": nil}, map[string]any{"b": nil}), "false"},
		{op("in", 1, list(2, 1.0)), "true"}, {op("in", true, list(1)), "false"}, {op("in", "a", map[string]any{"a": nil}), "true"}, {op("in", 1, map[string]any{"1": nil}), "false"},
		{op("contains", "abc", "bc"), "true"}, {op("startsWith", "abc", "b"), "false"}, {op("endsWith", "abc", "c"), "true"},
		{Op("&&", Lit(false), fail), "false"}, {Op("||", Lit(true), fail), "true"}, {Op("&&", Lit(true), Lit(true)), "true"}, {Op("??", Lit(1), fail), "1"}, {Op("??", Lit(nil), Lit(2)), "2"},
		{Op("?:", Lit(true), Lit(1), fail), "1"}, {Op("?:", Lit(false), fail, Lit(2)), "2"},
		{call("len", "aé🐍"), "3"}, {call("len", list(1)), "1"}, {call("len", map[string]any{}), "0"}, {call("lower", "AÉİΣ"), `"aéİσ"`}, {call("upper", "aßᾳ"), `"Aßᾳ"`},
		{call("trim", " \t\n\r\v\fa \u00a0"), `"a ` + "\u00a0" + `"`}, {call("min", 2, 1), "1"}, {call("max", 1, 2.5), "2.5"}, {call("min", 1, 2.5), "1.0"}, {call("max", list(1, 3, 2)), "3"},
		{call("sum", list()), "0"}, {call("sum", list(1, 2)), "3"}, {call("sum", list(0.1, 0.2, 0.3)), "0.6000000000000001"}, {call("string", 1.0), `"1.0"`}, {call("string", "a"), `"a"`},
		{call("int", -1.9), "-1"}, {call("int", "-12"), "-12"}, {call("float", 3), "3.0"}, {call("float", "3"), "3.0"}, {call("json", `{"a": [1.0]}`), `{"a":[1.0]}`},
	} {
		v, err := c.expr.eval(testScope)
		if got, _ := jsonText(v); err != nil || got != c.want {
			t.Errorf("%d: got %s, %v, want %s", i, got, err, c.want)
		}
	}
}

func TestExpressionErrors(t *testing.T) {
	lit := Lit
	list := func(items ...any) Expr { return Lit(append([]any{}, items...)) }
	for _, c := range []struct {
		expr Expr
		want string
	}{
		{Op("+", lit(math.MaxInt64), lit(1)), "9223372036854775807 + 1: the result does not fit"}, {Op("-", lit(int64(math.MinInt64)), lit(1)), "fit"},
		{Op("*", lit(int64(math.MinInt64)), lit(-1)), "fit"}, {Op("*", lit(1<<32), lit(1<<31)), "fit"}, {Op("-", lit(int64(math.MinInt64))), "fit"},
		{Op("*", lit(1e308), lit(10)), "float can hold"}, {Op("/", lit(1), lit(0.0)), "1 / 0.0: division by zero"}, {Op("%", lit(1), lit(0)), "division by zero"}, {Op("%", lit(1.0), lit(1)), "two ints"},
		{Op("+", lit("a"), lit(1)), `"a" + 1: want a number`}, {Op("+", lit(nil), lit(1)), "null"}, {Op("+", lit(true), lit(1)), "number"}, {Op("<", lit("a"), lit(1)), "two numbers or two strings"},
		{Op("in", lit("a"), lit("abc")), "list or a map"}, {Op("contains", list("a"), lit("a")), "two strings"}, {Op("!", lit(1)), "bool"}, {Op("&&", lit(1), lit(true)), "bool"},
		{Field(Output("extract", "data"), "nope"), `no field "nope"`}, {Field(lit(1), "x"), "no field"}, {Index(list(1), lit(1)), "no element [1] in a list of 1"}, {Index(list(1), lit(-1)), "[-1]"}, {Index(lit("abc"), lit(0)), "no element"},
		{Call("len", lit(1)), "len(1)"}, {Call("min", list()), "empty"}, {Call("min"), "empty"}, {Call("max", list(1, nil)), "null"}, {Call("sum", list(nil)), "null"}, {Call("sum", list(true)), "number"},
		{Call("sum", list(math.MaxInt64, 1)), "fit"}, {Call("int", lit(1e19)), "fit"}, {Call("int", lit(true)), "int(true)"}, {Call("int", lit("1.0")), "write 1"}, {Call("float", lit("x")), "float"}, {Call("json", lit("[")), "json("},
		{Call("lower", lit(1)), "string"}, {Param("x"), `"x"`}, {RunField("x"), "run.x"}, {Path("x"), `"x"`},
	} {
		if v, err := c.expr.eval(testScope); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, %v, want an error with %q", v, err, c.want)
		}
	}
}
