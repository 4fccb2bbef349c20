package compiler_test

import (
	"math/rand"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// tokenKinds are the sorts of token that are mutated.
var tokenKinds = []string{"key", "step", "param", "output", "element", "needs", "reference", "function", "type", "word", "duration", "cron", "timezone", "python", "indentation"}

// token is a stretch of one line of a spec.
type token struct {
	kind      string
	text      string
	line, col int    // 1-based, columns in runes
	want      string // what the finding should name
}

// mutable is a spec with the tokens that can be mutated.
type mutable struct {
	file   string
	lines  []string
	tokens map[string][]token
}

func (m *mutable) replaced(t token, by string) string {
	lines := slices.Clone(m.lines)
	line := []rune(lines[t.line-1])
	lines[t.line-1] = string(line[:t.col-1]) + by + string(line[t.col-1+utf8.RuneCountInString(t.text):])
	return strings.Join(lines, "\n")
}

func readMutable(t *testing.T, file string) *mutable {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := &mutable{file: file, lines: diag.Lines(string(data)), tokens: map[string][]token{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	m.pipeline(doc.Content[0])
	m.indentation()
	text := string(data)
	for _, kind := range []string{"step", "param", "output", "element"} { // without a reference any name will do
		m.tokens[kind] = slices.DeleteFunc(m.tokens[kind], func(t token) bool {
			within := `(\.|\bneeds: \[(.*, )?)` + t.text + `\b`
			return !regexp.MustCompile(within).MatchString(text)
		})
	}
	return m
}

// add notes a token, if the text stands at its place as it is.
func (m *mutable) add(kind, text string, line, col int) {
	at := []rune(m.lines[line-1])
	if col-1+utf8.RuneCountInString(text) > len(at) || string(at[col-1:col-1+utf8.RuneCountInString(text)]) != text || text == "" {
		return
	}
	m.tokens[kind] = append(m.tokens[kind], token{kind, text, line, col, text})
}

func (m *mutable) addNode(kind string, n *yaml.Node) {
	col := n.Column
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		col++
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		m.add(kind, n.Value, n.Line, col)
	}
}

// each calls f with the keys and values of a mapping that are written there.
func each(n *yaml.Node, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			f(n.Content[i], n.Content[i+1])
		}
	}
}

func (m *mutable) pipeline(n *yaml.Node) {
	each(n, func(k, v *yaml.Node) {
		m.addNode("key", k)
		switch k.Value {
		case "schedule", "defaults":
			m.settings(v)
		case "params":
			each(v, func(k, v *yaml.Node) {
				m.addNode("param", k)
				each(v, func(k, v *yaml.Node) {
					m.addNode("key", k)
					if k.Value == "type" {
						m.addNode("type", v)
					}
				})
			})
		case "steps", "finally":
			m.steps(v)
		case "outputs":
			each(v, func(_, v *yaml.Node) { m.expressions(v) })
		case "timeout":
			m.addNode("duration", v)
		}
	})
}

func (m *mutable) steps(n *yaml.Node) {
	each(n, func(k, v *yaml.Node) {
		m.addNode("step", k)
		each(v, func(k, v *yaml.Node) {
			m.addNode("key", k)
			m.stepValue(k.Value, v)
		})
	})
}

func (m *mutable) stepValue(key string, v *yaml.Node) {
	switch key {
	case "steps":
		m.steps(v)
	case "outputs":
		each(v, func(k, v *yaml.Node) {
			m.addNode("output", k)
			if strings.Contains(v.Value, "${{") {
				m.expressions(v)
			} else {
				m.addNode("type", v)
			}
		})
	case "with", "env", "command", "when":
		m.expressions(v)
	case "foreach":
		each(v, func(k, _ *yaml.Node) { m.addNode("element", k) })
		m.expressions(v)
	case "needs":
		for _, n := range v.Content {
			m.addNode("needs", n)
		}
	case "run_if":
		m.addNode("word", v)
	case "timeout":
		m.addNode("duration", v)
	case "python": // the module; functions are looked up in the code
		module := *v
		module.Value, _, _ = strings.Cut(v.Value, ":")
		m.addNode("python", &module)
	case "retries", "resources", "cache":
		m.settings(v)
	}
}

func (m *mutable) settings(n *yaml.Node) {
	each(n, func(k, v *yaml.Node) {
		m.addNode("key", k)
		switch k.Value {
		case "cron":
			m.addNode("cron", v)
		case "timezone":
			m.addNode("timezone", v)
		case "overlap", "catchup":
			m.addNode("word", v)
		case "delay", "max_delay", "timeout", "ttl", "every":
			m.addNode("duration", v)
		case "retries":
			m.settings(v)
		}
	})
}

var (
	expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)
	reference  = regexp.MustCompile(`\b(?:params|steps|each|run)(?:\.[a-z_][a-z0-9_]*)+`)
	function   = regexp.MustCompile(`\b([a-z]+)\(`)
)

func (m *mutable) expressions(n *yaml.Node) {
	for _, c := range n.Content {
		m.expressions(c)
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return
	}
	line := m.lines[n.Line-1]
	from := len(string([]rune(line)[:n.Column-1]))
	for _, e := range expression.FindAllStringIndex(line[from:], -1) {
		text := line[from+e[0] : from+e[1]]
		if !strings.Contains(n.Value, text) {
			continue
		}
		start := utf8.RuneCountInString(line[:from+e[0]]) + 1
		for _, r := range reference.FindAllStringIndex(text, -1) {
			at := r[0]
			for _, part := range strings.Split(text[r[0]:r[1]], ".") {
				m.add("reference", part, n.Line, start+utf8.RuneCountInString(text[:at]))
				at += len(part) + 1
			}
		}
		for _, f := range function.FindAllStringSubmatchIndex(text, -1) {
			m.add("function", text[f[2]:f[3]], n.Line, start+utf8.RuneCountInString(text[:f[2]]))
		}
	}
}

// indentation notes the blanks before each line of a block mapping.
func (m *mutable) indentation() {
	for i, line := range m.lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if indent > 0 && regexp.MustCompile(`^ *[a-z_]+:`).MatchString(line) {
			m.tokens["indentation"] = append(m.tokens["indentation"], token{"indentation", line[:indent], i + 1, 1, "indent"})
		}
	}
}

// mutate makes the slip: two letters swapped, one left out, doubled, or replaced.
func (t token) mutate(r *rand.Rand) (string, bool) {
	switch t.kind {
	case "indentation":
		return []string{t.text + " ", t.text + "  ", t.text[1:], t.text[min(2, len(t.text)):]}[r.Intn(4)], true
	case "cron":
		fields := strings.Fields(t.text)
		if len(fields) < 5 {
			return t.text + "x", true
		}
		i := r.Intn(len(fields))
		switch r.Intn(3) {
		case 0:
			fields[i] = "99"
		case 1:
			fields[i] += "x"
		default:
			fields = slices.Delete(fields, i, i+1)
		}
		return strings.Join(fields, " "), true
	}
	text := []rune(t.text)
	letters := []int{}
	for i, c := range text {
		if c >= 'a' && c <= 'z' {
			letters = append(letters, i)
		}
	}
	if len(letters) == 0 || len(text) < 2 {
		return "", false
	}
	for range 20 {
		i := letters[r.Intn(len(letters))]
		out := slices.Clone(text)
		switch r.Intn(4) {
		case 0:
			if i+1 < len(out) {
				out[i], out[i+1] = out[i+1], out[i]
			}
		case 1:
			out = slices.Delete(out, i, i+1)
		case 2:
			out = slices.Insert(out, i, out[i])
		default:
			out[i] = 'a' + (out[i]-'a'+rune(1+r.Intn(25)))%26
		}
		if s := string(out); s != t.text && s != "" {
			return s, true
		}
	}
	return "", false
}
