package kubeflow

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// jsonWidth is how long a line of a work file may be.
const jsonWidth = 110

// jsonNode is a piece of a work file: JSON with Argo's tags in it, laid out for readers.
type jsonNode struct {
	text  string // of a scalar: as it is printed
	open  byte   // of an object or array: { or [
	keys  []string
	items []jsonNode
}

// jsonRaw is printed as it is: a number, or one of Argo's tags.
func jsonRaw(text string) jsonNode { return jsonNode{text: text} }

func jsonString(s string) jsonNode { return jsonNode{text: jsonQuote(s)} }

func jsonObject() jsonNode { return jsonNode{open: '{'} }

func jsonArray(items ...jsonNode) jsonNode { return jsonNode{open: '[', items: items} }

func jsonStrings(texts []string) jsonNode {
	n := jsonArray()
	for _, t := range texts {
		n.items = append(n.items, jsonString(t))
	}
	return n
}

// with returns the object with one more entry.
func (n jsonNode) with(key string, value jsonNode) jsonNode {
	n.keys = append(n.keys, key)
	n.items = append(n.items, value)
	return n
}

// jsonValue is a literal of the spec. Keys keep their order.
func jsonValue(v *ir.Value) jsonNode {
	switch v.Kind {
	case ir.NullValue:
		return jsonRaw("null")
	case ir.StringValue:
		return jsonString(v.Text)
	case ir.ListValue:
		n := jsonArray()
		for i := range v.Items {
			n.items = append(n.items, jsonValue(&v.Items[i]))
		}
		return n
	case ir.MapValue:
		n := jsonObject()
		for i := range v.Map {
			n = n.with(v.Map[i].Key, jsonValue(&v.Map[i].Value))
		}
		return n
	}
	return jsonRaw(v.Text)
}

// document returns the node with one entry a line, and a final newline.
func (n jsonNode) document() string {
	var b strings.Builder
	n.writeBlock(&b, 0)
	b.WriteByte('\n')
	return b.String()
}

func (n jsonNode) write(b *strings.Builder, indent, col int) {
	if width := n.width(jsonWidth - col); len(n.items) == 0 || col+width <= jsonWidth {
		n.writeFlat(b)
		return
	}
	n.writeBlock(b, indent)
}

func (n jsonNode) writeBlock(b *strings.Builder, indent int) {
	b.WriteByte(n.open)
	for i, item := range n.items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		for range indent + 2 {
			b.WriteByte(' ')
		}
		col := indent + 2
		if n.open == '{' {
			key := jsonQuote(n.keys[i])
			b.WriteString(key + ": ")
			col += utf8.RuneCountInString(key) + 2
		}
		item.write(b, indent+2, col)
	}
	b.WriteByte('\n')
	for range indent {
		b.WriteByte(' ')
	}
	b.WriteByte(n.close())
}

func (n jsonNode) writeFlat(b *strings.Builder) {
	if n.open == 0 {
		b.WriteString(n.text)
		return
	}
	b.WriteByte(n.open)
	for i, item := range n.items {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.open == '{' {
			b.WriteString(jsonQuote(n.keys[i]) + ": ")
		}
		item.writeFlat(b)
	}
	b.WriteByte(n.close())
}

// width returns the width on one line, or something over limit.
func (n jsonNode) width(limit int) int {
	if n.open == 0 {
		return utf8.RuneCountInString(n.text)
	}
	width := 2
	for i, item := range n.items {
		if n.open == '{' {
			width += len(n.keys[i]) + 4
		}
		width += item.width(limit-width) + 2
		if width > limit {
			break
		}
	}
	return width
}

func (n jsonNode) close() byte {
	if n.open == '[' {
		return ']'
	}
	return '}'
}

// jsonQuote returns a JSON string in which Argo sees no tag, and with escapes for all that does not print.
func jsonQuote(s string) string {
	if isPlainJSON(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '{' && (strings.HasPrefix(s[i+1:], "{") || strings.HasSuffix(s[:i], "{")):
			b.WriteString(`\u007b`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isPlainJSON reports a text that needs no escapes.
func isPlainJSON(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '{' {
			return false
		}
	}
	return true
}
