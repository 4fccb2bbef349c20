package py

import (
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// lineWidth is ruff's default, https://docs.astral.sh/ruff/settings/#line-length.
const lineWidth = 88

// Node is a piece of Python that is printed on one line if that fits, and else one item a line: the layout of
// `ruff format`, which respects a trailing comma.
type Node struct {
	text  string // of an atom
	loose bool   // an atom that ruff would break where it does not fit: operators
	open  string // what stands before the items: "f(", "[", "{"
	items []item
	close string
	// single says that there is one item, which takes no comma.
	single bool
	// exploded says that it is never on one line.
	exploded bool
}

type item struct {
	prefix string // "name=" or `"key": `
	node   Node
}

// Atom is text that is not broken.
func Atom(text string) Node { return Node{text: text} }

// Str is a string literal.
func Str(s string) Node { return Atom(Quote(s)) }

// Subscript is x["key"], which is broken within its brackets; any other text is an atom.
func Subscript(text string) Node {
	base, key, found := strings.Cut(text, "[")
	if !found || !strings.HasSuffix(key, "]") || strings.ContainsAny(base, "( ") {
		return Atom(text)
	}
	n := Node{open: base + "[", close: "]", single: true}
	return n.add("", Atom(strings.TrimSuffix(key, "]")))
}

// Lambda is a function without a name, of one argument; its body is broken where it does not fit.
func Lambda(arg string, body Node) Node {
	body.open = "lambda " + arg + ": " + body.open
	return body
}

// Exploded prints one item a line, even where one line would do.
func (n Node) Exploded() Node {
	n.exploded = true
	return n
}

// Call is a call of f without arguments; Arg and Kw add some.
func Call(f string) Node { return Node{open: f + "(", close: ")"} }

// Arg adds a positional argument, or an item to a list.
func (n Node) Arg(arg Node) Node { return n.add("", arg) }

// Kw adds a keyword argument. A name that Python keeps for itself is passed in a mapping.
func (n Node) Kw(name string, arg Node) Node {
	if ir.IsPythonKeyword(name) {
		return n.add("**", Dict().Entry(name, arg))
	}
	return n.add(name+"=", arg)
}

// List is an empty list; Arg adds items.
func List() Node { return Node{open: "[", close: "]"} }

// Tuple is a tuple of two; Arg adds items.
func Tuple(first, second Node) Node { return Node{open: "(", close: ")"}.Arg(first).Arg(second) }

// Dict is an empty dict; Entry and Splat add to it.
func Dict() Node { return Node{open: "{", close: "}"} }

// Entry adds a key.
func (n Node) Entry(key string, value Node) Node { return n.add(Quote(key)+": ", value) }

// Splat adds the entries of another mapping.
func (n Node) Splat(value Node) Node { return n.add("**", value) }

// Len returns the number of items.
func (n Node) Len() int { return len(n.items) }

func (n Node) add(prefix string, node Node) Node {
	n.items = append(n.items[:len(n.items):len(n.items)], item{prefix, node})
	return n
}

// Literal is a value of a spec.
func Literal(v *ir.Value) Node {
	switch v.Kind {
	case ir.ListValue:
		n := List()
		for i := range v.Items {
			n = n.Arg(Literal(&v.Items[i]))
		}
		return n
	case ir.MapValue:
		n := Dict()
		for i := range v.Map {
			n = n.Entry(v.Map[i].Key, Literal(&v.Map[i].Value))
		}
		return n
	}
	return Atom(Value(v))
}

// Flat returns the node on one line.
func (n Node) Flat() string {
	var b strings.Builder
	n.flat(&b)
	return b.String()
}

func (n Node) flat(b *strings.Builder) {
	b.WriteString(n.text)
	b.WriteString(n.open)
	for i, it := range n.items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(it.prefix)
		it.node.flat(b)
	}
	b.WriteString(n.close)
}

// render writes the node, which begins at column col of a line indented by indent and is followed by after more columns.
func (n Node) render(b *strings.Builder, indent, col, after int) {
	flat := n.Flat()
	fits := col+utf8.RuneCountInString(flat)+after <= lineWidth
	if len(n.items) == 0 || fits && !n.exploded {
		b.WriteString(flat)
		return
	}
	b.WriteString(n.open)
	pad := strings.Repeat(" ", indent+4)
	for _, it := range n.items {
		b.WriteString("\n" + pad + it.prefix)
		it.node.render(b, indent+4, indent+4+utf8.RuneCountInString(it.prefix), 1)
		if !n.single {
			b.WriteString(",")
		}
	}
	b.WriteString("\n" + pad[4:] + n.close)
}

// Writer collects statements.
type Writer struct {
	b      strings.Builder
	indent int
}

// String returns what was written.
func (w *Writer) String() string { return w.b.String() }

// Indent and Dedent open and close a block.
func (w *Writer) Indent() { w.indent += 4 }

// Dedent closes a block.
func (w *Writer) Dedent() { w.indent -= 4 }

// Line writes a line as it is; an empty one is an empty line.
func (w *Writer) Line(text string) {
	if text != "" {
		w.b.WriteString(strings.Repeat(" ", w.indent))
	}
	w.b.WriteString(text + "\n")
}

// Stmt writes prefix, the node and suffix as one statement: "return ", "x = ", "with " … ":".
func (w *Writer) Stmt(prefix string, n Node, suffix string) {
	pad := strings.Repeat(" ", w.indent)
	col := w.indent + utf8.RuneCountInString(prefix)
	after := utf8.RuneCountInString(suffix)
	flat := n.Flat()
	width := utf8.RuneCountInString(flat)
	w.b.WriteString(pad + prefix)
	if len(n.items) == 0 && prefix != "" && col+width+after > lineWidth && w.indent+4+width <= lineWidth {
		w.b.WriteString("(\n" + pad + "    " + flat + "\n" + pad + ")") // as ruff does with what fits a line of its own
	} else {
		n.render(&w.b, w.indent, col, after)
	}
	w.b.WriteString(suffix)
	if n.overflows(w.indent, col, after) {
		w.b.WriteString("  # fmt: skip")
	}
	w.b.WriteString("\n")
}

// overflows reports whether rendering leaves a line with operators that is too long. Breaking it would take knowledge of
// each operator's strength; the formatter is told to let it be.
func (n Node) overflows(indent, col, after int) bool {
	if col+utf8.RuneCountInString(n.Flat())+after <= lineWidth {
		return false
	}
	for _, it := range n.items {
		if it.node.overflows(indent+4, indent+4+utf8.RuneCountInString(it.prefix), 1) {
			return true
		}
	}
	return n.loose
}

// With writes a with statement over several context managers, each with the name it is bound to or "".
func (w *Writer) With(managers []Node, names []string) {
	as := func(i int) string {
		if names[i] == "" {
			return ""
		}
		return " as " + names[i]
	}
	if len(managers) == 1 {
		w.Stmt("with ", managers[0], as(0)+":")
		return
	}
	parts := make([]string, len(managers))
	for i, m := range managers {
		parts[i] = m.Flat() + as(i)
	}
	if line := "with " + strings.Join(parts, ", ") + ":"; w.indent+utf8.RuneCountInString(line) <= lineWidth {
		w.Line(line)
		return
	}
	w.Line("with (")
	w.Indent()
	for i, m := range managers {
		w.Stmt("", m, as(i)+",")
	}
	w.Dedent()
	w.Line("):")
}
