package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// isTerminal reports whether w is a terminal that takes colour.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// terminalStyle is colour on a terminal and none elsewhere. https://no-color.org
func terminalStyle(w io.Writer) diag.Style {
	if !isTerminal(w) {
		return diag.Style{}
	}
	return diag.Style{Error: sgr("1;31"), Warning: sgr("1;33"), Note: sgr("1;36"), Place: sgr("34"), Caret: sgr("1;31"), Help: sgr("32")}
}

// sgr paints text with a rendition of a terminal. ECMA-48, SGR.
func sgr(code string) func(string) string {
	return func(s string) string { return "\x1b[" + code + "m" + s + "\x1b[0m" }
}
