package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Source is the text that positions point into.
type Source struct {
	Name string // as the user wrote it
	Data []byte
}

// lines splits the source once; Render asks for a few of them.
func (s Source) lines() []string { return Lines(string(s.Data)) }

// lineBreaks are the ends of a line as YAML 1.1, and so the reader of specs, counts them.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Lines splits a spec into the lines that places in it are counted in.
func Lines(text string) []string {
	if strings.ContainsAny(text, "\r\u0085\u2028\u2029") {
		text = lineBreaks.Replace(text)
	}
	return strings.Split(text, "\n")
}

// Style paints parts of a rendered finding. The zero Style paints nothing.
type Style struct {
	Error, Warning, Note, Place, Caret, Help func(string) string
}

func paint(f func(string) string, s string) string {
	if f == nil {
		return s
	}
	return f(s)
}

// Render writes the findings, each with its place, the source line and carets below the token.
func Render(w io.Writer, src Source, list List, style Style) {
	lines := src.lines()
	for i, d := range list.Sorted() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		head := fmt.Sprintf("%s[%s]", d.Severity, d.Code)
		switch d.Severity {
		case Error:
			head = paint(style.Error, head)
		case Warning:
			head = paint(style.Warning, head)
		case Info:
			head = paint(style.Note, head)
		}
		fmt.Fprintf(w, "%s: %s\n", head, oneLine(d.Message))
		renderPlace(w, src.Name, lines, d.Pos, "", style)
		for _, n := range d.Notes {
			if n.File != "" {
				renderOther(w, n, style)
				continue
			}
			renderPlace(w, src.Name, lines, n.Pos, n.Message, style)
		}
		if d.Help != "" {
			fmt.Fprintf(w, "   = %s\n", paint(style.Help, "help: "+indentLines(d.Help, "     ")))
		}
	}
}

// renderPlace writes "--> file:line:col" and the line with carets; label is what a secondary place says.
func renderPlace(w io.Writer, name string, lines []string, pos Pos, label string, style Style) {
	if !pos.IsValid() {
		if label != "" {
			fmt.Fprintf(w, "   = note: %s\n", label)
		} else if name != "" {
			fmt.Fprintf(w, "  --> %s\n", paint(style.Place, name))
		}
		return
	}
	arrow := "-->"
	if label != "" {
		arrow = ":::"
	}
	fmt.Fprintf(w, "  %s %s\n", arrow, paint(style.Place, fmt.Sprintf("%s:%d:%d", name, pos.Line, pos.Col)))
	if pos.Line <= len(lines) {
		renderLine(w, lines[pos.Line-1], pos, label, style)
	}
}

// renderOther writes a place in another file than the spec.
func renderOther(w io.Writer, n Note, style Style) {
	fmt.Fprintf(w, "  ::: %s\n", paint(style.Place, fmt.Sprintf("%s:%d:%d", n.File, n.Pos.Line, n.Pos.Col)))
	renderLine(w, n.Line, n.Pos, n.Message, style)
}

// renderLine writes a line with carets, or with dashes and what the label says.
func renderLine(w io.Writer, line string, pos Pos, label string, style Style) {
	text := printable(strings.TrimSuffix(line, "\r"))
	runes := []rune(text)
	start := min(max(pos.Col-1, 0), len(runes))
	end := min(max(pos.End-1, start+1), len(runes))
	runes, start, end = window(runes, start, end)
	gutter := fmt.Sprint(pos.Line)
	blank := strings.Repeat(" ", len(gutter))
	carets := strings.Repeat("^", max(1, width(runes[start:max(end, start)])))
	if label != "" {
		carets = strings.Repeat("-", len(carets)) + " " + oneLine(label)
	}
	fmt.Fprintf(w, " %s |\n %s | %s\n %s | %s%s\n", blank, gutter, string(runes), blank,
		strings.Repeat(" ", width(runes[:start])), paint(style.Caret, carets))
}

// maxLine is the longest source line shown whole; of a longer one only the part around the token is.
const maxLine = 160

func window(runes []rune, start, end int) (_ []rune, newStart, newEnd int) {
	if len(runes) <= maxLine {
		return runes, start, end
	}
	from := max(0, start-maxLine/2)
	to := min(len(runes), from+maxLine)
	return runes[from:to], start - from, min(end, to) - from
}

// printable replaces what a terminal would act on: tabs by a blank, other control and bidirectional characters by U+FFFD.
func printable(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, s)
}

func oneLine(s string) string { return printable(strings.ReplaceAll(s, "\n", "\\n")) }

func indentLines(s, indent string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n"+indent)
}

// width is the number of terminal cells, close enough for carets: wide East Asian and emoji runes take two, marks none.
func width(runes []rune) int {
	n := 0
	for _, r := range runes {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me) || r == '\u200d':
		case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
			r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
			r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd):
			n += 2
		default:
			n++
		}
	}
	return n
}
