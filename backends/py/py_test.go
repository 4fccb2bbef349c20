package py_test

import (
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// hostile are texts that a careless printer gets wrong.
var hostile = []string{"", "plain", `"`, `'`, `"'`, `\`, `\\"`, "a\nb", "\r\n\t", "\x00\x07\x1b\x7f", "é", "\u2028\u2029\u0085", "\ufeff",
	"🐧", "\U000e0041", "{{ 1/0 }}", "{% raw %}", "${x} $(id) `id`", `"""`, `\N{DASH}`, `\u0041`, "%s {0}", strings.Repeat("x", 10_000)}

// TestQuote lets Python itself read the literals.
func TestQuote(t *testing.T) {
	texts := append([]string{}, hostile...)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		for range rng.IntN(12) {
			r := rune(rng.IntN(0x300))
			if rng.IntN(4) == 0 {
				r = rune(rng.IntN(0x110000))
			}
			if r >= 0xd800 && r < 0xe000 {
				r = '"'
			}
			b.WriteRune(r)
		}
		texts = append(texts, b.String())
	}
	var source strings.Builder
	source.WriteString("import json\nprint(json.dumps([\n")
	for _, s := range texts {
		literal := py.Quote(s)
		if strings.ContainsAny(literal, "\n\r") {
			t.Errorf("the literal of %q is not one line", s)
		}
		source.WriteString(literal + ",\n")
	}
	source.WriteString("]))\n")
	got := run(t, source.String())
	var back []string
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	for i, s := range texts {
		if back[i] != s {
			t.Errorf("Python reads %s as %q, want %q", py.Quote(s), back[i], s)
		}
	}
}

func run(t *testing.T, source string) []byte {
	t.Helper()
	cmd := exec.Command("python3", "-I", "-")
	cmd.Stdin = strings.NewReader(source)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, out)
	}
	return out
}

func TestLayout(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, c := range []struct {
		name string
		node py.Node
		want string
	}{
		{"short", py.Call("f").Arg(py.Str("a")).Kw("b", py.Atom("1")), "r = f(\"a\", b=1)\n"},
		{"long", py.Call("f").Arg(py.Str(long)).Kw("b", py.Str(long)), "r = f(\n    \"" + long + "\",\n    b=\"" + long + "\",\n)\n"},
		{"keyword", py.Call("f").Kw("class", py.Atom("1")), "r = f(**{\"class\": 1})\n"},
		{"nested", py.Call("f").Arg(py.List().Arg(py.Str(long)).Arg(py.Str(long))),
			"r = f(\n    [\n        \"" + long + "\",\n        \"" + long + "\",\n    ],\n)\n"},
		{"atom that just fits", py.Call(strings.Repeat("x", 82)), "r = " + strings.Repeat("x", 82) + "()\n"},
		{"atom that never fits", py.Str(strings.Repeat("x", 90)), "r = \"" + strings.Repeat("x", 90) + "\"\n"},
	} {
		var w py.Writer
		w.Stmt("r = ", c.node, "")
		if got := w.String(); got != c.want {
			t.Errorf("%s:\n%swant:\n%s", c.name, got, c.want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	lit := func(text string) *ir.Expr {
		return &ir.Expr{Op: ir.Lit, Type: ir.Int, Value: &ir.Value{Kind: ir.IntValue, Text: text}}
	}
	op := func(o ir.Op, typ ir.Type, args ...*ir.Expr) *ir.Expr { return &ir.Expr{Op: o, Type: typ, Args: args} }
	less := op("<", ir.Bool, lit("1"), lit("2"))
	for want, e := range map[string]*ir.Expr{
		"(1 < 2) == (1 < 2)":             op("==", ir.Bool, less, less),
		"not 1 < 2 and (1 < 2 or 1 < 2)": op("&&", ir.Bool, op("!", ir.Bool, less), op("||", ir.Bool, less, less)),
		"checked(checked(1 - 2) * -3)":   op("*", ir.Int, op("-", ir.Int, lit("1"), lit("2")), lit("-3")),
		"checked(-checked(1 + 2))":       op("-", ir.Int, op("+", ir.Int, lit("1"), lit("2"))),
		"1 if 1 < 2 else 2":              op(ir.Cond, ir.Int, less, lit("1"), lit("2")),
	} {
		if got := (&py.Printer{}).Print(e); got != want {
			t.Errorf("printed %s, want %s", got, want)
		}
	}
}
