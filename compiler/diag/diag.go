// Package diag holds what zenc says about a spec: a message with a place, a code and a way out.
//
// Every stage adds to a List and goes on; nothing is lost and nothing is printed here but by Render.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Pos is a place in a spec: 1-based line and column, columns counted in runes; End is the column behind the last rune on
// that line, 0 if unknown. The zero Pos is an unknown place.
type Pos struct{ Line, Col, End int }

// IsValid reports whether the place is known.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Severity says whether a finding stops the build.
type Severity string

// The severities. A note tells what an engine does not apply; it never stops anything.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "note"
)

// Diagnostic is one finding.
type Diagnostic struct {
	Pos      Pos
	Severity Severity
	Code     Code
	Message  string // lower case, no final period, offending text quoted
	Help     string // the way out, if there is one to name
	Notes    []Note // other places that explain this one
	Fix      *Fix   // what to write instead, if that is known

	reference *reference // of a name that nothing declares
	others    []Pos      // of the same finding, before it is merged
}

// Note is a further place that explains a finding.
type Note struct {
	Pos     Pos
	Message string
	// File is another file than the spec, such as a module, as the user would name it; "": the spec. Line is then the text of the
	// line of Pos.
	File, Line string
}

// Fix replaces the text of one place of the spec.
type Fix struct {
	Pos  Pos    // with an End
	Text string // as it is written in the file
	// Safe says that the text there cannot have meant anything else, so that a program may apply it unasked.
	Safe bool
}

// WithHelp returns d with a way out.
func (d *Diagnostic) WithHelp(format string, args ...any) *Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// WithNote returns d with one more place that explains it.
func (d *Diagnostic) WithNote(pos Pos, format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, Note{Pos: pos, Message: fmt.Sprintf(format, args...)})
	return d
}

// WithNoteIn returns d with one more place that explains it, in another file; line is its text there.
func (d *Diagnostic) WithNoteIn(file, line string, pos Pos, format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, Note{Pos: pos, Message: fmt.Sprintf(format, args...), File: file, Line: line})
	return d
}

// List collects findings. The zero List is ready for use.
type List struct{ all []*Diagnostic }

// Errorf adds an error and returns it, so that help and notes can be attached.
func (l *List) Errorf(pos Pos, code Code, format string, args ...any) *Diagnostic {
	return l.add(pos, Error, code, format, args...)
}

// Warnf adds a warning.
func (l *List) Warnf(pos Pos, code Code, format string, args ...any) *Diagnostic {
	return l.add(pos, Warning, code, format, args...)
}

// Notef adds a note.
func (l *List) Notef(pos Pos, code Code, format string, args ...any) *Diagnostic {
	return l.add(pos, Info, code, format, args...)
}

func (l *List) add(pos Pos, sev Severity, code Code, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Pos: pos, Severity: sev, Code: code, Message: fmt.Sprintf(format, args...)}
	l.all = append(l.all, d)
	return d
}

// Append adds what other holds.
func (l *List) Append(other List) { l.all = append(l.all, other.all...) }

// HasErrors reports whether one of the findings stops the build.
func (l *List) HasErrors() bool {
	return slices.ContainsFunc(l.all, func(d *Diagnostic) bool { return d.Severity == Error })
}

// Len returns the number of findings, duplicates counted.
func (l *List) Len() int { return len(l.all) }

// Sorted returns the findings by place, code and message, each once. Findings without a place come first.
func (l *List) Sorted() []*Diagnostic {
	out := slices.Clone(l.all)
	slices.SortStableFunc(out, func(a, b *Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b *Diagnostic) bool {
		return a.Pos == b.Pos && a.Code == b.Code && a.Message == b.Message
	})
}
