package spec

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// Bounds on what is read, far above any real pipeline and far below what would exhaust a machine.
const (
	MaxSize  = 32 << 20 // bytes of a spec
	maxDepth = 60       // nesting of values
	// maxVisits is how often each node of a file may be visited on average: more than once only behind aliases.
	maxVisits = 20
)

// parser reads one file. Its methods add to diags and return nil or an empty value after a mistake.
type parser struct {
	src     *source
	diags   *diag.List
	budget  int // visits left
	tooMany bool
	// onKeys, if set, is told the legal keys of every mapping that is read.
	onKeys func(what string, legal []string)
}

// decode turns the text into the root node of the only document, or reports why not.
func (p *parser) decode(data []byte) *yaml.Node {
	if !utf8.Valid(data) {
		line, col := invalidUTF8(data)
		p.diags.Errorf(diag.Pos{Line: line, Col: col}, diag.BadFile, "not UTF-8 text").
			WithHelp("save the file as UTF-8")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		p.diags.Errorf(diag.Pos{}, diag.BadFile, "the file is empty").WithHelp("a pipeline has a name and steps")
		return nil
	} else if err != nil {
		p.yamlError(err)
		return nil
	}
	for {
		var other yaml.Node
		if err := dec.Decode(&other); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			p.yamlError(err)
			return nil
		}
		if len(other.Content) > 0 && (other.Content[0].Kind != yaml.ScalarNode || other.Content[0].Value != "") {
			p.diags.Errorf(p.pos(other.Content[0]), diag.BadYAML, "a second document; one file holds one pipeline").
				WithHelp("move what follows `---` into a file of its own")
			break
		}
	}
	if len(doc.Content) == 0 {
		return nil
	}
	if alias := selfContained(doc.Content[0], nil); alias != nil {
		p.diags.Errorf(p.pos(alias), diag.BadYAML, "the alias *%s is within what it stands for", alias.Value).
			WithNote(p.pos(alias.Alias), "that begins here")
		return nil
	}
	p.budget = maxVisits * (1000 + count(doc.Content[0]))
	return doc.Content[0]
}

// selfContained returns an alias of one of the nodes around it, or nil.
func selfContained(n *yaml.Node, around []*yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && slices.Contains(around, n.Alias) {
		return n
	}
	if n.Anchor != "" {
		around = append(around, n)
	}
	for _, c := range n.Content {
		if found := selfContained(c, around); found != nil {
			return found
		}
	}
	return nil
}

// count returns the number of nodes that are written out, those behind an alias once.
func count(n *yaml.Node) int {
	total := 1
	for _, c := range n.Content {
		total += count(c)
	}
	return total
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

var yamlAnchor = regexp.MustCompile(`^yaml: unknown anchor '(.*)' referenced$`)

// unknownAnchor reports an alias of what has no name; yaml.v3 does not tell its place.
func (p *parser) unknownAnchor(name string) {
	pos := diag.Pos{}
	var anchors []string
	alias := regexp.MustCompile(`(?:^|[\s\[{,])(\*` + regexp.QuoteMeta(name) + `)(?:[\s\]},]|$)`)
	for i, line := range p.src.lines {
		for _, m := range anchorName.FindAllStringSubmatch(line, -1) {
			anchors = append(anchors, m[1])
		}
		if at := alias.FindStringSubmatchIndex(line); at != nil && !pos.IsValid() {
			col := utf8.RuneCountInString(line[:at[2]]) + 1
			pos = diag.Pos{Line: i + 1, Col: col, End: col + 1 + utf8.RuneCountInString(name)}
		}
	}
	d := p.diags.Errorf(pos, diag.BadYAML, "nothing before it has the anchor &%s", name)
	if closest := diag.Closest(name, anchors); closest != "" && closest != name {
		d.Replace("*"+closest, false)
	}
}

var anchorName = regexp.MustCompile(`(?:^|[\s\[{,])&([^\s\[\]{},]+)`)

// yamlError reports what yaml.v3 says. It gives a line at best; some of its messages count from 0.
func (p *parser) yamlError(err error) {
	if m := yamlAnchor.FindStringSubmatch(err.Error()); m != nil {
		p.unknownAnchor(m[1])
		return
	}
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if m == nil {
		p.diags.Errorf(diag.Pos{}, diag.BadYAML, "not YAML: %v", err)
		return
	}
	var pos diag.Pos
	at, _ := strconv.Atoi(m[1])
	if strings.HasPrefix(m[2], "did not find expected") {
		at++ // yaml.v3's scanner counts from 1, its parser from 0
	}
	if at > 0 && at <= len(p.src.lines) {
		text := p.src.lines[at-1]
		col := len(text) - len(strings.TrimLeft(text, " ")) + 1
		pos = diag.Pos{Line: at, Col: col, End: max(col+1, utf8.RuneCountInString(text)+1)}
	}
	d := p.diags.Errorf(pos, diag.BadYAML, "not YAML: %s", m[2])
	if !pos.IsValid() {
		return
	}
	line := p.src.lines[pos.Line-1]
	switch {
	case strings.Contains(m[2], "cannot start any token") && strings.Contains(line, "\t"):
		d.WithHelp("indent with blanks: YAML takes no tabs there")
	case strings.Contains(m[2], "mapping values are not allowed") && strings.Count(line, ": ") > 1:
		d.WithHelp("put the value in quotes: without them it cannot hold a colon and a blank")
	case strings.Contains(m[2], "did not find expected") && strings.Contains(line, "list["):
		d.WithHelp("put the type in quotes, as in \"list[int]\": brackets mean something to YAML within braces")
	case strings.Contains(m[2], "did not find expected") && strings.Contains(line, "${{"):
		d.WithHelp("put the expression in quotes: braces and commas mean something to YAML here")
	}
}

func invalidUTF8(data []byte) (line, col int) {
	line, col = 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
		data = data[n:]
	}
	return line, col
}

// pos returns the place of a node.
func (p *parser) pos(n *yaml.Node) diag.Pos {
	if last := len(p.src.lines); n.Line > last { // what is empty at the end of the file
		return diag.Pos{Line: last, Col: 1}
	}
	return diag.Pos{Line: n.Line, Col: n.Column, End: p.src.end(n)}
}

// resolve follows an alias and counts the visit; nil when the bound on nodes is reached.
func (p *parser) resolve(n *yaml.Node) *yaml.Node {
	if p.budget--; p.budget < 0 {
		if !p.tooMany {
			p.tooMany = true
			p.diags.Errorf(p.pos(n), diag.BadYAML, "aliases multiply the file to over %d times its size", maxVisits).
				WithHelp("write the values out, or use fewer aliases")
		}
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// entry is one key of a mapping with its value, aliases not yet followed.
type entry struct {
	key   String
	value *yaml.Node
}

// mapping returns the entries of a mapping, merge keys (<<) spliced in, or reports that what is no mapping. A key that is
// there twice is reported.
func (p *parser) mapping(n *yaml.Node, what string) []entry {
	out, _ := p.mappingOf(n, what, 0)
	return out
}

func (p *parser) mappingOf(n *yaml.Node, what string, depth int) ([]entry, bool) {
	at := n
	if n = p.resolve(n); n == nil {
		return nil, false
	}
	if n.Kind != yaml.MappingNode {
		p.diags.Errorf(p.pos(at), diag.WrongShape, "%s must be a mapping, not %s", what, shape(n))
		return nil, false
	}
	if depth > maxDepth {
		p.diags.Errorf(p.pos(at), diag.BadYAML, "nested too deeply (over %d levels)", maxDepth)
		return nil, false
	}
	out := make([]entry, 0, len(n.Content)/2)
	seen := make(map[string]int, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.Tag == "!!merge" {
			merges = append(merges, v)
			continue
		}
		key := p.resolve(k)
		if key == nil {
			return out, true
		}
		if key.Kind != yaml.ScalarNode {
			p.diags.Errorf(p.pos(k), diag.WrongShape, "a key of %s must be a plain text, not %s", what, shape(key))
			continue
		}
		name := String{Value: key.Value, Pos: p.pos(k)}
		if first, dup := seen[name.Value]; dup {
			p.diags.Errorf(name.Pos, diag.BadYAML, "%q is there twice in %s", name.Value, what).
				WithNote(out[first].key.Pos, "the other one")
			continue
		}
		seen[name.Value] = len(out)
		out = append(out, entry{name, v})
	}
	for _, m := range merges {
		for _, e := range p.merged(m, what, depth) {
			if _, has := seen[e.key.Value]; !has {
				seen[e.key.Value] = len(out)
				out = append(out, e)
			}
		}
	}
	return out, true
}

// merged returns the entries that a merge key brings: of one mapping, or of several, the earlier ones first.
func (p *parser) merged(n *yaml.Node, what string, depth int) []entry {
	target := p.resolve(n)
	if target == nil {
		return nil
	}
	if target.Kind == yaml.SequenceNode {
		var out []entry
		for _, item := range target.Content {
			out = append(out, p.mergedOne(item, what, depth)...)
		}
		return out
	}
	return p.mergedOne(n, what, depth)
}

func (p *parser) mergedOne(n *yaml.Node, what string, depth int) []entry {
	if r := p.resolve(n); r != nil && r.Kind != yaml.MappingNode {
		p.diags.Errorf(p.pos(n), diag.WrongShape, "<< takes a mapping, or a list of mappings, not %s", shape(r))
		return nil
	}
	out, _ := p.mappingOf(n, what, depth+1)
	return out
}

// sequence returns the items of a sequence, or reports that what is none.
func (p *parser) sequence(n *yaml.Node, what string) []*yaml.Node {
	at := n
	if n = p.resolve(n); n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d := p.diags.Errorf(p.pos(at), diag.WrongShape, "%s must be a list, not %s", what, shape(n))
		if n.Kind == yaml.ScalarNode && n.Value != "" {
			d.WithHelp("write [%s]", n.Value)
		}
		return nil
	}
	return n.Content
}

// value returns data of unknown type. Tags of the user's own are refused.
func (p *parser) value(n *yaml.Node) *Value { return p.valueAt(n, 0) }

func (p *parser) valueAt(n *yaml.Node, depth int) *Value {
	at := n
	if n = p.resolve(n); n == nil {
		return &Value{}
	}
	v := &Value{Pos: p.pos(at), at: locator{p.src, n.Style}}
	if n != at { // the place is the alias; what is inside the scalar stands at the anchor
		v.at = locator{}
	}
	if depth > maxDepth {
		p.diags.Errorf(v.Pos, diag.BadYAML, "nested too deeply (over %d levels)", maxDepth)
		return v
	}
	if n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str" {
		p.diags.Errorf(v.Pos, diag.BadYAML, "the tag %s means nothing in a spec", n.Tag).WithHelp("leave it out")
	}
	switch n.Kind {
	case yaml.SequenceNode:
		v.Kind = Sequence
		for _, item := range n.Content {
			v.Items = append(v.Items, p.valueAt(item, depth+1))
		}
	case yaml.MappingNode:
		v.Kind = Mapping
		entries, _ := p.mappingOf(n, "this mapping", depth)
		for _, e := range entries {
			v.Entries = append(v.Entries, Entry{p.plainKey(e.key), p.valueAt(e.value, depth+1)})
		}
	default:
		v.Text = n.Value
		v.Plain = n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
	}
	return v
}

func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null" && n.Value == "":
		return "empty"
	}
	return strconv.Quote(shorten(n.Value))
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
