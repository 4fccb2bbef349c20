package spec

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// source is the text of a spec, split into lines once.
type source struct{ lines []string }

// locator finds places within a scalar.
type locator struct {
	src   *source
	style yaml.Style
}

// from returns the line's text from a column (1-based, in runes) on.
func (s *source) from(line, col int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	text := s.lines[line-1]
	for ; col > 1 && text != ""; col-- {
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	return text
}

// end returns the column behind a node's last rune, 0 if the node does not end on its first line.
func (s *source) end(n *yaml.Node) int {
	switch {
	case n.Kind == yaml.AliasNode:
		return n.Column + 1 + utf8.RuneCountInString(n.Value)
	case n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 0
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return n.Column + quotedLen(s.from(n.Line, n.Column))
	case strings.HasPrefix(s.from(n.Line, n.Column), n.Value):
		return n.Column + utf8.RuneCountInString(n.Value)
	}
	return 0
}

// quotedLen returns the number of runes of the quoted scalar that text begins with, 0 if it does not end in text.
func quotedLen(text string) int {
	quote, length, escaped := rune(0), 0, false
	for i, r := range text {
		length++
		switch {
		case i == 0:
			quote = r
		case escaped:
			escaped = false
		case r == '\\' && quote == '"':
			escaped = true
		case r == quote && quote == '\'' && strings.HasPrefix(text[i+1:], "'"):
			escaped = true // a doubled quote
		case r == quote:
			return length
		}
	}
	return 0
}

// locate returns the place of the rune at offset in v.Text, or the zero Pos where it cannot be told.
func (l locator) locate(v *Value, offset int) diag.Pos {
	if l.src == nil {
		return diag.Pos{}
	}
	switch {
	case l.style&yaml.LiteralStyle != 0:
		return l.inBlock(v, offset)
	case l.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return l.inQuotes(v, offset)
	case strings.HasPrefix(l.src.from(v.Pos.Line, v.Pos.Col), v.Text):
		return diag.Pos{Line: v.Pos.Line, Col: v.Pos.Col + offset}
	}
	return diag.Pos{}
}

// inBlock finds the place in a literal block, whose lines stand as they are, indented alike.
func (l locator) inBlock(v *Value, offset int) diag.Pos {
	before := string([]rune(v.Text)[:offset])
	down := strings.Count(before, "\n")
	line := v.Pos.Line + 1 + down
	if line > len(l.src.lines) {
		return diag.Pos{}
	}
	text := strings.Split(v.Text, "\n")[down]
	raw := strings.TrimSuffix(l.src.lines[line-1], "\r")
	indent, found := strings.CutSuffix(raw, text)
	if !found {
		return diag.Pos{}
	}
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return diag.Pos{Line: line, Col: utf8.RuneCountInString(indent) + col + 1}
}

// inQuotes walks the quoted text and counts an escape as the one rune that it stands for.
func (l locator) inQuotes(v *Value, offset int) diag.Pos {
	raw := []rune(l.src.from(v.Pos.Line, v.Pos.Col))
	if len(raw) == 0 {
		return diag.Pos{}
	}
	i := 1
	for range offset {
		if i >= len(raw) {
			return diag.Pos{} // the scalar goes on on the next line
		}
		switch {
		case raw[0] == '\'' && raw[i] == '\'':
			i += 2
		case raw[0] == '"' && raw[i] == '\\' && i+1 < len(raw):
			i += 2 + map[rune]int{'x': 2, 'u': 4, 'U': 8}[raw[i+1]]
		default:
			i++
		}
	}
	if i >= len(raw) {
		return diag.Pos{}
	}
	return diag.Pos{Line: v.Pos.Line, Col: v.Pos.Col + i}
}
