package print

import (
	"fmt"
	"io"
	"strings"

	"github.com/zenc-dev/zenc/changes"
)

// Style paints parts of the text. The zero Style paints nothing.
type Style struct {
	Added, Removed, Changed, Breaking, Head func(string) string
}

func paint(f func(string) string, s string) string {
	if f == nil {
		return s
	}
	return f(s)
}

// maxTextDiff is how many lines of a script's diff a terminal is given.
const maxTextDiff = 200

// Text writes the report for people at a terminal. Pipelines that mean the same are only counted.
func Text(w io.Writer, r *Report, style Style) {
	t := &text{w, style}
	for _, p := range r.Pipelines {
		if p.Status != Same {
			t.pipeline(p)
		}
	}
	if n := r.count(Same); n > 0 || r.Status == Same {
		fmt.Fprintf(w, "%s without a change in meaning\n", changes.Count(n, "pipeline"))
	}
}

type text struct {
	w     io.Writer
	style Style
}

func (t *text) pipeline(p Pipeline) {
	where := oneLine(p.File)
	if p.Was != "" {
		where += " (was " + oneLine(p.Was) + ")"
	}
	fmt.Fprintf(t.w, "%s: %s\n", paint(t.style.Head, where), headline(p))
	owner := ""
	for _, c := range p.Changes {
		indent := "  "
		if of := ownerOf(c); of != "" && !isWhole(c) {
			if of != owner {
				fmt.Fprintf(t.w, "  %s\n", of)
			}
			owner, indent = of, "    "
		}
		t.change(c, indent)
	}
}

// headline is the line about a pipeline.
func headline(p Pipeline) string {
	switch p.Status {
	case Trouble:
		return "it cannot be compared"
	case Broken:
		return "it does not compile, as before, and was not compared"
	case Added, Removed:
		return "the pipeline is " + string(p.Status)
	}
	return p.Summary.String()
}

// ownerOf is the step or group that a change is one of.
func ownerOf(c changes.Change) string {
	switch {
	case c.Step != "":
		return "step " + oneLine(c.Step)
	case c.Group != "":
		return "group " + oneLine(c.Group)
	}
	return ""
}

// isWhole reports that a step or a group as a whole was added or removed.
func isWhole(c changes.Change) bool {
	return (c.Key == changes.KeyStep || c.Key == changes.KeyGroup) && c.Action != changes.Renamed
}

func (t *text) change(c changes.Change, indent string) {
	mark, color := "~", t.style.Changed
	switch c.Action {
	case changes.Added:
		mark, color = "+", t.style.Added
	case changes.Removed:
		mark, color = "-", t.style.Removed
	}
	line := paint(color, mark+" "+title(c))
	if values := t.values(c); values != "" {
		line += ": " + values
	}
	if len(c.Steps) > 0 {
		line += " (of " + oneLine(few(c.Steps)) + ")"
	}
	if c.Breaking != "" {
		line += "  " + paint(t.style.Breaking, "[breaking: "+c.Breaking+"]")
	}
	fmt.Fprintf(t.w, "%s%s\n", indent, line)
	if c.Diff != "" {
		t.diff(c.Diff, indent+"    ")
	}
}

// title is what has changed.
func title(c changes.Change) string {
	switch word, name := subject(c); {
	case c.Action == changes.Renamed:
		return "renamed"
	case isWhole(c):
		return ownerOf(c)
	default:
		return strings.TrimSpace(strings.Join(strings.Fields(word+" "+cut(name)+" "+cut(c.Field)), " "))
	}
}

func (t *text) values(c changes.Change) string {
	old, now := pair(c.Old, c.New)
	switch {
	case c.Action == changes.Added:
		return now
	case c.Action == changes.Removed:
		return old
	case c.Old == "" && c.New == "":
		return ""
	}
	return orEmpty(old) + " → " + orEmpty(now)
}

func orEmpty(s string) string {
	if s == "" {
		return "(empty)"
	}
	return s
}

func (t *text) diff(diff, indent string) {
	lines, more := diffLines(diff, maxTextDiff)
	for _, l := range lines {
		color := t.style.Changed
		switch l[:min(1, len(l))] {
		case "+":
			color = t.style.Added
		case "-":
			color = t.style.Removed
		case "@":
			color = t.style.Head
		default:
			color = nil
		}
		fmt.Fprintln(t.w, indent+paint(color, l))
	}
	if more > 0 {
		fmt.Fprintf(t.w, "%s… %s\n", indent, changes.Count(more, "more line"))
	}
}
