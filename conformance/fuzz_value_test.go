package conformance

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// hostile are strings that some reader on the way to some engine would take for something else.
var hostile = []string{"a", "b", "ab", "", "012", "1_000", "true", "null", "~", "y", "1.0", "0x1f", "{{ 1/0 }}", "{% raw %}", "{# x #}", "$(id)", "`id`", "$HOME ${x}",
	"a\nb\n", "\n", " lead and trail ", "é 🐧", "\u2028\ufeff", `'"\`, `\n`, "${{ x }}", "$${{", "it's", "%s %(a)s {0}", "#no", "- a", "a: b", "{{item}}", "{{=1+1}}",
	"a,b", "[1]", `{"a": 1}`, "\t", "</script>", "\x01\x7f", "2026-01-01", "é", "-", "*x", "&x", "!x", "@", "|"}

var (
	ints   = []string{"0", "1", "2", "3", "-1", "7", "9007199254740993", "-9007199254740993"}
	floats = []string{"0.5", "1.0", "0.1", "2.0", "-2.5", "1e+22", "1e-07", "1e+16", "100.0"}
	bools  = []string{"true", "false"}
)

var scalarTypes = []ir.Type{ir.String, ir.Int, ir.Float, ir.Bool}

// texts are the values of a scalar type that the generator knows.
func texts(t ir.Type) []string {
	switch t {
	case ir.Int:
		return ints
	case ir.Float:
		return floats
	case ir.Bool:
		return bools
	}
	return hostile
}

func pick[T any](g *generator, of []T) T { return of[g.r.IntN(len(of))] }

// distinct returns n values of a scalar type, no two alike.
func (g *generator) distinct(t ir.Type, n int) []string {
	all := texts(t)
	var out []string
	for _, i := range g.r.Perm(len(all))[:min(n, len(all))] {
		out = append(out, all[i])
	}
	return out
}

// literal writes a value into an expression.
func literal(t ir.Type, text string) string {
	if t == ir.String {
		return strconv.Quote(text)
	}
	return text
}

// data writes a value into the spec.
func data(t ir.Type, text string) *yaml.Node {
	if t == ir.String {
		return str(text)
	}
	return plain(text)
}

func dataList(t ir.Type, values []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, v := range values {
		n.Content = append(n.Content, data(t, v))
	}
	return n
}

// str is a text as it is, plain a name, number or word of the language, and template has expressions.
func str(text string) *yaml.Node { return template(escape(text)) }

func template(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
}

func escape(text string) string { return strings.ReplaceAll(text, "${{", "$${{") }

func plain(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func expression(text string) *yaml.Node { return template("${{ " + text + " }}") }

// script is a block of text.
func script(lines []string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.Join(lines, "\n") + "\n", Style: yaml.LiteralStyle}
}

func words(texts ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, t := range texts {
		n.Content = append(n.Content, plain(t))
	}
	return n
}

// mapping is a YAML map while it is made.
type mapping struct{ node *yaml.Node }

func newMapping() mapping { return mapping{&yaml.Node{Kind: yaml.MappingNode}} }

func (m mapping) set(key string, value *yaml.Node) {
	m.node.Content = append(m.node.Content, plain(key), value)
}

func (m mapping) isEmpty() bool { return len(m.node.Content) == 0 }

func (m mapping) setIfAny(key string, value mapping) {
	if !value.isEmpty() {
		m.set(key, value.node)
	}
}

// flow makes it one line.
func (m mapping) flow() *yaml.Node {
	m.node.Style = yaml.FlowStyle
	return m.node
}

// jsonData is a value of any shape, with expressions in it where there is a step for them.
func (g *generator) jsonData(c *node, depth int) *yaml.Node {
	switch g.r.IntN(6) {
	case 0:
		return plain("null")
	case 1:
		if c != nil {
			return expression(g.expr(c, pick(g, scalarTypes), 1))
		}
	case 2, 3:
		if depth > 0 {
			m := newMapping()
			for _, key := range []string{"b", "a", "{{x}}", "é"}[:1+g.r.IntN(4)] {
				m.node.Content = append(m.node.Content, str(key), g.jsonData(c, depth-1))
			}
			return m.flow()
		}
	case 4:
		if depth > 0 {
			n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for range g.r.IntN(3) {
				n.Content = append(n.Content, g.jsonData(c, depth-1))
			}
			return n
		}
	}
	t := pick(g, scalarTypes)
	return data(t, pick(g, texts(t)))
}
