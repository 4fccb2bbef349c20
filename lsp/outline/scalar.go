package outline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// isNameByte reports what the names of a spec are made of.
func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// key reads the key at i, which has a colon on the same line: the place of that.
func (p *parser) key(i int) (key *Node, colon int, ok bool) {
	if i >= len(p.text) {
		return nil, 0, false
	}
	start := i
	switch c := p.text[i]; c {
	case '"', '\'':
		q := p.look(i)
		n := q.quoted(oneLine)
		for i = n.End; i < len(p.text) && isBlank(p.text[i]); i++ {
		}
		if i < len(p.text) && p.text[i] == ':' && p.isSpaceAt(i+1) && n.End > start+1 && p.text[n.End-1] == c {
			return n, i, true
		}
		return nil, 0, false
	case '{', '[', '|', '>', '}', ']', ',', '#', '@', '`', '%', '&', '!':
		return nil, 0, false
	}
	for ; i < len(p.text) && breakAt(p.text, i) == 0; i++ {
		switch {
		case p.text[i] == ':' && p.isSpaceAt(i+1):
			end := start + len(strings.TrimRight(p.text[start:i], " \t"))
			return &Node{Start: start, End: end, Text: p.text[start:end]}, i, true
		case p.text[i] == '#' && i > start && isBlank(p.text[i-1]):
			return nil, 0, false
		}
	}
	return nil, 0, false
}

// isNameKey reports that a key with a name of a spec begins here: nobody writes that into the middle of a text.
func (p *parser) isNameKey() bool {
	i := p.pos
	for ; i < len(p.text) && (isNameByte(p.text[i]) || p.text[i] == '-'); i++ {
	}
	return i > p.pos && i < len(p.text) && p.text[i] == ':' && p.isSpaceAt(i+1)
}

// crossLine goes from the end of a line to the next one that is not empty. It reports false, without going there, if that is not a
// part of a value which an outer key has: there the next key begins.
func (p *parser) crossLine(outer int) bool {
	next := p.look(p.pos)
	for {
		for isBlank(next.peek(0)) {
			next.pos++
		}
		if next.atEnd() {
			return false
		}
		n := breakAt(p.text, next.pos)
		if n == 0 {
			break
		}
		next.pos += n
	}
	if next.column() <= outer && next.isNameKey() || next.atMarker() {
		return false
	}
	p.pos = next.pos
	return true
}

// plain reads a text without quotes, with the lines that go on with it.
func (p *parser) plain(outer int) *Node {
	n := &Node{Start: p.pos}
	var c content
	for {
		start := p.pos
		p.pos = p.commentOrEnd()
		isComment := p.peek(0) == '#'
		end := start + len(strings.TrimRight(p.text[start:p.pos], " \t"))
		c.append(p.text[start:end], start)
		p.pos = p.lineEnd()
		mark := p.pos
		if isComment || !p.crossLine(oneLine) || p.column() <= outer || p.peek(0) == '#' {
			p.pos = mark
			return n.fill(c, end)
		}
		c.add(" ", mark)
	}
}

// content is the text of a scalar while it is put together, with the place of each byte in the source.
type content struct {
	text []byte
	at   []int
}

// append adds text that stands at a place of the source as it is.
func (c *content) append(text string, at int) {
	c.text = append(c.text, text...)
	for i := range len(text) {
		c.at = append(c.at, at+i)
	}
}

// add adds text that something of another length, at one place of the source, stands for.
func (c *content) add(text string, at int) {
	c.text = append(c.text, text...)
	for range len(text) {
		c.at = append(c.at, at)
	}
}

func (n *Node) fill(c content, end int) *Node {
	n.Text, n.at, n.End = string(c.text), c.at, end
	return n
}

// quoted reads a text in quotes. One that is not closed ends with its first line.
func (p *parser) quoted(outer int) *Node {
	quote := p.peek(0)
	n := &Node{Start: p.pos, Style: SingleQuoted}
	if quote == '"' {
		n.Style = DoubleQuoted
	}
	var c content
	firstEnd, firstLen := p.lineEnd(), -1
	for p.pos++; ; {
		switch at := p.pos; {
		case p.atLineEnd():
			if firstLen < 0 {
				firstLen = len(c.text)
			}
			if outer == oneLine || !p.crossLine(outer) {
				p.pos = firstEnd
				return n.fill(content{c.text[:firstLen], c.at[:firstLen]}, firstEnd)
			}
			c.add(" ", at)
		case p.peek(0) == quote && quote == '\'' && p.peek(1) == '\'':
			c.add("'", at)
			p.pos += 2
		case p.peek(0) == quote:
			c.at = append(c.at, at) // the end of the text stands before the quote
			p.pos++
			return n.fill(c, p.pos)
		case p.peek(0) == '\\' && quote == '"' && p.pos+1 < len(p.text) && breakAt(p.text, p.pos+1) == 0:
			c.add(p.escape(), at)
		default:
			c.append(p.text[at:at+1], at)
			p.pos++
		}
	}
}

// oneLine is an outer indentation that no line goes on from.
const oneLine = 1 << 30

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '0': "\x00", 'a': "\a", 'b': "\b", 'e': "\x1b", 'f': "\f", 'v': "\v", '_': "\u00a0", 'N': "\u0085", 'L': "\u2028", 'P': "\u2029"}

// escape reads what a backslash stands for.
func (p *parser) escape() string {
	c := p.peek(1)
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	p.pos += 2
	if digits > 0 && p.pos+digits <= len(p.text) {
		code, err := strconv.ParseUint(p.text[p.pos:p.pos+digits], 16, 32)
		if err == nil && utf8.ValidRune(rune(code)) {
			p.pos += digits
			return string(rune(code))
		}
	}
	if text, ok := escapes[c]; ok {
		return text
	}
	return string(c)
}

// literal reads the text behind | or >: the lines that are indented by more than outer. Lines are not folded.
func (p *parser) literal(outer int) *Node {
	n := &Node{Start: p.pos, Style: Block}
	var c content
	p.pos = p.lineEnd()
	last, indent := p.pos, -1
	for !p.atEnd() {
		mark := p.pos
		p.pos += breakAt(p.text, p.pos)
		start, end := p.pos, p.lineEnd()
		blanks := len(p.text[start:end]) - len(strings.TrimLeft(p.text[start:end], " "))
		if start+blanks < end {
			if blanks <= outer {
				p.pos = mark
				break
			}
			if indent < 0 {
				indent = blanks
			}
			last = end
		}
		cut := min(start+max(indent, 0), end)
		c.append(p.text[cut:end], cut)
		c.add("\n", end)
		p.pos = end
	}
	return n.fill(c, last)
}
