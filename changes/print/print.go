// Package print shows the changes of pipelines: as text for a terminal, as JSON for programs, and as Markdown for a comment on a
// pull request.
package print

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/changes"
)

// Status says how the two versions of a pipeline, or of all of them, relate.
type Status string

// The statuses. Trouble is a version that does not compile, so that nothing can be said. Broken is a spec that compiles in neither
// version, for the same reasons.
const (
	Same    Status = "same"
	Changed Status = "changed"
	Added   Status = "added"
	Removed Status = "removed"
	Trouble Status = "trouble"
	Broken  Status = "broken"
)

// Report is what two versions of some pipelines differ in. The names of its JSON are stable.
type Report struct {
	Version   int             `json:"version"`
	Old       string          `json:"old"` // what was compared, as a user would name it
	New       string          `json:"new"`
	Status    Status          `json:"status"` // same, changed or trouble
	Summary   changes.Summary `json:"summary"`
	Pipelines []Pipeline      `json:"pipelines"`
}

// Pipeline is one pair of specs.
type Pipeline struct {
	File    string          `json:"file"`          // the spec, in the new version if it is there
	Was     string          `json:"was,omitempty"` // the spec in the old version, if it lay elsewhere
	Name    string          `json:"name"`
	Status  Status          `json:"status"`
	Summary changes.Summary `json:"summary"`
	Changes changes.Changes `json:"changes"`
	Errors  []string        `json:"errors,omitempty"` // why nothing can be said, with file and line
}

// NewReport completes what can be concluded: the sums and the status. A pipeline may have the status Broken; all others are set.
func NewReport(old, now string, pipelines []Pipeline) *Report {
	r := &Report{Version: 1, Old: old, New: now, Status: Same, Pipelines: pipelines}
	for i := range r.Pipelines {
		p := &r.Pipelines[i]
		p.conclude()
		r.Summary = r.Summary.Plus(p.Summary)
		switch {
		case p.Status == Trouble || r.Status == Trouble:
			r.Status = Trouble
		case p.Status != Same && p.Status != Broken:
			r.Status = Changed
		}
	}
	return r
}

func (p *Pipeline) conclude() {
	p.Summary = p.Changes.Summary()
	switch {
	case p.Status == Broken:
		p.Changes = changes.Changes{}
	case len(p.Errors) > 0:
		p.Status, p.Changes = Trouble, changes.Changes{}
	case len(p.Changes) == 0:
		p.Status, p.Changes = Same, changes.Changes{} // an empty list in JSON
	case p.Changes[0].Key == changes.KeyPipeline:
		p.Status = Status(p.Changes[0].Action)
	default:
		p.Status = Changed
	}
}

// count is how many pipelines have the status.
func (r *Report) count(s Status) int {
	n := 0
	for _, p := range r.Pipelines {
		if p.Status == s {
			n++
		}
	}
	return n
}

// JSON writes the report for programs.
func JSON(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// entries are the words for an entry below a key, where that is not the key itself.
var entries = map[string]string{
	"labels": "label", "params": "param", "requirements": "requirement", "with": "input", "outputs": "output", "env": "variable",
	"secrets": "secret", changes.KeyCode: "file",
}

// subject is what has changed: a word, and a name that may hold any character.
func subject(c changes.Change) (word, name string) {
	word = c.Key
	if entry, found := entries[c.Key]; found {
		word = entry
	}
	return word, c.Name
}

// maxText is how many characters of a value are shown.
const maxText = 200

// pair shortens two texts so that one sees where they differ.
func pair(old, now string) (string, string) {
	a, b := []rune(oneLine(old)), []rune(oneLine(now))
	if len(a) <= maxText && len(b) <= maxText {
		return string(a), string(b)
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	return window(a, same), window(b, same)
}

// window is the part of a text that begins a little before a place.
func window(text []rune, at int) string {
	const before = 20
	out := ""
	if at > before {
		text, out = text[at-before:], "…"
	}
	if len(text) > maxText {
		return out + string(text[:maxText]) + "…"
	}
	return out + string(text)
}

// cut is a text on one line that is not too long.
func cut(s string) string { return window([]rune(oneLine(s)), 0) }

// few lists the first names.
func few(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// oneLine makes line breaks visible and replaces what a terminal or a browser would act on.
func oneLine(s string) string {
	return printable(strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\t", " ").Replace(s))
}

// printable replaces control characters, those that turn the direction of writing and line breaks by U+FFFD.
func printable(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return '\uFFFD'
		}
		return r
	}, s)
}

// diffLines are the lines of a diff, long ones cut, and how many more there were.
func diffLines(diff string, most int) (lines []string, more int) {
	lines = strings.Split(strings.TrimSuffix(diff, "\n"), "\n")
	if len(lines) > most {
		lines, more = lines[:most], len(lines)-most
	}
	for i, l := range lines {
		lines[i] = window([]rune(printable(l)), 0)
	}
	return lines, more
}
