// Package schema describes the files that zenc reads as JSON Schemas, for editors: the keys, what they mean, and the shapes of their
// values. They are drafts of version 7, which the YAML support of editors knows best.
//
// A schema never finds fault with a file that zenc takes. The other way round it cannot know everything: names, types and order are
// the compiler's.
package schema

import (
	"bytes"
	"encoding/json"
)

// Schema is one schema, as far as those of zenc go.
type Schema struct {
	Draft       string `json:"$schema,omitempty"`
	Ref         string `json:"$ref,omitempty"` // alone
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`

	Type      types  `json:"type,omitempty"`
	Enum      []any  `json:"enum,omitempty"`
	Pattern   string `json:"pattern,omitempty"`
	MinLength int    `json:"minLength,omitempty"`
	MaxLength int    `json:"maxLength,omitempty"`
	Minimum   *int   `json:"minimum,omitempty"`
	Maximum   *int   `json:"maximum,omitempty"`

	Items    *Schema `json:"items,omitempty"`
	MinItems int     `json:"minItems,omitempty"`

	Properties    Properties `json:"properties,omitempty"`
	PropertyNames *Schema    `json:"propertyNames,omitempty"`
	Additional    any        `json:"additionalProperties,omitempty"` // *Schema, or false
	Required      []string   `json:"required,omitempty"`
	MinProperties int        `json:"minProperties,omitempty"`

	OneOf []*Schema `json:"oneOf,omitempty"`
	If    *Schema   `json:"if,omitempty"`
	Else  *Schema   `json:"else,omitempty"`

	Examples    []any      `json:"examples,omitempty"`
	Definitions Properties `json:"definitions,omitempty"`
}

const draft = "http://json-schema.org/draft-07/schema#"

// types are those that a value may have.
type types []string

// MarshalJSON writes one type as a text.
func (t types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Property is a key with what its value may be.
type Property struct {
	Key   string
	Value *Schema
}

// Properties are keys in the order in which they are listed.
type Properties []Property

// MarshalJSON writes an object.
func (p Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(e.Key)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(e.Value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Keys are the keys in their order.
func (p Properties) Keys() []string {
	out := make([]string, len(p))
	for i, e := range p {
		out[i] = e.Key
	}
	return out
}

// JSON is the schema as a file.
func (s *Schema) JSON() ([]byte, error) {
	text, err := plainJSON(s)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// plainJSON keeps <, > and & as they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Names are the files that have a schema, by what they are called on the command line; the usual one is first.
var Names = []string{"spec", "project", "tests"}

// ByName returns the schema of one of Names, or nil.
func ByName(name string) *Schema {
	switch name {
	case "spec":
		return Spec()
	case "project":
		return Project()
	case "tests":
		return Tests()
	}
	return nil
}
