package cases

import (
	"slices"
	"strconv"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// reader reads the shapes that a test file is made of, and reports what has another one.
type reader struct{ diags *diag.List }

// entries are those of a mapping; none if v is nil.
func (r reader) entries(v *spec.Value, what string) []spec.Entry {
	if v == nil {
		return nil
	}
	if v.Kind != spec.Mapping {
		r.diags.Errorf(v.Pos, diag.WrongShape, "%s must be a mapping, not %s", what, shape(v))
		return nil
	}
	return v.Entries
}

// fields are the entries of a mapping with given keys, by key.
func (r reader) fields(v *spec.Value, what string, keys ...string) map[string]spec.Entry {
	out := map[string]spec.Entry{}
	for _, e := range r.entries(v, what) {
		if !slices.Contains(keys, e.Key.Value) {
			r.diags.Errorf(e.Key.Pos, diag.UnknownKey, "%q is not a key of %s", e.Key.Value, what).SuggestWord(e.Key.Value, keys)
			continue
		}
		out[e.Key.Value] = e
	}
	return out
}

// text is the value of a key; "" after an error, also where it is empty.
func (r reader) text(e spec.Entry) string {
	v := r.typed(e.Value, ir.String)
	if v == nil {
		return ""
	}
	if v.Text == "" {
		r.diags.Errorf(e.Value.Pos, diag.WrongShape, "%s is empty", e.Key.Value).WithHelp("leave the key out")
	}
	return v.Text
}

// choice is the value of a key that takes some words only.
func (r reader) choice(e spec.Entry, words ...string) string {
	text := r.text(e)
	if text != "" && !slices.Contains(words, text) {
		r.diags.Errorf(e.Value.Pos, diag.BadChoice, "%s cannot be %q", e.Key.Value, text).SuggestWord(text, words)
		return ""
	}
	return text
}

// typed reads a value of a declared type; nil after an error.
func (r reader) typed(v *spec.Value, t ir.Type) *ir.Value { return check.Typed(v, t, r.diags) }

func isNull(v *spec.Value) bool { return v.Kind == spec.Scalar && v.FormOf() == spec.NullForm }

func shape(v *spec.Value) string {
	switch {
	case v.Kind == spec.Mapping:
		return "a mapping"
	case v.Kind == spec.Sequence:
		return "a list"
	case isNull(v) && v.Text == "":
		return "empty"
	}
	return strconv.Quote(v.Text)
}
