package expr

import (
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// What follows is for editors, which ask about expressions that are being typed: nothing here needs one that can be parsed.

// Function is a function of the language.
type Function struct {
	Name, Takes, Gives, Description string
}

// Functions lists the functions, by name.
func Functions() []Function {
	out := make([]Function, len(functionNames))
	for i, name := range functionNames {
		out[i] = functionHelp[name]
		out[i].Name, out[i].Takes = name, takes[name]
	}
	return out
}

var functionHelp = map[string]Function{
	"float":  {Gives: "float", Description: "The number as a float; a string must be one."},
	"int":    {Gives: "int", Description: "The number as an int; a string must be one."},
	"json":   {Gives: "json", Description: "What the JSON text says."},
	"len":    {Gives: "int", Description: "The number of characters of a string, or of elements."},
	"lower":  {Gives: "string", Description: "The text in lower case."},
	"max":    {Gives: "int or float", Description: "The greatest of the numbers."},
	"min":    {Gives: "int or float", Description: "The least of the numbers."},
	"string": {Gives: "string", Description: "The text form of the value."},
	"sum":    {Gives: "int or float", Description: "The sum of the numbers."},
	"trim":   {Gives: "string", Description: "The text without blanks at its ends."},
	"upper":  {Gives: "string", Description: "The text in upper case."},
}

// Name is a word that means something in an expression.
type Name struct{ Name, Description string }

// Roots lists what a reference begins with.
func Roots() []Name {
	return []Name{
		{"params", "The parameters of the run: params.NAME."},
		{"steps", "The outputs of other steps: steps.STEP.OUTPUT. It makes this step need that one."},
		{"each", "The element of the foreach: each.NAME."},
		{"run", "The run itself: run.id, run.date, run.interval.start, run.interval.end; in finally run.status."},
		{"outputs", "In command: outputs.NAME is the path to write an output to."},
	}
}

// RunField is a field of run.
type RunField struct {
	Name, Description string
	Nullable          bool
	Finally           bool // it is there in the steps of finally alone
}

// RunFields lists the fields of run.
func RunFields() []RunField {
	out := []RunField{{Name: "status", Description: "succeeded or failed: how the other steps have ended.", Finally: true}}
	for _, f := range runFields {
		out = append(out, RunField{Name: f.name, Description: runHelp[f.name], Nullable: f.nullable})
	}
	return out
}

var runHelp = map[string]string{
	"id":             "The name of the run, another one for each.",
	"date":           "The moment that started the run, in UTC: 2026-01-01T02:00:00Z.",
	"interval.start": "The beginning of the period since the previous firing; null for a run by hand.",
	"interval.end":   "The end of the period since the previous firing; null for a run by hand.",
}

// TypeOf names the type of an expression, and where nulls may be in it.
func TypeOf(e *ir.Expr) string {
	switch {
	case e == nil:
		return ""
	case e.Nullable && e.Type != ir.Null:
		return string(e.Type) + ", or null"
	case e.NullableItems:
		return string(e.Type) + ", elements may be null"
	}
	return string(e.Type)
}

// Span is a stretch of a text, in bytes.
type Span struct{ Start, End int }

// Spans finds the expressions in a text: what stands between ${{ and }}. One that is not closed ends with its line.
func Spans(text string) []Span {
	var out []Span
	for at := 0; ; {
		i := strings.Index(text[at:], "${{")
		if i < 0 {
			return out
		}
		start := at + i + 3
		if i := start - 3; i > 0 && text[i-1] == '$' { // an escape
			at = start
			continue
		}
		end, closed := closing(text[start:])
		if !closed {
			if end = strings.IndexByte(text[start:], '\n'); end < 0 {
				end = len(text) - start
			}
			if i := strings.Index(text[start:start+end], "}}"); i >= 0 { // a quote or bracket is open
				end = i
			}
		}
		out = append(out, Span{start, start + end})
		at = start + end
	}
}

// Chain is a reference in an expression, such as steps.a.b, or the name of a function. The last part of one that is being typed may
// be empty.
type Chain struct {
	Parts []Part
	Call  bool // a parenthesis follows
}

// Part is a name in a chain, with its place.
type Part struct {
	Text string
	Span
}

// Chains finds the references in the text of an expression, which need not be one that can be parsed.
func Chains(src string) []Chain {
	var out []Chain
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '"' || c == '\'' || c == '`':
			n := stringEnd(src[i:])
			if n < 0 {
				return out
			}
			i += n
		case isLetter(c):
			chain := chainAt(src, i)
			i = chain.Parts[len(chain.Parts)-1].End
			rest := strings.TrimLeft(src[i:], " \t\n")
			chain.Call = len(chain.Parts) == 1 && strings.HasPrefix(rest, "(")
			out = append(out, chain)
		case c >= '0' && c <= '9', c == '.': // a number, or a field of what stands before
			for i++; i < len(src) && (isLetter(src[i]) || src[i] >= '0' && src[i] <= '9'); i++ {
			}
		default:
			i++
		}
	}
	return out
}

func chainAt(src string, i int) Chain {
	var out Chain
	for {
		start := i
		for i < len(src) && (isLetter(src[i]) || src[i] >= '0' && src[i] <= '9') {
			i++
		}
		out.Parts = append(out.Parts, Part{src[start:i], Span{start, i}})
		if i >= len(src) || src[i] != '.' || i == start {
			return out
		}
		i++
	}
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
