package ir

import (
	"fmt"
	"strconv"
	"strings"
)

// Pos is a place in the spec: 1-based line and column, columns counted in runes; End is the column behind the last rune
// on that line, 0 if unknown. The zero Pos is an unknown place. Its text form is "line:col-end".
type Pos struct{ Line, Col, End int }

// IsValid reports whether the place is known.
func (p Pos) IsValid() bool { return p.Line > 0 }

// MarshalText writes "line:col-end".
func (p Pos) MarshalText() ([]byte, error) {
	if p.End == 0 {
		return fmt.Appendf(nil, "%d:%d", p.Line, p.Col), nil
	}
	return fmt.Appendf(nil, "%d:%d-%d", p.Line, p.Col, p.End), nil
}

// UnmarshalText reads what MarshalText wrote.
func (p *Pos) UnmarshalText(text []byte) error {
	line, rest, _ := strings.Cut(string(text), ":")
	col, end, hasEnd := strings.Cut(rest, "-")
	var err error
	if p.Line, err = strconv.Atoi(line); err != nil {
		return fmt.Errorf("position %q: want line:col", text)
	}
	if p.Col, err = strconv.Atoi(col); err != nil {
		return fmt.Errorf("position %q: want line:col", text)
	}
	if hasEnd {
		if p.End, err = strconv.Atoi(end); err != nil {
			return fmt.Errorf("position %q: want line:col-end", text)
		}
	}
	return nil
}

// Type is a type of the pipeline language, as it is written there: int, list[string], file.
type Type string

// The scalar types and the artifacts. Null is the type of the literal null alone.
const (
	String Type = "string"
	Int    Type = "int"
	Float  Type = "float"
	Bool   Type = "bool"
	JSON   Type = "json"
	File   Type = "file"
	Dir    Type = "dir"
	Object Type = "object" // any Python value that can be pickled
	Null   Type = "null"
)

// ListOf returns list[elem].
func ListOf(elem Type) Type { return "list[" + elem + "]" }

// IsList reports whether t is a list[…].
func (t Type) IsList() bool { return strings.HasPrefix(string(t), "list[") }

// Elem returns T of list[T], and "" for any other type.
func (t Type) Elem() Type {
	if !t.IsList() {
		return ""
	}
	return t[len("list[") : len(t)-1]
}

// IsArtifact reports whether values of the type are passed by path: files, folders, objects and lists of them, which a fan-in
// makes.
func (t Type) IsArtifact() bool {
	if elem := t.Elem(); elem != "" {
		t = elem
	}
	return t == File || t == Dir || t == Object
}

// HasObjects reports whether the type is object or a list of them.
func (t Type) HasObjects() bool { return t == Object || t == ListOf(Object) }

// IsNumber reports whether t is int or float.
func (t Type) IsNumber() bool { return t == Int || t == Float }

// Value is a literal: a JSON value that keeps what JSON readers lose, the order of keys and the digits of a number.
type Value struct {
	Kind ValueKind `json:"kind"`
	// Text is the value of a string; of a number its canonical text form (1.0, 1e+22, -3); of a bool true or false.
	Text  string  `json:"text,omitempty"`
	Items []Value `json:"items,omitempty"`  // of a list
	Map   []Field `json:"fields,omitempty"` // of a map, in source order, keys unique
	Pos   Pos     `json:"pos,omitzero"`
}

// Field is one entry of a map.
type Field struct {
	Key   string `json:"key"`
	Value Value  `json:"value"`
	Pos   Pos    `json:"pos,omitzero"` // of the key
}

// ValueKind is the JSON type of a Value.
type ValueKind string

// The kinds of Value.
const (
	NullValue   ValueKind = "null"
	BoolValue   ValueKind = "bool"
	IntValue    ValueKind = "int"
	FloatValue  ValueKind = "float"
	StringValue ValueKind = "string"
	ListValue   ValueKind = "list"
	MapValue    ValueKind = "map"
)

// Lookup returns the field of that key in a map, or nil.
func Lookup(fields []Field, key string) *Field {
	for i := range fields {
		if fields[i].Key == key {
			return &fields[i]
		}
	}
	return nil
}

// IntText returns the text form of an int.
func IntText(n int64) string { return strconv.FormatInt(n, 10) }

// FloatText returns the text form of a float: the shortest that reads back, with a point or an exponent, as Python's repr
// writes it (1.0, 0.1, 1e+16, 1e-05). f must be finite.
func FloatText(f float64) string {
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	if e, _ := strconv.Atoi(exp); e < -4 || e >= 16 {
		return mantissa + "e" + exp // Go writes at least two digits of exponent, as Python does
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// Number returns the value of an int or float, rounded to a float64.
func (v *Value) Number() (f float64, ok bool) {
	f, err := strconv.ParseFloat(v.Text, 64)
	return f, err == nil && (v.Kind == IntValue || v.Kind == FloatValue)
}
