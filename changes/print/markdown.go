package print

import (
	"fmt"
	"io"
	"strings"

	"github.com/zenc-dev/zenc/changes"
)

// maxMarkdown is how many bytes of a comment are written; GitHub takes 65536 characters. What has no room is counted.
const maxMarkdown = 60_000

// maxMarkdownDiff is how many lines of a script's diff are shown.
const maxMarkdownDiff = 100

// Markdown writes the report as a comment on a pull request. All that comes from specs stands in code spans and code blocks, in
// which nothing is Markdown, HTML or a mention.
func Markdown(w io.Writer, r *Report) error {
	m := &markdown{}
	m.add("### " + verdict(r) + "\n\n")
	m.add(fmt.Sprintf("From %s to %s: %s.\n", span(r.Old), span(r.New), compared(r)))
	for _, p := range r.Pipelines {
		if p.Status != Same && p.Status != Broken {
			m.pipeline(p)
		}
	}
	if m.left > 0 {
		const why = "not shown, since a comment has no room for more; `zenc diff` shows all"
		fmt.Fprintf(&m.out, "\n%s %s.\n", changes.Count(m.left, "further change"), why)
	}
	_, err := io.WriteString(w, m.out.String())
	return err
}

// verdict is the heading.
func verdict(r *Report) string {
	switch {
	case r.Status == Trouble:
		return "❌ Not all pipelines can be compared"
	case r.Status == Same:
		return "The pipelines mean the same"
	case r.Summary.Breaking > 0:
		return "⚠️ The pipelines change: " + r.Summary.String()
	}
	return "The pipelines change: " + r.Summary.String()
}

// compared counts the pipelines by what became of them.
func compared(r *Report) string {
	var parts []string
	for _, s := range []Status{Changed, Added, Removed, Trouble, Broken, Same} {
		if n := r.count(s); n > 0 {
			word := string(s)
			switch s {
			case Trouble:
				word = "not comparable"
			case Broken:
				word = "that did not compile before and does not now"
			case Same:
				word = "without a change in meaning"
			}
			parts = append(parts, changes.Count(n, "pipeline")+" "+word)
		}
	}
	if len(parts) == 0 {
		return "no pipelines"
	}
	return strings.Join(parts, ", ")
}

// markdown collects blocks until there is no room.
type markdown struct {
	out  strings.Builder
	left int // blocks that had no room
}

// add writes a block, or none of it.
func (m *markdown) add(block string) bool {
	if m.left > 0 || m.out.Len()+len(block) > maxMarkdown {
		m.left++
		return false
	}
	m.out.WriteString(block)
	return true
}

func (m *markdown) pipeline(p Pipeline) {
	where := span(p.File)
	if p.Was != "" {
		where += ", was " + span(p.Was)
	}
	head := "\n#### " + where + "\n\n"
	if p.Name != "" {
		head = "\n#### " + span(p.Name) + " in " + where + "\n\n"
	}
	if !m.add(head + sentence(headline(p)) + "\n") {
		return
	}
	for _, e := range p.Errors {
		m.add("\n- " + span(e) + "\n")
	}
	m.add("\n")
	for _, c := range p.Changes { // of the pipeline, and whole steps
		if owned(c) == "" {
			m.item(c, "")
		}
	}
	owner := ""
	for _, c := range p.Changes {
		switch of := owned(c); of {
		case "":
		case owner:
			m.item(c, "")
		default:
			owner = of
			m.item(c, "\n"+of)
		}
	}
}

// item writes an entry of the list of changes, below its head.
func (m *markdown) item(c changes.Change, head string) {
	if m.left > 0 {
		m.left++ // it need not be made
		return
	}
	m.add(head + item(c))
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// owned is the line above the changes of a step or a group.
func owned(c changes.Change) string {
	switch {
	case isWhole(c):
		return ""
	case c.Step != "":
		return "Step " + span(c.Step) + ":\n\n"
	case c.Group != "":
		return "Group " + span(c.Group) + ":\n\n"
	}
	return ""
}

// item is one entry of the list of changes.
func item(c changes.Change) string {
	line := "- " + string(c.Action)
	switch word, name := subject(c); {
	case c.Action == changes.Renamed:
	case c.Step != "" && isWhole(c):
		line += " step " + span(c.Step)
	case c.Group != "" && isWhole(c):
		line += " group " + span(c.Group)
	default:
		line += " " + code(word)
		for _, part := range []string{name, c.Field} {
			if part != "" {
				line += " " + span(part)
			}
		}
	}
	if values := spans(c); values != "" {
		line += ": " + values
	}
	if len(c.Steps) > 0 {
		line += " (of " + span(few(c.Steps)) + ")"
	}
	if c.Breaking != "" {
		line += " — ⚠️ **breaking**: " + c.Breaking
	}
	return line + "\n" + details(c.Diff)
}

// code is a word of the language, which is shown as it is; a key that is none could be anything.
func code(word string) string {
	for _, r := range word {
		if r != '_' && (r < 'a' || r > 'z') {
			return span(word)
		}
	}
	return strings.ReplaceAll(word, "_", "\\_")
}

func spans(c changes.Change) string {
	old, now := pair(c.Old, c.New)
	switch {
	case c.Old == "" && c.New == "":
		return ""
	case c.Action == changes.Added:
		return codeSpan(now)
	case c.Action == changes.Removed:
		return codeSpan(old)
	}
	return codeSpan(orEmpty(old)) + " → " + codeSpan(orEmpty(now))
}

// details is the diff of a script, closed until one opens it. Its lines belong to the entry above.
func details(diff string) string {
	if diff == "" {
		return ""
	}
	lines, more := diffLines(diff, maxMarkdownDiff)
	if more > 0 {
		lines = append(lines, "… "+changes.Count(more, "more line"))
	}
	fence := strings.Repeat("`", max(3, longestRun(strings.Join(lines, "\n"))+1))
	var out strings.Builder
	fmt.Fprintf(&out, "\n  <details><summary>lines of the script</summary>\n\n  %sdiff\n", fence)
	for _, l := range lines {
		out.WriteString("  " + l + "\n")
	}
	fmt.Fprintf(&out, "  %s\n\n  </details>\n\n", fence)
	return out.String()
}

// span is a text in a code span, cut if it is long.
func span(s string) string { return codeSpan(cut(s)) }

// codeSpan holds a line of any text: its fence has more backticks than there are in a row within.
func codeSpan(s string) string {
	if strings.TrimSpace(s) == "" {
		s = orEmpty("")
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " " // which a reader takes off again
	}
	return fence + s + fence
}

// longestRun is the length of the longest row of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
