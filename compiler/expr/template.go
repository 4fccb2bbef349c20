// Package expr reads ${{ … }} and gives it a type.
//
// Syntax and precedence are those of https://expr-lang.org (its parser is used); what is legal and what it means is
// zenc's own, stricter, language: see docs/language.md.
package expr

import (
	"strings"
	"unicode/utf8"
)

// part is a stretch of a template: literal text, or the source of one expression.
type part struct {
	text   string // literal, escapes undone; or the expression without ${{ and }}
	isExpr bool
	at     int // rune offset of text in the template
}

// hasExpr reports whether text holds something that split would treat: ${{ or its escape.
func hasExpr(text string) bool { return strings.Contains(text, "${{") }

// split cuts a template into parts. ok is false when an expression is not closed; open is then its rune offset.
func split(text string) (parts []part, open int, ok bool) {
	var lit strings.Builder
	at, runes := 0, 0 // where lit began, and how many runes are done
	flush := func() {
		if lit.Len() > 0 {
			parts = append(parts, part{text: lit.String(), at: at})
			lit.Reset()
		}
	}
	rest := text
	for {
		i := strings.Index(rest, "${{")
		if i < 0 {
			lit.WriteString(rest)
			flush()
			return parts, 0, true
		}
		if i > 0 && rest[i-1] == '$' { // the escape $${{
			lit.WriteString(rest[:i-1])
			lit.WriteString("${{")
			runes += utf8.RuneCountInString(rest[:i+3])
			rest = rest[i+3:]
			continue
		}
		lit.WriteString(rest[:i])
		flush()
		runes += utf8.RuneCountInString(rest[:i])
		body := rest[i+3:]
		end, closed := closing(body)
		if !closed {
			return parts, runes, false
		}
		parts = append(parts, part{text: body[:end], isExpr: true, at: runes + 3})
		runes += 3 + utf8.RuneCountInString(body[:end]) + 2
		rest = body[end+2:]
		at = runes
	}
}

// closing returns the offset of the first }} outside the expression's own strings and brackets.
func closing(body string) (end int, ok bool) {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '"', '\'', '`':
			n := stringEnd(body[i:])
			if n < 0 {
				return 0, false
			}
			i += n - 1
		case '(', '[', '{':
			depth++
		case ')', ']':
			depth--
		case '}':
			if depth <= 0 && strings.HasPrefix(body[i:], "}}") {
				return i, true
			}
			depth--
		}
	}
	return 0, false
}

// stringEnd returns the length of the string literal that s begins with, -1 if it is not closed.
func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return -1
}
