package runtime

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value is nil, bool, int64, *big.Int (an int of a json that does not fit an int64), float64, string, []any or
// map[string]any. A file is the string of its path. Nobody changes a value after it was made.

// Values are values by name. Their JSON keeps the types: 1.0 stays 1.0, and an int all its digits.
type Values map[string]any

// MarshalJSON writes compact JSON with sorted keys.
func (v Values) MarshalJSON() ([]byte, error) {
	s, err := jsonText(map[string]any(v))
	return []byte(s), err
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Values) UnmarshalJSON(text []byte) error {
	value, err := parseJSON(string(text))
	if err != nil {
		return err
	}
	fields, _ := value.(map[string]any)
	*v = fields
	return nil
}

// normal returns a literal of Go as a value. It panics where there is none, which is a mistake in the program.
func normal(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, string, *big.Int:
		return v
	case int:
		return int64(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = normal(item)
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(v))
		for key, item := range v {
			fields[key] = normal(item)
		}
		return fields
	}
	panic(fmt.Sprintf("runtime: no value of the pipeline language: %T", v))
}

// textOf returns the text form of a value: a string as it is, everything else as JSON.
func textOf(v any) (string, error) {
	v, err := Loaded(v)
	if err != nil {
		return "", err
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	return jsonText(v)
}

// ValueText returns the text form of a value, for a reader.
func ValueText(v any) string {
	s, err := textOf(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return s
}

// textAs returns the text form by the declared type: a json that is a string keeps its quotes.
func textAs(v any, typ string) (string, error) {
	if typ == "json" {
		return jsonText(v)
	}
	return textOf(v)
}

// jsonText returns compact JSON with sorted keys, byte for byte what Python's json.dumps writes with sort_keys=True,
// ensure_ascii=False and separators=(",", ":").
func jsonText(v any) (string, error) {
	var b strings.Builder
	if err := writeJSON(&b, v); err != nil {
		return "", err
	}
	return b.String(), nil
}

func writeJSON(b *strings.Builder, v any) error {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case *big.Int:
		b.WriteString(v.String())
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%v has no text form", v)
		}
		b.WriteString(floatText(v))
	case string:
		writeJSONString(b, v)
	case []any:
		return writeJSONList(b, v)
	case map[string]any:
		return writeJSONMap(b, v)
	case stored:
		value, err := v.load()
		if err != nil {
			return err
		}
		return writeJSON(b, value)
	default:
		return fmt.Errorf("%T is no value", v)
	}
	return nil
}

func writeJSONList(b *strings.Builder, items []any) error {
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(b, item); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func writeJSONMap(b *strings.Builder, fields map[string]any) error {
	b.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(fields)) { // the order of bytes is that of code points
		if i > 0 {
			b.WriteByte(',')
		}
		writeJSONString(b, key)
		b.WriteByte(':')
		if err := writeJSON(b, fields[key]); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeJSONString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if c < 0x20 {
				fmt.Fprintf(b, `\u%04x`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
}

// floatText returns the shortest text that reads back, with a point or an exponent, as Python's repr writes it: 1.0, 0.1,
// 1e+16, 1e-05. f is finite.
func floatText(f float64) string {
	s := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(s, "e")
	if e, _ := strconv.Atoi(exponent); e < -4 || e >= 16 {
		return s
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// short returns a value for a message: on one line, and cut.
func short(v any) string {
	const most = 60
	if v, ok := v.(stored); ok {
		return v.String()
	}
	s, err := jsonText(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// typeName names the type of a value for a message.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "string"
	case []any:
		return "list"
	}
	return "map"
}

// elemOf returns T of list[T], and "" for any other type.
func elemOf(typ string) string {
	elem, ok := strings.CutPrefix(typ, "list[")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(elem, "]")
}

// isArtifact reports whether values of the type are paths.
func isArtifact(typ string) bool { return typ == "file" || typ == "dir" || typ == "object" }

var errNot64Bits = errors.New("does not fit a 64-bit int")

// conform returns a value as the type. An int becomes a float where one is declared; null stands for what does not exist
// and is of every type.
func conform(v any, typ string) (any, error) {
	if v == nil || typ == "json" {
		return v, nil
	}
	if elem := elemOf(typ); elem != "" {
		items, ok := v.([]any)
		if !ok {
			return nil, fmt.Errorf("want %s, got %s %s", typ, typeName(v), short(v))
		}
		out := make([]any, len(items))
		for i, item := range items {
			var err error
			if out[i], err = conform(item, elem); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return out, nil
	}
	if isArtifact(typ) {
		typ = "string"
	}
	if n, ok := v.(*big.Int); ok && typ == "int" {
		return nil, fmt.Errorf("%s %w", short(n), errNot64Bits)
	}
	if typ == "float" && typeName(v) == "int" {
		return toFloat(v)
	}
	if typeName(v) != typ {
		return nil, fmt.Errorf("want %s, got %s %s", typ, typeName(v), short(v))
	}
	return v, nil
}
