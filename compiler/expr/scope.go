package expr

import (
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Scope is what names mean at one place of the spec.
type Scope struct {
	Params []*ir.Param
	// Step returns the outputs of a step, or ok false if there is no such step.
	Step func(name string) (outputs []ir.Output, ok bool)
	// StepNames lists the steps, for suggestions.
	StepNames func() []string
	// MayBeNull reports whether the outputs of a step may not be there.
	MayBeNull func(step string) bool
	// Outputs are those that outputs.X means: of the step itself, in a command. Nil elsewhere.
	Outputs []ir.Output
	// InCommand says that outputs.X may be used.
	InCommand bool
	// InFinally says that run.status may be used.
	InFinally bool
}

// runFields are the fields of run with their types; those of interval are null for a run by hand.
var runFields = []struct {
	name     string
	nullable bool
}{{"id", false}, {"date", false}, {"interval.start", true}, {"interval.end", true}}

// checker types one expression.
type checker struct {
	scope Scope
	diags *diag.List
	// src is the expression's text, pos places a rune range of it in the spec.
	src string
	pos func(offset, length int) diag.Pos
}
