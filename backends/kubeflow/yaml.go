package kubeflow

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineWidth is how long a line may be for a collection in flow style.
const lineWidth = 120

// node is a piece of YAML. Large pipelines make a million of them; the encoder of yaml.v3 takes seconds for that.
type node struct {
	kind    nodeKind
	text    string            // of a scalar: as it is printed; of a literal: the value
	keys    []string          // of a map
	items   []*node           // of a map: the values; of a list: the elements
	count   int               // of a sequence: the number of its elements
	at      func(i int) *node // of a sequence: makes an element; called by several goroutines
	comment string            // printed above the node where it is an entry of a block
	block   bool              // never in flow style
}

type nodeKind int

const (
	scalarNode nodeKind = iota
	literalNode
	mapNode
	listNode
	seqNode
)

// str is a string.
func str(s string) *node { return &node{text: quote(s)} }

// number is an int as it is printed.
func number(n int64) *node { return &node{text: strconv.FormatInt(n, 10)} }

// boolean is true or false.
func boolean(b bool) *node { return &node{text: strconv.FormatBool(b)} }

// plain is a scalar that is printed as it is: a number or another value that is no string.
func plain(text string) *node { return &node{text: text} }

// block is a string of several lines, in literal style where that keeps every byte.
func block(s string) *node {
	if !fitsLiteral(s) {
		return str(s)
	}
	return &node{kind: literalNode, text: s}
}

// list is a sequence.
func list(items ...*node) *node { return &node{kind: listNode, items: items} }

// sequence is a list of so many nodes that they are made when they are written, on all processors, and not kept.
func sequence(count int, at func(i int) *node) *node {
	return &node{kind: seqNode, count: count, at: at, block: true}
}

// strs is a list of strings.
func strs(texts []string) *node {
	n := list()
	for _, t := range texts {
		n.items = append(n.items, str(t))
	}
	return n
}

// object is an empty map; set adds to it.
func object() *node { return &node{kind: mapNode} }

// set adds an entry, or replaces the value of one that is there. An empty map or list is left out.
func (n *node) set(key string, value *node) *node {
	if value == nil || (value.kind == mapNode || value.kind == listNode) && len(value.items) == 0 {
		return n
	}
	return n.put(key, value)
}

// put is set where empty maps and lists mean something (emptyDir: {}).
func (n *node) put(key string, value *node) *node {
	if i := slices.Index(n.keys, key); i >= 0 {
		n.items[i] = value
	} else {
		n.append(key, value)
	}
	return n
}

// append is put for a key that is not there yet: a large map is not searched for it.
func (n *node) append(key string, value *node) {
	n.keys = append(n.keys, key)
	n.items = append(n.items, value)
}

// get returns the value of a key, or nil.
func (n *node) get(key string) *node {
	if i := slices.Index(n.keys, key); i >= 0 {
		return n.items[i]
	}
	return nil
}

// add appends to a list.
func (n *node) add(item *node) { n.items = append(n.items, item) }

// spread returns the node such that it is printed one entry a line, however short it is.
func (n *node) spread() *node {
	n.block = true
	return n
}

// commented returns the node with a comment above it.
func (n *node) commented(text string) *node {
	n.comment = text
	return n
}

// document writes the node as a YAML document without its separator.
func (n *node) document(b *bytes.Buffer) { n.writeMap(b, 0, false) }

// write writes what follows "key:" or "-", with the line's end. col is where the text begins, indent that of the parent.
func (n *node) write(b *bytes.Buffer, indent, col int) {
	switch n.kind {
	case literalNode:
		b.WriteByte(' ')
		n.writeLiteral(b, indent+2)
		return
	case seqNode:
		b.WriteByte('\n')
		n.writeSequence(b, indent+2)
		return
	case mapNode, listNode:
		if width, ok := n.flowWidth(lineWidth - col); !ok || col+width > lineWidth {
			b.WriteByte('\n')
			if n.kind == mapNode {
				n.writeMap(b, indent+2, false)
			} else {
				n.writeList(b, indent+2, false)
			}
			return
		}
	}
	b.WriteByte(' ')
	n.writeFlow(b)
	b.WriteByte('\n')
}

// writeMap writes a block; inItem says that the cursor stands behind a "- ".
func (n *node) writeMap(b *bytes.Buffer, indent int, inItem bool) {
	for i, key := range n.keys {
		if i > 0 || !inItem {
			writeComment(b, n.items[i].comment, indent)
			writeIndent(b, indent)
		}
		k := quote(key)
		b.WriteString(k)
		b.WriteByte(':')
		n.items[i].write(b, indent, indent+len(k)+2)
	}
}

// writeList writes a block, as writeMap does.
func (n *node) writeList(b *bytes.Buffer, indent int, inItem bool) {
	for i, item := range n.items {
		if i > 0 || !inItem {
			writeComment(b, item.comment, indent)
			writeIndent(b, indent)
		}
		b.WriteByte('-')
		width, ok := item.flowWidth(lineWidth - indent)
		switch fits := ok && indent+2+width <= lineWidth; {
		case fits || item.kind != mapNode && item.kind != listNode:
			item.write(b, indent, indent+2)
		case item.kind == mapNode:
			b.WriteByte(' ')
			item.writeMap(b, indent+2, true)
		default:
			b.WriteByte(' ')
			item.writeList(b, indent+2, true)
		}
	}
}

// writeSequence writes the elements of a sequence in parts, which are put together in their order.
func (n *node) writeSequence(b *bytes.Buffer, indent int) {
	const part = 128 // elements
	parts := make([]bytes.Buffer, (n.count+part-1)/part)
	inParallel(len(parts), func(i int) {
		for j := i * part; j < min(n.count, (i+1)*part); j++ {
			list(n.at(j)).spread().writeList(&parts[i], indent, false)
		}
	})
	for i := range parts {
		b.Write(parts[i].Bytes())
	}
}

// flowWidth returns the width of the node in flow style; ok is false where it has none or exceeds limit.
func (n *node) flowWidth(limit int) (width int, ok bool) {
	if n.block || n.kind == literalNode {
		return 0, false
	}
	if n.kind == scalarNode {
		return utf8.RuneCountInString(n.text), true
	}
	width = 2
	for i, item := range n.items {
		w, ok := item.flowWidth(limit - width)
		if !ok || item.comment != "" {
			return 0, false
		}
		width += w + 2
		if n.kind == mapNode {
			width += len(n.keys[i]) + 2
		}
		if width > limit {
			return 0, false
		}
	}
	return width, true
}

func (n *node) writeFlow(b *bytes.Buffer) {
	switch n.kind {
	case scalarNode:
		b.WriteString(n.text)
		return
	case mapNode:
		b.WriteByte('{')
	case listNode:
		b.WriteByte('[')
	}
	for i, item := range n.items {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.kind == mapNode {
			b.WriteString(quote(n.keys[i]) + ": ")
		}
		item.writeFlow(b)
	}
	if n.kind == mapNode {
		b.WriteByte('}')
	} else {
		b.WriteByte(']')
	}
}

func (n *node) writeLiteral(b *bytes.Buffer, indent int) {
	b.WriteByte('|')
	text := n.text
	switch {
	case strings.HasSuffix(text, "\n\n"):
		b.WriteByte('+')
	case !strings.HasSuffix(text, "\n"):
		b.WriteByte('-')
	}
	b.WriteByte('\n')
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if line != "" {
			writeIndent(b, indent)
			b.WriteString(line)
		}
		b.WriteByte('\n')
	}
}

func writeIndent(b *bytes.Buffer, indent int) {
	for range indent {
		b.WriteByte(' ')
	}
}

// writeComment writes text as comment lines. What could end a line is taken out.
func writeComment(b *bytes.Buffer, text string, indent int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		writeIndent(b, indent)
		line = strings.Map(func(r rune) rune {
			if r == '\t' || !isPrintable(r) {
				return ' '
			}
			return r
		}, line)
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
}

// fitsLiteral reports whether every reader gets s back from a literal block: its lines break at \n alone, and its first
// line shows the indentation.
func fitsLiteral(s string) bool {
	if s == "" || s[0] == ' ' || s[0] == '\t' || s[0] == '\n' || !strings.Contains(s, "\n") {
		return false
	}
	for _, r := range s {
		if r != '\n' && !isPrintable(r) {
			return false
		}
	}
	return true
}

// isPrintable reports what YAML 1.1 and 1.2 take as it is within a line.
func isPrintable(r rune) bool {
	if r < 0x80 {
		return r >= ' ' && r < 0x7f || r == '\t'
	}
	return unicode.IsPrint(r) && r != utf8.RuneError
}

// quote returns a scalar that YAML 1.1 and 1.2 both read as the string s.
func quote(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case isPrintable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// words are what YAML 1.1 reads as a bool or null, in lower case. https://yaml.org/type/bool.html
var words = []string{"false", "n", "no", "null", "off", "on", "true", "y", "yes"}

// isPlain reports whether s may stand without quotes in block and in flow style: it begins as no number, date or
// indicator does, and has nothing that ends a scalar.
func isPlain(s string) bool {
	if s == "" || !(isLetter(s[0]) || s[0] == '_' || s[0] == '/') && !isQuantity(s) || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c), c >= '0' && c <= '9', strings.IndexByte("_-./+&|()@=;$ ", c) >= 0:
		case c == ':' && i+1 < len(s) && s[i+1] != ' ':
		default:
			return false
		}
	}
	return len(s) > len("false") || !slices.Contains(words, strings.ToLower(s))
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// isQuantity reports a number with a unit, such as 30s or 4Gi.
func isQuantity(s string) bool {
	unit := strings.TrimLeft(s, "0123456789")
	return unit != s && slices.Contains([]string{"s", "m", "h", "Ki", "Mi", "Gi", "Ti"}, unit)
}
