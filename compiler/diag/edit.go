package diag

// Edit returns the bytes of a text that the fix replaces, and what it writes there; ok is false if the place is not in the text.
func (f *Fix) Edit(text string) (from, to int, with string, ok bool) {
	from, to, ok = f.rangeIn(text, lineStarts(text))
	if !ok {
		return 0, 0, "", false
	}
	return from, to, f.quotedAs(text[from:to]), true
}
