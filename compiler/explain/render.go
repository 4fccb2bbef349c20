package explain

import (
	"fmt"
	"io"
	"strings"
)

// Style paints parts of what is printed. The zero Style paints nothing.
type Style struct {
	Title, Heading, Code func(string) string
}

func paint(f func(string) string, s string) string {
	if f == nil {
		return s
	}
	return f(s)
}

// Render writes a page as text: headings without their signs, examples indented.
func Render(w io.Writer, page Page, style Style) {
	inExample := false
	for line := range strings.Lines(page.Text) {
		line = strings.TrimSuffix(line, "\n")
		title, isTitle := strings.CutPrefix(line, "# ")
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch {
		case strings.HasPrefix(line, "```"):
			inExample = !inExample
		case inExample && line != "":
			fmt.Fprintln(w, "    "+paint(style.Code, line))
		case isTitle && !inExample:
			fmt.Fprintln(w, paint(style.Title, title))
		case isHeading && !inExample:
			fmt.Fprintln(w, paint(style.Heading, heading))
		default:
			fmt.Fprintln(w, inline(line, style))
		}
	}
}

// RenderList writes a line for each page.
func RenderList(w io.Writer, all []Page, style Style) {
	width := 0
	for _, page := range all {
		width = max(width, len(page.Code))
	}
	for _, page := range all {
		code := string(page.Code)
		fmt.Fprintf(w, "%s%s  %s\n", paint(style.Title, code), strings.Repeat(" ", width-len(code)), inline(page.Summary, style))
	}
}

// inline paints what stands in backquotes, and leaves them out; without a style they stay, since they say what is text of a spec.
func inline(line string, style Style) string {
	if style.Code == nil {
		return line
	}
	parts := strings.Split(line, "`")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = paint(style.Code, parts[i])
	}
	return strings.Join(parts, "")
}

// WriteMarkdownList writes a list with a line for each page. Where they lie, seen from the list, is dir; "": no links.
func WriteMarkdownList(w io.Writer, all []Page, dir string) {
	for _, page := range all {
		code := fmt.Sprintf("`%s`", page.Code)
		if dir != "" {
			code = fmt.Sprintf("[%s](%s/%s.md)", code, dir, page.Code)
		}
		fmt.Fprintf(w, "- %s: %s\n", code, page.Summary)
	}
}
