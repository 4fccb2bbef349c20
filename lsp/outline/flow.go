package outline

import "strings"

// flow reads a mapping in braces, or a sequence in brackets. One that is not closed ends where the next key begins that is
// indented by no more than outer.
func (p *parser) flow(outer int) *Node {
	n := &Node{Kind: Mapping, Start: p.pos, Flow: true}
	if p.peek(0) == '[' {
		n.Kind = Sequence
	}
	p.pos++
	n.End = p.pos
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return n
	}
	defer func() { p.depth-- }()
	for {
		if !p.skipFlow(outer) {
			return n
		}
		switch c := p.peek(0); {
		case c == '}' || c == ']':
			p.pos++
			n.End = p.pos
			return n
		case c == ',' || c == ':':
			p.pos++
			n.End = p.pos
		case n.Kind == Sequence:
			item := p.flowItem(outer)
			n.Items, n.End = append(n.Items, item), max(item.End, n.End)
		default:
			e := p.flowEntry(outer)
			n.Entries, n.End = append(n.Entries, e), max(e.End, n.End)
		}
	}
}

// skipFlow goes over blanks, comments and lines; false at the end of the value that is not closed.
func (p *parser) skipFlow(outer int) bool {
	for {
		p.skipBlanks()
		if p.atEnd() {
			return false
		}
		if breakAt(p.text, p.pos) == 0 {
			return true
		}
		if !p.crossLine(outer) {
			return false
		}
	}
}

// flowItem reads an item of a sequence. A pair, [a: 1], is a mapping of one entry.
func (p *parser) flowItem(outer int) *Node {
	n := p.flowValue(outer)
	mark := p.pos
	if p.skipBlanks(); n.Kind != Scalar || p.peek(0) != ':' {
		p.pos = mark
		return n
	}
	e := p.afterKey(n, outer)
	return &Node{Kind: Mapping, Flow: true, Start: e.Start, End: e.End, Entries: []*Entry{e}}
}

func (p *parser) flowEntry(outer int) *Entry {
	key := p.flowValue(outer)
	mark := p.pos
	if p.skipBlanks(); p.peek(0) != ':' {
		p.pos = mark
		return &Entry{Key: key, Start: key.Start, End: key.End}
	}
	return p.afterKey(key, outer)
}

// afterKey reads the colon and the value of a key.
func (p *parser) afterKey(key *Node, outer int) *Entry {
	p.pos++
	e := &Entry{Key: key, Colon: true, Start: key.Start, End: p.pos}
	mark := p.pos
	if !p.skipFlow(outer) || strings.IndexByte(",}]", p.peek(0)) >= 0 {
		e.End = p.pos // what is typed behind the colon belongs to it
		if p.pos > p.lineEndAfter(mark) {
			e.End = mark
		}
		return e
	}
	e.Value = p.flowValue(outer)
	e.End = e.Value.End
	return e
}

// lineEndAfter is the end of the line that a place is on.
func (p *parser) lineEndAfter(at int) int {
	return p.look(at).lineEnd()
}

func (p *parser) flowValue(outer int) *Node {
	switch c := p.peek(0); {
	case c == '{' || c == '[':
		return p.flow(outer)
	case c == '"' || c == '\'':
		return p.quoted(outer)
	case c == '&' || c == '!' || c == '*':
		return p.flowProperties(outer)
	}
	return p.flowPlain()
}

func (p *parser) flowProperties(outer int) *Node {
	start := p.pos
	for p.pos++; !p.isSpaceAt(p.pos) && strings.IndexByte(",]}:", p.text[p.pos]) < 0; p.pos++ {
	}
	name := p.text[start+1 : p.pos]
	if p.text[start] == '*' {
		return &Node{Kind: Alias, Start: start, End: p.pos, Text: name, target: p.anchors[name]}
	}
	n := &Node{Start: p.pos, End: p.pos}
	if p.text[start] == '&' {
		p.anchors[name] = n
	}
	if p.depth++; p.skipFlow(outer) && strings.IndexByte(",]}", p.peek(0)) < 0 && p.depth <= maxDepth {
		*n = *p.flowValue(outer)
	}
	p.depth--
	return n
}

// flowPlain reads a text without quotes, on one line. An expression in it is taken whole, though YAML would not: that it needs
// quotes is what the compiler says.
func (p *parser) flowPlain() *Node {
	start, end := p.pos, p.lineEnd()
	for p.pos < end {
		if strings.HasPrefix(p.rest(), "${{") {
			p.pos += 3
			if i := strings.Index(p.text[p.pos:end], "}}"); i >= 0 {
				p.pos += i + 2
			}
			continue
		}
		c := p.text[p.pos]
		if strings.IndexByte(",]}{[", c) >= 0 && p.pos > start || c == ',' || c == '}' || c == ']' ||
			c == ':' && (p.isSpaceAt(p.pos+1) || strings.IndexByte(",]}", p.peek(1)) >= 0) ||
			c == '#' && p.pos > start && isBlank(p.text[p.pos-1]) {
			break
		}
		p.pos++
	}
	text := strings.TrimRight(p.text[start:p.pos], " \t")
	if p.pos == start { // nothing that could be read: go on behind it
		p.pos++
		text = p.text[start:p.pos]
	}
	return &Node{Start: start, End: start + len(text), Text: text}
}
