package spec

import (
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// ReadDefaults reads a value of another file as the defaults of a pipeline; data is that file, which the places are in.
func ReadDefaults(v *Value, data []byte, diags *diag.List) *Defaults {
	n := v.node()
	p := &parser{src: &source{diag.Lines(string(data))}, diags: diags, budget: maxVisits * (1000 + count(n))}
	return p.defaults(n)
}

// node is the value as YAML, with its places.
func (v *Value) node() *yaml.Node {
	n := &yaml.Node{Line: v.Pos.Line, Column: v.Pos.Col, Style: v.at.style}
	switch v.Kind {
	case Sequence:
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		for _, item := range v.Items {
			n.Content = append(n.Content, item.node())
		}
	case Mapping:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		for _, e := range v.Entries {
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: e.Key.Value, Line: e.Key.Pos.Line, Column: e.Key.Pos.Col}
			n.Content = append(n.Content, key, e.Value.node())
		}
	default:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!str", v.Text
		if !v.Plain && n.Style == 0 { // behind an alias
			n.Style = yaml.DoubleQuotedStyle
		}
		if v.FormOf() == NullForm {
			n.Tag = "!!null"
		}
	}
	return n
}

// MoveTo gives everything in the defaults one place.
func (d *Defaults) MoveTo(pos diag.Pos) { moveTo(reflect.ValueOf(d), pos) }

// WithDefaults returns the pipeline with the defaults of the project where its own do not say otherwise; variables one by one.
func (p *Pipeline) WithDefaults(from *Defaults) *Pipeline {
	if from == nil {
		return p
	}
	defaults := *from
	if own := p.Defaults; own != nil {
		defaults.Image = orElse(own.Image, from.Image)
		defaults.Retries = orElse(own.Retries, from.Retries)
		defaults.Timeout = orElse(own.Timeout, from.Timeout)
		defaults.Resources = orElse(own.Resources, from.Resources)
		defaults.Shell = orElse(own.Shell, from.Shell)
		defaults.Env = slices.Clone(own.Env)
		for _, e := range from.Env {
			if !slices.ContainsFunc(own.Env, func(o Entry) bool { return o.Key.Value == e.Key.Value }) {
				defaults.Env = append(defaults.Env, e)
			}
		}
	}
	out := *p
	out.Defaults = &defaults
	return &out
}

func orElse[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}
