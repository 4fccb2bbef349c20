package backends

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// OptionSpec says what one option of a flavor may be.
type OptionSpec struct {
	Key     string
	Kind    ir.ValueKind // of its value
	Choices []string     // of a text; empty: any
}

// Text returns an option's text, or def.
func (o Options) Text(key, def string) string {
	if f := ir.Lookup(o.Fields, key); f != nil {
		return f.Value.Text
	}
	return def
}

// Int returns an option's number, or def.
func (o Options) Int(key string, def int) int {
	if f := ir.Lookup(o.Fields, key); f != nil {
		if n, err := strconv.Atoi(f.Value.Text); err == nil {
			return n
		}
	}
	return def
}

// Target is an object of an engine that options of the spec go to, as messages name it.
type Target struct {
	Flavor string
	Name   string   // "the DAG"
	Member string   // what it has: "argument", "field"
	Own    []string // members that carry the meaning of the spec; zenc alone sets them
	Legal  []string // the others
}

// CheckFields reports options of the spec that their target does not have or that zenc itself sets.
func (t Target) CheckFields(fields []ir.Field, diags *diag.List) {
	for _, f := range fields {
		switch {
		case slices.Contains(t.Own, f.Key):
			diags.Errorf(diag.Pos(f.Pos), diag.UnknownOption, "%s: %s of %s is what zenc itself sets", t.Flavor, f.Key, t.Name).
				WithHelp("use the spec's own key for it")
		case !slices.Contains(t.Legal, f.Key):
			diags.Errorf(diag.Pos(f.Pos), diag.UnknownOption, "%s: %s has no %s %q", t.Flavor, t.Name, t.Member, f.Key).Suggest(f.Key, t.Legal)
		}
	}
}

// CheckOptions reports options that are not in specs or have a value of another kind. They come from the command line or
// zenc.yaml and have no place in the spec. A number or a bool given for a text is taken as it is written.
func CheckOptions(flavor string, o Options, specs []OptionSpec, diags *diag.List) {
	for _, f := range o.Fields {
		i := slices.IndexFunc(specs, func(s OptionSpec) bool { return s.Key == f.Key })
		if i < 0 {
			keys := make([]string, len(specs))
			for j, s := range specs {
				keys[j] = s.Key
			}
			diags.Errorf(diag.Pos{}, diag.UnknownOption, "the %s flavor has no option %q", flavor, f.Key).Suggest(f.Key, keys)
			continue
		}
		s := specs[i]
		scalar := f.Value.Kind != ir.ListValue && f.Value.Kind != ir.MapValue && f.Value.Kind != ir.NullValue
		_, err := strconv.Atoi(f.Value.Text)
		isNumber := s.Kind == ir.IntValue && f.Value.Kind == ir.StringValue && err == nil // on the command line
		switch {
		case isNumber:
		case s.Kind == ir.StringValue && !scalar, s.Kind != ir.StringValue && s.Kind != f.Value.Kind:
			diags.Errorf(diag.Pos{}, diag.UnknownOption, "the option %q of the %s flavor must be a %s, not a %s", f.Key, flavor, s.Kind, f.Value.Kind)
		case len(s.Choices) > 0 && !slices.Contains(s.Choices, f.Value.Text):
			diags.Errorf(diag.Pos{}, diag.UnknownOption, "the option %q of the %s flavor is one of %s, not %q", f.Key, flavor,
				strings.Join(s.Choices, ", "), f.Value.Text)
		}
	}
}
