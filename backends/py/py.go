// Package py prints Python: literals and the expressions of a spec. What it prints is laid out as `ruff format` would.
//
// Text reaches Python through Quote alone.
package py

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// Quote returns a Python string literal, with double quotes unless that needs more escapes than single ones.
func Quote(s string) string {
	quote := '"'
	if strings.Count(s, `"`) > strings.Count(s, `'`) {
		quote = '\''
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r >= 0x20 && r != 0x7f && unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// Value returns the literal of a value.
func Value(v *ir.Value) string {
	switch v.Kind {
	case ir.NullValue:
		return "None"
	case ir.BoolValue:
		if v.Text == "true" {
			return "True"
		}
		return "False"
	case ir.IntValue:
		return v.Text
	case ir.FloatValue:
		return strings.Replace(v.Text, "e+", "e", 1) // as ruff format writes it
	case ir.StringValue:
		return Quote(v.Text)
	case ir.ListValue:
		items := make([]string, len(v.Items))
		for i := range v.Items {
			items[i] = Value(&v.Items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	items := make([]string, len(v.Map))
	for i := range v.Map {
		items[i] = Quote(v.Map[i].Key) + ": " + Value(&v.Map[i].Value)
	}
	return "{" + strings.Join(items, ", ") + "}"
}
