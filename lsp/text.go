package lsp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// text is the content of a document, with what it takes to go from one way of counting to another: the protocol counts lines that end
// in \n, \r\n or \r and columns in UTF-16 code units, findings count the lines of YAML, which knows more breaks, and columns in
// runes. Everything in this package counts in bytes from the start.
type text struct {
	content string
	starts  []int // of the protocol's lines
	yaml    []int // of the lines of YAML
}

func newText(content string) *text {
	t := &text{content: content, starts: []int{0}, yaml: []int{0}}
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case c == '\n', c == '\r' && !strings.HasPrefix(content[i+1:], "\n"):
			t.starts, t.yaml = append(t.starts, i+1), append(t.yaml, i+1)
		case c == 0xC2 && strings.HasPrefix(content[i:], "\u0085"):
			t.yaml = append(t.yaml, i+2)
		case c == 0xE2 && (strings.HasPrefix(content[i:], "\u2028") || strings.HasPrefix(content[i:], "\u2029")):
			t.yaml = append(t.yaml, i+3)
		}
	}
	return t
}

// line is a line of the protocol without its break.
func (t *text) line(i int) string {
	end := len(t.content)
	if i+1 < len(t.starts) {
		end = t.starts[i+1]
	}
	return strings.TrimRight(t.content[t.starts[i]:end], "\r\n")
}

// offset is the place of a position. One that is not there is the nearest one before it.
func (t *text) offset(p position) int {
	switch {
	case p.Line < 0:
		return 0
	case p.Line >= len(t.starts):
		return len(t.content)
	}
	units := 0
	line := t.line(p.Line)
	for i, r := range line {
		if units += width(r); units > p.Character {
			return t.starts[p.Line] + i
		}
	}
	return t.starts[p.Line] + len(line)
}

// position is that of a place.
func (t *text) position(offset int) position {
	offset = min(max(offset, 0), len(t.content))
	i, found := slices.BinarySearch(t.starts, offset)
	if !found {
		i--
	}
	units := 0
	for _, r := range t.content[t.starts[i]:offset] {
		units += width(r)
	}
	return position{i, units}
}

func (t *text) span(start, end int) span { return span{t.position(start), t.position(end)} }

// width is the number of UTF-16 code units of a rune. A byte that is no rune is one, as it is for a client that has replaced it.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// found is the place of a finding, from its first byte to the one behind it. Without an end it is to the end of the line.
func (t *text) found(pos diag.Pos) (start, end int) {
	if !pos.IsValid() {
		return 0, 0
	}
	at := len(t.content)
	if pos.Line <= len(t.yaml) {
		at = t.yaml[pos.Line-1]
	}
	start = t.runes(at, pos.Col-1)
	if pos.End > pos.Col {
		return start, t.runes(at, pos.End-1)
	}
	end = start
	for end < len(t.content) && t.content[end] != '\n' && t.content[end] != '\r' {
		end++
	}
	return start, start + len(strings.TrimRight(t.content[start:end], " \t"))
}

// runes is the place that many runes behind another one, on the same line.
func (t *text) runes(at, n int) int {
	for ; n > 0 && at < len(t.content) && t.content[at] != '\n' && t.content[at] != '\r'; n-- {
		_, size := utf8.DecodeRuneInString(t.content[at:])
		at += size
	}
	return at
}

// change is the content after a change.
func (t *text) change(c contentChange) string {
	if c.Range == nil {
		return c.Text
	}
	start, end := t.offset(c.Range.Start), t.offset(c.Range.End)
	if end < start {
		start, end = end, start
	}
	return t.content[:start] + c.Text + t.content[end:]
}
