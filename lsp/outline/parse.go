package outline

import (
	"slices"
	"strings"
)

// maxDepth bounds the nesting of values, far above any spec.
const maxDepth = 100

// parser reads one text from the front to the back.
type parser struct {
	text    string
	lines   []line
	pos     int
	depth   int
	anchors map[string]*Node
}

// line is where a line begins and ends, without its break.
type line struct{ start, end int }

func split(text string) []line {
	var out []line
	start := 0
	for i := 0; i < len(text); {
		n := breakAt(text, i)
		if n > 0 {
			out = append(out, line{start, i})
			start = i + n
		}
		i += max(n, 1)
	}
	return append(out, line{start, len(text)})
}

// look is a parser that looks ahead from another place.
func (p *parser) look(pos int) *parser { return &parser{text: p.text, lines: p.lines, pos: pos} }

// Parse reads a text. The result is nil if nothing is in it.
func Parse(text string) *Node {
	p := &parser{text: text, lines: split(text), anchors: map[string]*Node{}}
	p.pos += len(text) - len(strings.TrimPrefix(text, "\uFEFF"))
	for p.skipLines(); strings.HasPrefix(p.rest(), "%"); p.skipLines() { // directives
		p.pos = p.lineEnd()
	}
	if p.atMarker() {
		p.pos += 3
	}
	root := p.block(0)
	for root != nil && root.Kind == Mapping && !root.Flow { // what is indented by less than the first key
		more := p.block(0)
		if more == nil || more.Kind != Mapping {
			break
		}
		root.Entries, root.End = append(root.Entries, more.Entries...), more.End
	}
	return root
}

func (p *parser) rest() string { return p.text[p.pos:] }

func (p *parser) atEnd() bool { return p.pos >= len(p.text) }

// peek is the byte at an offset from here, 0 behind the end.
func (p *parser) peek(ahead int) byte {
	if i := p.pos + ahead; i < len(p.text) {
		return p.text[i]
	}
	return 0
}

// breakAt is the length of the line break at i, 0 if there is none.
func breakAt(text string, i int) int {
	if c := text[i]; c != '\n' && c != '\r' && c != 0xC2 && c != 0xE2 { // most bytes
		return 0
	}
	switch rest := text[i:]; {
	case strings.HasPrefix(rest, "\r\n"):
		return 2
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		return 1
	case strings.HasPrefix(rest, "\u0085"):
		return 2
	case strings.HasPrefix(rest, "\u2028"), strings.HasPrefix(rest, "\u2029"):
		return 3
	}
	return 0
}

func (p *parser) atLineEnd() bool { return p.atEnd() || breakAt(p.text, p.pos) > 0 }

// line returns the line that the place is on; its break belongs to it.
func (p *parser) line() line {
	i, found := slices.BinarySearchFunc(p.lines, p.pos, func(l line, pos int) int { return l.start - pos })
	if !found {
		i--
	}
	return p.lines[i]
}

// lineEnd is where the line ends, without its break.
func (p *parser) lineEnd() int { return p.line().end }

// lineStart is where the line begins.
func (p *parser) lineStart() int { return p.line().start }

// column is how far from the start of its line the place is.
func (p *parser) column() int {
	start := p.lineStart()
	if start == 0 && strings.HasPrefix(p.text, "\uFEFF") {
		start = len("\uFEFF")
	}
	return p.pos - start
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isSpaceAt reports a blank or the end of a line: a colon or a dash means something before those alone.
func (p *parser) isSpaceAt(i int) bool {
	return i >= len(p.text) || isBlank(p.text[i]) || breakAt(p.text, i) > 0
}

// skipBlanks goes over blanks and a comment, on this line.
func (p *parser) skipBlanks() {
	start := p.pos
	for isBlank(p.peek(0)) {
		p.pos++
	}
	if p.peek(0) == '#' && (p.pos > start || p.pos == 0 || p.isSpaceAt(p.pos-1)) {
		p.pos = p.lineEnd()
	}
}

// skipLines goes over blanks, comments and line breaks to what comes next.
func (p *parser) skipLines() {
	for {
		p.skipBlanks()
		if p.atEnd() {
			return
		}
		n := breakAt(p.text, p.pos)
		if n == 0 {
			return
		}
		p.pos += n
	}
}

// atMarker reports the line of a document's beginning or end.
func (p *parser) atMarker() bool {
	rest := p.rest()
	return (strings.HasPrefix(rest, "---") || strings.HasPrefix(rest, "...")) && p.isSpaceAt(p.pos+3) && p.column() == 0
}

func (p *parser) atDash() bool { return p.peek(0) == '-' && p.isSpaceAt(p.pos+1) }

// block reads the value that begins here or on a later line, if it is indented by at least that much; else nil.
func (p *parser) block(indent int) *Node {
	p.skipLines()
	col := p.column()
	if p.atEnd() || col < indent || p.atMarker() || p.depth > maxDepth {
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	if p.atDash() {
		return p.sequence(col)
	}
	if _, _, isKey := p.key(p.pos); isKey || p.beginsMapping(col) {
		return p.mapping(col)
	}
	return p.inline(indent - 1)
}

// beginsMapping reports a line that is no key yet, above one that is, at the same column.
func (p *parser) beginsMapping(col int) bool {
	if !isNameByte(p.peek(0)) {
		return false
	}
	after := p.look(p.lineEnd())
	after.skipLines()
	_, _, isKey := after.key(after.pos)
	return isKey && after.column() == col && !after.atDash()
}

func (p *parser) sequence(indent int) *Node {
	n := &Node{Kind: Sequence, Start: p.pos}
	for !p.atEnd() && p.column() == indent && p.atDash() {
		start := p.pos
		p.pos++
		p.skipBlanks()
		item := (*Node)(nil)
		if !p.atLineEnd() {
			item = p.properties()
		}
		if item == nil {
			item = p.block(indent + 1)
		}
		if item == nil {
			item = &Node{Start: start + 1, End: start + 1}
		}
		n.Items, n.End = append(n.Items, item), max(item.End, start+1)
		p.skipLines()
	}
	return n
}

func (p *parser) mapping(indent int) *Node {
	n := &Node{Kind: Mapping, Start: p.pos}
	for {
		p.skipLines()
		if p.atEnd() || p.column() < indent || p.atMarker() {
			return n
		}
		if p.atDash() { // belongs to nothing
			p.sequence(p.column())
			continue
		}
		e := p.entry()
		n.Entries, n.End = append(n.Entries, e), e.End
	}
}

// entry reads a key with its value; a line without a colon is a key.
func (p *parser) entry() *Entry {
	start, indent := p.pos, p.column()
	key, colon, isKey := p.key(p.pos)
	if !isKey {
		end := len(strings.TrimRight(p.text[:p.commentOrEnd()], " \t"))
		p.pos = p.lineEnd()
		return &Entry{Key: &Node{Start: start, End: end, Text: p.text[start:end]}, Start: start, End: end}
	}
	p.pos = colon + 1
	e := &Entry{Key: key, Colon: true, Start: start, End: p.pos}
	if e.Value = p.value(indent); e.Value != nil {
		e.End = max(e.End, e.Value.End)
	}
	return e
}

// commentOrEnd is where the line ends, or its comment begins.
func (p *parser) commentOrEnd() int {
	end := p.lineEnd()
	for i := p.pos + 1; i < end; i++ {
		if p.text[i] == '#' && isBlank(p.text[i-1]) {
			return i
		}
	}
	return end
}

// value reads what a key of a mapping of that indentation stands for.
func (p *parser) value(indent int) *Node {
	p.skipBlanks()
	if !p.atLineEnd() {
		if n := p.properties(); n != nil {
			return n
		}
		if !p.atLineEnd() {
			return p.inline(indent)
		}
	}
	before := p.pos
	p.skipLines()
	if !p.atEnd() && p.column() == indent && p.atDash() && p.depth <= maxDepth {
		p.depth++
		defer func() { p.depth-- }()
		return p.sequence(indent)
	}
	n := p.block(indent + 1)
	if n == nil {
		p.pos = before
	}
	return n
}

// properties goes over an anchor and a tag. It returns the alias that stands here instead, or the value behind an anchor.
func (p *parser) properties() *Node {
	anchor := ""
	for p.peek(0) == '&' || p.peek(0) == '!' {
		start := p.pos
		for !p.isSpaceAt(p.pos) {
			p.pos++
		}
		if p.text[start] == '&' {
			anchor = p.text[start+1 : p.pos]
		}
		p.skipBlanks()
	}
	if p.peek(0) == '*' {
		start := p.pos
		for p.pos++; !p.isSpaceAt(p.pos) && !strings.ContainsRune(",]}", rune(p.text[p.pos])); p.pos++ {
		}
		name := p.text[start+1 : p.pos]
		return &Node{Kind: Alias, Start: start, End: p.pos, Text: name, target: p.anchors[name]}
	}
	if anchor == "" {
		return nil
	}
	n := &Node{}
	p.anchors[anchor] = n
	v := (*Node)(nil)
	if p.atLineEnd() {
		v = p.value(p.lineIndent())
	} else {
		v = p.inline(p.lineIndent())
	}
	if v != nil {
		*n = *v
	}
	n.Anchor = anchor
	return n
}

// lineIndent is the indentation of the line.
func (p *parser) lineIndent() int {
	l := p.line()
	return l.end - l.start - len(strings.TrimLeft(p.text[l.start:l.end], " "))
}

// inline reads a value that begins on this line and is none of a block. What goes on on later lines is indented by more than
// outer.
func (p *parser) inline(outer int) *Node {
	switch c := p.peek(0); {
	case c == '{' || c == '[':
		return p.flow(outer)
	case c == '"' || c == '\'':
		return p.quoted(outer)
	case c == '|' || c == '>':
		return p.literal(outer)
	}
	return p.plain(outer)
}
