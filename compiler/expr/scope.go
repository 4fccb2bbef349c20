package expr

import (
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Scope is what names mean at one place of the spec.
type Scope struct {
	Params []*ir.Param
	// Param returns what a parameter stands for, where that is not itself; nil if that is wrong, which is reported. May be nil.
	Param func(name string, pos ir.Pos) (e *ir.Expr, ok bool)
	// Step returns what a step gives, or ok false if there is no such step.
	Step func(name string) (p Producer, ok bool)
	// StepNames lists the steps, for suggestions.
	StepNames func() []diag.Name
	// Used is told the place of each declaration that is referred to. May be nil.
	Used func(declared ir.Pos)
	// GroupOf returns the group that has a step of that name, where it cannot be seen from here; "" for none. May be nil.
	GroupOf func(name string) string
	// Each are the variables of the step's foreach.
	Each []ir.Each
	// EachValue returns an element of the foreach of a group around the step, or nil. May be nil.
	EachValue func(name string, pos ir.Pos) *ir.Expr
	// Outputs are those that outputs.X means: of the step itself, in a command. Nil elsewhere.
	Outputs []ir.Output
	// InCommand says that outputs.X may be used.
	InCommand bool
	// InFinally says that run.status may be used.
	InFinally bool
}

// Producer is a step as another one sees it.
type Producer struct {
	Outputs []ir.Output
	FanOut  bool // it has a foreach: its outputs are lists
	// Output returns an output of a group, as the expression that it stands for; nil after an error, which is reported. Nil for
	// a step.
	Output func(name string, pos ir.Pos) *ir.Expr
	// Path is the step's name with those of its groups.
	Path string
	// Pos is where its name is declared.
	Pos ir.Pos
	// MayBeNull says that its outputs may not be there, or elements of them if it is a fan-out.
	MayBeNull bool
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
