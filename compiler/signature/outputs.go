package signature

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// outputs holds what the function returns to the outputs that the step declares.
func (c *call) outputs() {
	if c.f.Gives != "" {
		c.notRun()
		return
	}
	outputs := c.ReturnedOutputs()
	switch {
	case len(outputs) == 0:
	case c.f.ReturnsNothing && !canBe([]Type{{Name: "None"}}, outputs[0].Type),
		c.f.ReturnsNothing && len(outputs) > 1:
		c.errorf(diag.Pos(outputs[0].Pos), diag.BadReturn, "%s() returns nothing, and the step has the output %q", c.Function, outputs[0].Name).
			WithNoteIn(c.note(c.f.Place, "there is no return in it"))
	case len(outputs) == 1:
		c.one(outputs[0])
	default:
		c.several(outputs)
	}
}

// notRun reports a function whose call does not run it.
func (c *call) notRun() {
	d := c.errorf(c.function(), diag.BadReturn, "calling %s() gives %s: nothing of it would run", c.Function, withArticle(c.f.Gives))
	if c.f.Gives == "generator" {
		d.WithNoteIn(c.note(c.f.Place, "there is a yield in it")).WithHelp("return a list, or what it computes in the end")
		return
	}
	d.WithNoteIn(c.note(c.f.Place, "it is async")).WithHelp("name a plain function that calls asyncio.run(…)")
}

func withArticle(noun string) string {
	if strings.ContainsRune("aio", rune(noun[0])) { // an async generator, an int, an object
		return "an " + noun
	}
	return "a " + noun
}

// one holds the function to a single output, which is what it returns.
func (c *call) one(o ir.Output) {
	if r := c.f.Returns; r != nil && !canBe(r.Types, o.Type) {
		c.errorf(diag.Pos(o.Pos), diag.TypeMismatch, "the output %q is of the type %s, and %s() is annotated to return %s", o.Name, o.Type, c.Function, r.Text).
			WithNoteIn(c.note(r.Place, "annotated here"))
		return
	}
	if len(c.f.Mappings) > 0 && !canBe([]Type{{Name: "dict"}}, o.Type) {
		d := c.errorf(diag.Pos(o.Pos), diag.TypeMismatch, "the output %q is of the type %s, and %s() returns a mapping", o.Name, o.Type, c.Function).
			WithNoteIn(c.note(c.f.Mappings[0].Place, "this one"))
		if slices.Contains(c.f.Mappings[0].Keys, o.Name) {
			d.WithHelp("a step with one output returns its value, and not a mapping with its name")
		}
	}
}

// several holds the function to outputs that it returns as a mapping.
func (c *call) several(outputs []ir.Output) {
	if r := c.f.Returns; r != nil {
		values, may := isMapping(r.Types)
		if !may {
			c.errorf(c.function(), diag.BadReturn, "%s() is annotated to return %s, and the outputs want a mapping with the keys %s", c.Function, r.Text, quotedNames(outputs)).
				WithNoteIn(c.note(r.Place, "annotated here")).WithHelp("return {%s: …}", strings.ReplaceAll(quotedNames(outputs), ", ", ": …, "))
			return
		}
		for _, o := range outputs {
			if !canBe(values, o.Type) {
				c.errorf(diag.Pos(o.Pos), diag.TypeMismatch, "the output %q is of the type %s, and %s() is annotated to return %s", o.Name, o.Type, c.Function, r.Text).
					WithNoteIn(c.note(r.Place, "annotated here"))
			}
		}
	}
	if c.allWrong(outputs) {
		c.keys(outputs, c.f.Mappings[0])
	}
}

// allWrong reports whether each return has a literal mapping, and none of them fits.
func (c *call) allWrong(outputs []ir.Output) bool {
	return len(c.f.Mappings) > 0 && !slices.ContainsFunc(c.f.Mappings, func(m Mapping) bool {
		missing, extra := difference(outputs, m)
		return len(missing)+len(extra) == 0
	})
}

// keys reports what a mapping has too few and too many.
func (c *call) keys(outputs []ir.Output, m Mapping) {
	missing, extra := difference(outputs, m)
	for _, o := range missing {
		d := c.errorf(diag.Pos(o.Pos), diag.BadReturn, "%s() returns no %q", c.Function, o.Name).
			WithNoteIn(c.note(m.Place, "what it returns"))
		if closest := diag.Closest(o.Name, extra); closest != "" {
			d.WithHelp("it returns %q: is that meant?", closest)
			extra = slices.DeleteFunc(extra, func(key string) bool { return key == closest })
		}
	}
	for _, key := range extra {
		c.errorf(c.function(), diag.BadReturn, "%s() returns %q, which is no output of the step", c.Function, key).
			WithNoteIn(c.note(m.Place, "what it returns")).WithHelp("declare it, with its type: outputs: {%s: …}", key)
	}
}

// difference is which outputs are not among the keys of a mapping, and which keys are no outputs.
func difference(outputs []ir.Output, m Mapping) (missing []ir.Output, extra []string) {
	for _, o := range outputs {
		if !slices.Contains(m.Keys, o.Name) {
			missing = append(missing, o)
		}
	}
	for _, key := range m.Keys {
		if !slices.ContainsFunc(outputs, func(o ir.Output) bool { return o.Name == key }) && !slices.Contains(extra, key) {
			extra = append(extra, key)
		}
	}
	return missing, extra
}

func quotedNames(outputs []ir.Output) string {
	out := make([]string, len(outputs))
	for i, o := range outputs {
		out[i] = fmt.Sprintf("%q", o.Name)
	}
	return strings.Join(out, ", ")
}
