package main

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// parseOptions reads --option key=value. The value is a text.
func parseOptions(flags []string) ([]ir.Field, error) {
	var out []ir.Field
	for _, f := range flags {
		key, value, ok := strings.Cut(f, "=")
		if !ok || key == "" {
			return nil, usagef("--option %s: want key=value", f)
		}
		out = merge(out, []ir.Field{{Key: key, Value: ir.Value{Kind: ir.StringValue, Text: value}}})
	}
	return out, nil
}

// merge overrides fields by those of other.
func merge(fields, other []ir.Field) []ir.Field {
	out := slices.Clone(fields)
	for _, f := range other {
		if at := ir.Lookup(out, f.Key); at != nil {
			*at = f
		} else {
			out = append(out, f)
		}
	}
	return out
}
