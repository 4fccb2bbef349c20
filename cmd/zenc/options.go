package main

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// strict decodes YAML and refuses unknown keys.
func strict(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	return dec.Decode(into)
}

func constant(v *spec.Value, diags *diag.List) *ir.Value { return expr.Constant(v, diags) }

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
