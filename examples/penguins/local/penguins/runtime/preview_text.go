package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// shownLines is how many lines of a script a preview has.
const shownLines = 8

// Write writes the preview in a format: text, or json, which is one document.
func (p *Preview) Write(w io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(p)
	}
	_, err := io.WriteString(w, p.text())
	return err
}

func (p *Preview) text() string {
	var t previewText
	t.line(0, "%s: a dry run, nothing is started and no file is made", p.Pipeline)
	if p.Resumed != "" {
		t.line(1, "goes on with the run %s", p.Resumed)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Params)) {
		t.line(1, "params.%s = %s", name, short(p.Params[name]))
	}
	for _, note := range p.Notes {
		t.line(1, "note: %s", note)
	}
	count := map[Outlook]int{}
	for i := range p.Steps {
		count[p.Steps[i].Outlook]++
		t.step(&p.Steps[i])
	}
	var parts []string
	for _, o := range []struct {
		outlook Outlook
		words   string
	}{{WillRun, "would run"}, {MayRun, "may run"}, {WillNotRun, "would not run"}, {Taken, "taken as they ended"}} {
		if n := count[o.outlook]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o.words))
		}
	}
	if parts == nil {
		parts = []string{"none"}
	}
	t.line(0, "steps: %s", strings.Join(parts, ", "))
	return t.b.String()
}

// previewText is the text of a preview, line by line.
type previewText struct{ b strings.Builder }

func (t *previewText) line(indent int, format string, args ...any) {
	fmt.Fprintf(&t.b, "%s%s\n", strings.Repeat("    ", indent), Printable(fmt.Sprintf(format, args...)))
}

func (t *previewText) step(s *StepPreview) {
	head := s.Name + ": "
	switch s.Outlook {
	case WillNotRun:
		t.line(0, "%s%s: %s", head, s.State, s.Reason)
		return
	case Taken:
		if head += string(s.State); s.Reason != "" {
			head += ": " + s.Reason
		}
		if s.From != "" && s.State == Succeeded {
			head += " (from the run " + s.From + ")"
		}
		t.line(0, "%s", head)
		return
	}
	switch {
	case s.Kind == "gate":
		head += "group"
	case s.Kind == "command" && s.Instances == nil:
		head += s.Kind + commandText(s.Command)
	case s.Kind == "python":
		head += s.Kind + " " + s.What
	default:
		head += s.Kind
	}
	if s.Outlook == MayRun {
		head += ", " + s.Reason
	}
	t.line(0, "%s", head)
	if s.Kind == "run" {
		lines := strings.Split(strings.TrimRight(s.What, "\n"), "\n")
		for _, text := range lines[:min(len(lines), shownLines)] {
			t.line(1, "| %s", text)
		}
		if more := len(lines) - shownLines; more > 0 {
			t.line(1, "| … and %d more lines", more)
		}
	}
	t.needs(s)
	if s.When != nil {
		t.line(1, "when = %s", s.When)
	}
	for _, each := range s.Foreach {
		t.line(1, "foreach %s in %s", each.Name, &each)
	}
	for _, secret := range s.Secrets {
		t.line(1, "secret %s (%s)", secret.Name, secret.Ref)
	}
	t.arguments(1, &s.Arguments)
	t.instances(s)
}

func (t *previewText) needs(s *StepPreview) {
	switch {
	case s.Finally && s.Needs == nil:
		t.line(1, "when all others have ended")
	case s.Needs != nil && s.RunIf != "":
		t.line(1, "needs %s (run_if: %s)", strings.Join(s.Needs, ", "), s.RunIf)
	case s.Needs != nil:
		t.line(1, "needs %s", strings.Join(s.Needs, ", "))
	}
}

func (t *previewText) instances(s *StepPreview) {
	if s.Count == nil {
		return
	}
	if s.Done > 0 {
		t.line(1, "instances: %d, of which %d have ended before", *s.Count, s.Done)
	} else {
		t.line(1, "instances: %d", *s.Count)
	}
	for i, in := range s.Instances {
		var each []string
		for _, name := range slices.Sorted(maps.Keys(in.Each)) {
			each = append(each, name+" = "+short(in.Each[name]))
		}
		head := fmt.Sprintf("[%d] %s", i, strings.Join(each, ", "))
		if s.Kind == "command" {
			head += ":" + commandText(in.Command)
		}
		if in.When != nil && in.When.Value != nil && in.When.Value.Any == false {
			t.line(1, "%s: skipped: its condition is false", head)
			continue
		}
		t.line(1, "%s", head)
		if in.When != nil && in.When.Value == nil {
			t.line(2, "when = %s", in.When)
		}
		t.arguments(2, &in.Arguments)
	}
	if more := *s.Count - len(s.Instances); more > 0 {
		t.line(1, "… and %d more", more)
	}
}

func (t *previewText) arguments(indent int, a *Arguments) {
	for _, in := range a.With {
		t.line(indent, "with %s = %s", in.Name, &in)
	}
	for _, v := range a.Env {
		t.line(indent, "env %s = %s", v.Name, &v)
	}
}

// commandText is a command's program and arguments, with a blank before each.
func commandText(argv []Shown) string {
	var b strings.Builder
	for _, arg := range argv {
		b.WriteByte(' ')
		text := arg.String()
		if arg.Value != nil {
			if s, ok := arg.Value.Any.(string); ok && s != "" && !strings.ContainsAny(s, " \t\n\"'$") {
				text = s
			}
		}
		b.WriteString(text)
	}
	return b.String()
}

// String is the value in short, or the expression.
func (s *Shown) String() string {
	switch {
	case s.Error != "":
		return "${{ " + s.Expression + " }}, which has no value: " + s.Error
	case s.Value == nil:
		return "${{ " + s.Expression + " }}"
	}
	return short(s.Value.Any)
}
