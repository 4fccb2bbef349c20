// Package spec is the syntax tree of a pipeline: what the file says, in its order, with the place of every key and value.
//
// Parse reads it and keeps going after a mistake, so that one run reports them all. Nothing is resolved here: references
// are text, defaults are not filled in. A nil pointer means "not written". Nobody changes a tree after Parse.
package spec

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// String is a text with its place.
type String struct {
	Value string
	Pos   diag.Pos

	from *Value // that it was read from, nil if its runes are not those of one
}

// PosAt is the place of a stretch of the text, counted in runes, or that of the whole where it cannot be told.
func (s String) PosAt(offset, length int) diag.Pos {
	if s.from == nil {
		return s.Pos
	}
	return s.from.PosAt(offset, length)
}

// Int is a whole number with its place.
type Int struct {
	Value int64
	Pos   diag.Pos
}

// Cache is the value of cache; a bare bool is On.
type Cache struct {
	On  *Bool
	TTL *Duration
	Pos diag.Pos
}

// Ints is a list of whole numbers.
type Ints struct {
	Values []*Int
	Pos    diag.Pos // of the key
}

// Float is a number with its place.
type Float struct {
	Value float64
	Pos   diag.Pos
}

// Bool is true or false with its place.
type Bool struct {
	Value bool
	Pos   diag.Pos
}

// Duration is a length of time in whole seconds.
type Duration struct {
	Seconds int64
	Pos     diag.Pos
}

// Pipeline is one file.
type Pipeline struct {
	Text string // as it was read

	Name          *String
	Description   *String
	Owner         *String
	Labels        []Label
	Schedule      *Schedule
	Params        []*Param
	Defaults      *Defaults
	Files         []*String
	Requirements  *Requirements
	Timeout       *Duration
	MaxParallel   *Int
	MaxActiveRuns *Int
	Steps         []*Step
	Finally       []*Step
	FailFast      *Bool
	Options       []Options
	Outputs       []Entry // expressions
}

// Label is one entry of labels.
type Label struct{ Key, Value String }

// Schedule is the value of schedule.
type Schedule struct {
	Cron     *String
	Every    *Duration
	Timezone *String
	Start    *String
	End      *String
	Catchup  *Bool
	Overlap  *String
	Pos      diag.Pos
}

// Param is one entry of params; in the short form only Name and Default are there.
type Param struct {
	Name        String
	Type        *String
	Default     *Value
	Enum        *Value // a sequence
	Min, Max    *Value
	Pattern     *String
	Description *String
}

// Defaults hold for every step that does not say otherwise.
type Defaults struct {
	Image     *String
	Retries   *Retries
	Timeout   *Duration
	Resources *Resources
	Env       []Entry
	Shell     *String
}

// Requirements names Python packages: a file of them, or the lines themselves.
type Requirements struct {
	File  *String
	Lines []*String
}

// Step is one entry of steps: a step, or a group of steps.
type Step struct {
	Steps        []*Step // of a group
	Pipeline     *String // of a group: the file that it is
	GroupOutputs []Entry // of a group: expressions
	Name         String
	Description  *String
	Operator     *String
	Python       *String
	Run          *String
	Shell        *String
	Command      *Value // a sequence
	With         []Entry
	Needs        []*String
	RunIf        *String
	When         *Value
	Foreach      *Foreach
	SkipExitCode *Int
	MaxParallel  *Int
	Outputs      []Output
	Env          []Entry
	Secrets      []Secret
	Retries      *Retries
	Timeout      *Duration
	Resources    *Resources
	Image        *String
	Options      []Options
	// AllowFailure is nil unless it is written.
	AllowFailure *Bool
	Cache        *Cache
	Keys         []String // every key that was written, legal or not, in order
	Broken       bool     // something in it was refused: what is missing may be that
}

// Has reports whether a key was written, right or wrong.
func (s *Step) Has(key string) bool {
	return slices.ContainsFunc(s.Keys, func(k String) bool { return k.Value == key })
}

// Foreach is the value of foreach.
type Foreach struct {
	Each []Entry
	Pos  diag.Pos // of the key
}

// Secret is one entry of secrets.
type Secret struct{ Name, Ref String }

// Output is one declared output.
type Output struct{ Name, Type String }

// Retries is the value of retries; a bare number is its limit.
type Retries struct {
	Limit    *Int
	Delay    *Duration
	Backoff  *Float
	MaxDelay *Duration
	// OnExitCodes is nil unless it is written.
	OnExitCodes *Ints
	Pos         diag.Pos
}

// Resources is the value of resources.
type Resources struct {
	CPU, Memory, GPUType, Disk *String
	GPU                        *Int
	Pos                        diag.Pos
}

// Options are the fields of one flavor.
type Options struct {
	Flavor String
	Fields []Entry
}

// Entry is a key with its value, as in with, env and options.
type Entry struct {
	Key   String
	Value *Value
}

// ValueKind says what a Value is.
type ValueKind int

// The kinds of Value.
const (
	Scalar ValueKind = iota
	Sequence
	Mapping
)

// Value is data whose type is not known from its place.
type Value struct {
	Kind    ValueKind
	Text    string // of a scalar: as YAML gives it; ${{ and $${{ are still in it
	Plain   bool   // a scalar without quotes: 1, true and null have a meaning
	Items   []*Value
	Entries []Entry
	Pos     diag.Pos

	at locator
}

// PosAt returns the place of the rune at offset in a scalar's Text, end runes long. Where folding or escapes hide it, the
// place of the whole scalar is returned.
func (v *Value) PosAt(offset, length int) diag.Pos {
	if pos := v.at.locate(v, offset); pos.IsValid() {
		pos.End = pos.Col + max(length, 1)
		return pos
	}
	return v.Pos
}
