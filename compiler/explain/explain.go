// Package explain has a page for each code of a finding: what it says, why zenc refuses that, a wrong example and a right one.
package explain

import (
	"embed"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
)

//go:embed pages/*.md
var pages embed.FS

// Page explains a code.
type Page struct {
	Code    diag.Code
	Summary string // its first sentence, which is the only one of its first paragraph; one line
	Text    string // the whole page, in Markdown
}

// Find returns the page of a code.
func Find(code diag.Code) (Page, bool) {
	text, err := pages.ReadFile("pages/" + string(code) + ".md")
	if err != nil {
		return Page{}, false
	}
	return Page{Code: code, Summary: summary(string(text)), Text: string(text)}, true
}

// All returns the pages, sorted by their codes.
func All() []Page {
	entries, err := pages.ReadDir("pages")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	out := make([]Page, 0, len(entries))
	for _, e := range entries {
		page, _ := Find(diag.Code(strings.TrimSuffix(e.Name(), ".md")))
		out = append(out, page)
	}
	return out
}

// Codes returns all codes that have a page, sorted.
func Codes() []string {
	var out []string
	for _, page := range All() {
		out = append(out, string(page.Code))
	}
	return out
}

// Normalize returns the code that is meant by what people paste: error[unknown-key], the line of a finding, other case.
func Normalize(text string) diag.Code {
	if _, after, found := strings.Cut(text, "["); found {
		text = after
	}
	text, _, _ = strings.Cut(text, "]")
	text = strings.ToLower(strings.Trim(text, " \t\n:"))
	return diag.Code(strings.ReplaceAll(text, "_", "-"))
}

// summary is the first paragraph below the title, in one line.
func summary(text string) string {
	_, rest, _ := strings.Cut(text, "\n\n")
	paragraph, _, _ := strings.Cut(rest, "\n\n")
	return strings.Join(strings.Fields(paragraph), " ")
}
