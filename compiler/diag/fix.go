package diag

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ApplyFixes returns the text with what the findings say to write instead where that is safe, and how many of them it did.
func ApplyFixes(text string, list List) (string, int) {
	var fixes []*Fix
	for _, d := range list.Sorted() {
		if d.Fix != nil && d.Fix.Safe {
			fixes = append(fixes, d.Fix)
		}
	}
	slices.SortStableFunc(fixes, func(a, b *Fix) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	starts := lineStarts(text)
	var out strings.Builder
	done, applied := 0, 0 // bytes of text
	for _, f := range fixes {
		from, to, ok := f.rangeIn(text, starts)
		if !ok || from < done {
			continue // what overlaps is left for the next time
		}
		out.WriteString(text[done:from])
		out.WriteString(f.quotedAs(text[from:to]))
		done = to
		applied++
	}
	out.WriteString(text[done:])
	return out.String(), applied
}

// quotedAs returns the new text in the quotes of the old one.
func (f *Fix) quotedAs(old string) string {
	if len(old) > 1 && (old[0] == '"' || old[0] == '\'') && old[len(old)-1] == old[0] && !strings.ContainsAny(f.Text, `"'\`) {
		return old[:1] + f.Text + old[:1]
	}
	return f.Text
}

// rangeIn returns the bytes that are replaced.
func (f *Fix) rangeIn(text string, starts []int) (from, to int, ok bool) {
	if f.Pos.Line < 1 || f.Pos.Line > len(starts) || f.Pos.End < f.Pos.Col {
		return 0, 0, false
	}
	from = runesOn(text, starts[f.Pos.Line-1], f.Pos.Col-1)
	to = runesOn(text, from, f.Pos.End-f.Pos.Col)
	return from, to, true
}

// runesOn returns the offset n runes behind another one.
func runesOn(text string, offset, n int) int {
	for ; n > 0 && offset < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

// lineStarts returns the offset of each line as Lines counts them.
func lineStarts(text string) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case r == '\r' && i < len(text) && text[i] == '\n':
		case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			starts = append(starts, i)
		}
	}
	return starts
}
