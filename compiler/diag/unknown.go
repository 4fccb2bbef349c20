package diag

import (
	_ "embed" // the usual words
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Name is a name that is declared in the spec. Its place may be unknown: that of a function of the language.
type Name struct {
	Value string
	Pos   Pos
}

// reference is what a finding knows about a name that nothing declares.
type reference struct {
	name    string
	known   []Name // that it may have meant
	closest Name   // which of those it most likely did; the zero Name if there is none
}

// Unknown adds an error about a name that nothing declares, with the declared one that comes closest.
func (l *List) Unknown(pos Pos, name string, known []Name, format string, args ...any) *Diagnostic {
	return l.Errorf(pos, UnknownName, format, args...).refersTo(name, known)
}

// UnknownVariable adds a warning of a name in a script for which the step has nothing. The name is written in capitals there.
func (l *List) UnknownVariable(pos Pos, name string, known []Name, format string, args ...any) *Diagnostic {
	d := l.Warnf(pos, UnknownVariable, format, args...).refersTo(name, known)
	if d.Fix != nil {
		d.Fix.Text = strings.ToUpper(d.Fix.Text)
	}
	return d
}

func (d *Diagnostic) refersTo(name string, known []Name) *Diagnostic {
	values := make([]string, len(known))
	for i, k := range known {
		values[i] = k.Value
	}
	d.reference = &reference{name: name, known: known}
	c := Closest(name, values)
	if c == "" {
		return d.Suggest(name, values)
	}
	d.reference.closest = known[slices.Index(values, c)]
	return d.Replace(c, !d.reference.closest.Pos.IsValid())
}

// MergeUnknown makes one finding of all that have one cause: a name that nothing declares, and that is referred to at several
// places. If the name is rather the right one, and its declaration is misspelt, the finding moves there: nothing else refers to that
// (isUsed tells), and there are several references, or the text has the name elsewhere.
func (l *List) MergeUnknown(text string, isUsed func(Pos) bool) {
	first := map[string]*Diagnostic{}
	var causes []*Diagnostic
	kept := l.all[:0]
	for _, d := range l.all {
		if d.reference == nil {
			kept = append(kept, d)
			continue
		}
		key := d.cause()
		if cause := first[key]; cause != nil {
			cause.others = append(cause.others, d.Pos)
			if d.Severity == Error {
				cause.Severity, cause.Code = d.Severity, d.Code
			}
			continue
		}
		first[key] = d
		causes = append(causes, d)
		kept = append(kept, d)
	}
	l.all = kept
	var words []string
	for _, d := range causes {
		declared := d.reference.closest
		if declared.Pos.IsValid() && !isUsed(declared.Pos) {
			if words == nil {
				words = wordsOf(text)
			}
			if d.isDeclarationWrong(declared, words) {
				d.moveTo(declared)
				continue
			}
			d.WithNote(declared.Pos, "nothing refers to this one")
		}
		for _, pos := range d.others {
			d.WithNote(pos, "here, too")
		}
	}
}

// cause tells findings of one cause from others: the same name for what is declared at one place, or else the same words in one scope.
func (d *Diagnostic) cause() string {
	if declared := d.reference.closest; declared.Pos.IsValid() {
		return fmt.Sprint(d.reference.name, declared.Pos)
	}
	key := fmt.Sprintf("%s among %d", d.Message, len(d.reference.known))
	if len(d.reference.known) > 0 {
		key += fmt.Sprint(d.reference.known[0].Pos)
	}
	return key
}

// isDeclarationWrong weighs how often the two spellings are in the text, beside the references and the declaration.
func (d *Diagnostic) isDeclarationWrong(declared Name, words []string) bool {
	references := 1 + len(d.others)
	wanted, written := differing(d.reference.name, declared.Value)
	forName, forDeclared := -references, -1
	for _, w := range words {
		if w == wanted {
			forName++
		}
		if w == written {
			forDeclared++
		}
	}
	switch {
	case forName != forDeclared:
		return forName > forDeclared
	case isWord(wanted) != isWord(written):
		return isWord(wanted)
	}
	return references > 1
}

// usualWords are words of programs and of pipelines, a line each: of two spellings that differ by a slip, the one that is among them is
// the right one.
//
//go:embed words.txt
var usualWords string

func isWord(s string) bool { return strings.Contains(usualWords, "\n"+s+"\n") }

// moveTo lets the finding be about the declaration.
func (d *Diagnostic) moveTo(declared Name) {
	name, places := d.reference.name, append([]Pos{d.Pos}, d.others...)
	d.Message = fmt.Sprintf("nothing refers to %q, and %q is referred to, which is not there", declared.Value, name)
	d.Pos, d.Notes = declared.Pos, nil
	d.Replace(name, false)
	for _, pos := range places {
		d.WithNote(pos, "here")
	}
}

// differing returns the parts of two names, between their underscores, in which they differ; the whole names if they have other
// numbers of parts.
func differing(a, b string) (string, string) {
	x, y := wordsOf(a), wordsOf(b)
	if len(x) == len(y) {
		for i := range x {
			if x[i] != y[i] {
				return x[i], y[i]
			}
		}
	}
	return strings.ToLower(a), strings.ToLower(b)
}

// wordsOf splits a text into words of letters and digits, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
