package signature

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// passed is an argument that the step passes: an input, or the path of a file or folder that it is to write.
type passed struct {
	name  string
	pos   diag.Pos
	value *ir.Expr // of an input; nil: an output
	typ   ir.Type
}

func (c *call) passed() []passed {
	var out []passed
	for _, in := range c.Inputs {
		out = append(out, passed{in.Name, diag.Pos(in.Pos), in.Value, in.Type})
	}
	for _, o := range c.WrittenOutputs() {
		out = append(out, passed{o.Name, diag.Pos(o.Pos), nil, o.Type})
	}
	return out
}

// parameter returns the parameter that takes an argument of that name, nil if none does.
func (c *call) parameter(name string) *Parameter {
	for i := range c.f.Parameters {
		if p := &c.f.Parameters[i]; p.Name == name && p.Kind == "any" {
			return p
		}
	}
	for i := range c.f.Parameters {
		if p := &c.f.Parameters[i]; p.Kind == "rest" {
			return p
		}
	}
	return nil
}

// arguments holds what the step passes to what the function takes.
func (c *call) arguments() {
	all := c.passed()
	var free []string // parameters that nothing is passed as
	for _, p := range c.f.Parameters {
		if p.Kind == "any" && !slices.ContainsFunc(all, func(a passed) bool { return a.name == p.Name }) {
			free = append(free, p.Name)
		}
	}
	for _, p := range c.f.Parameters {
		if p.Kind == "positional" && (p.Required || c.parameter(p.Name) == nil && slices.ContainsFunc(all, func(a passed) bool { return a.name == p.Name })) {
			c.errorf(c.body(), diag.BadCall, "%s() takes %q by its position alone, and a step passes its arguments by name", c.Function, p.Name).
				WithNoteIn(c.note(p.Place, "before the /")).WithHelp("take the / out of its parameters")
			return
		}
	}
	for _, a := range all {
		switch p := c.parameter(a.name); {
		case p == nil:
			free = c.notTaken(a, free)
		case p.Annotation != nil && !accepts(p.Annotation.Types, arrival(a.typ, a.value)):
			c.wrongType(a, p)
		}
	}
	c.needed(free)
}

// notTaken reports an argument that the function does not take, and returns the parameters that are still free: one that is meant by
// it is not reported as missing as well.
func (c *call) notTaken(a passed, free []string) []string {
	names := make([]string, len(c.f.Parameters))
	for i, p := range c.f.Parameters {
		names[i] = p.Name
	}
	takes := "it takes no arguments"
	if len(names) > 0 {
		takes = "it takes " + strings.Join(names, ", ")
	}
	message := "%s() takes no argument %q"
	if a.value == nil {
		message += ", as which the path of that output is passed"
	}
	d := c.errorf(a.pos, diag.BadCall, message, c.Function, a.name).WithNoteIn(c.note(c.f.Place, takes))
	closest := diag.Closest(a.name, free)
	if closest == "" {
		return free
	}
	d.WithHelp("did you mean %q?", closest)
	if a.value != nil && c.text(a.pos) == a.name && inputName.MatchString(closest) {
		d.Fix = &diag.Fix{Pos: a.pos, Text: closest}
	}
	return slices.DeleteFunc(free, func(name string) bool { return name == closest })
}

// needed reports those of the free parameters that have no default.
func (c *call) needed(free []string) {
	var names []string
	var first *Parameter
	for i := range c.f.Parameters {
		p := &c.f.Parameters[i]
		if !p.Required || !slices.Contains(free, p.Name) {
			continue
		}
		if first == nil {
			first = p
		}
		names = append(names, p.Name)
	}
	if first == nil {
		return
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	what := "the argument " + quoted[0] + ", which"
	if len(names) > 1 {
		what = "the arguments " + strings.Join(quoted, ", ") + ", which"
	}
	d := c.errorf(c.function(), diag.BadCall, "%s() needs %s the step does not pass", c.Function, what).
		WithNoteIn(c.note(first.Place, "it has no default"))
	for _, n := range names {
		if !inputName.MatchString(n) {
			d.WithHelp("%q cannot be the name of an input (lower-case letters, digits and _): give it another name or a default", n)
			return
		}
	}
	d.WithHelp("with: {%s: …}, or an output of that name if it is the path of a file to write", strings.Join(names, ": …, "))
}

// wrongType reports an argument of a type that contradicts the parameter's annotation.
func (c *call) wrongType(a passed, p *Parameter) {
	pos, got := a.pos, withArticle(string(a.typ))
	if a.value != nil && a.value.Pos.IsValid() {
		pos = diag.Pos(a.value.Pos)
	}
	if a.typ == ir.JSON {
		got = withArticle(literal(a.value).class)
	}
	isPath := a.typ == ir.File || a.typ == ir.Dir
	if isPath {
		got += ", which arrives as a " + pathClass
	}
	d := c.errorf(pos, diag.TypeMismatch, "the argument %q of %s() is annotated %s, and the step passes %s", a.name, c.Function, p.Annotation.Text, got).
		WithNoteIn(c.note(p.Annotation.Place, "annotated here"))
	if isPath {
		d.WithHelp("annotate it with pathlib.Path")
	}
}
