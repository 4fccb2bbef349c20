package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	intForm    = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	looseInt   = regexp.MustCompile(`^([-+]?)0*([0-9][0-9_]*?)(\.0*)?$`)
)

// maxDigits of an int in JSON, as in Python: reading one takes time that grows with the square of its length.
const maxDigits = 4300

// parseAs reads a value from its text form by the declared type.
func parseAs(text, typ string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("want %s, got bytes that are not UTF-8", typ)
	}
	switch typ {
	case "string", "file", "dir", "object":
		return text, nil
	case "bool":
		if text == "true" || text == "false" {
			return text == "true", nil
		}
		return nil, fmt.Errorf("want true or false, got %s", short(text))
	case "int":
		return parseInt(text)
	case "float":
		return parseFloat(text)
	}
	v, err := parseJSON(text)
	if err != nil {
		return nil, fmt.Errorf("want %s, got %s: %w", typ, short(text), err)
	}
	if err := noNull(v, typ); err != nil {
		return nil, err
	}
	return conform(v, typ)
}

// noNull refuses null where a text form must be that of a list[T].
func noNull(v any, typ string) error {
	elem := elemOf(typ)
	if elem == "" || elem == "json" && v != nil {
		return nil
	}
	if v == nil {
		return fmt.Errorf("want %s, got null", typ)
	}
	items, _ := v.([]any)
	for i, item := range items {
		if item == nil {
			return fmt.Errorf("[%d]: want %s, got null", i, elem)
		}
	}
	return nil
}

func parseInt(text string) (any, error) {
	if !intForm.MatchString(text) {
		if m := looseInt.FindStringSubmatch(text); m != nil {
			plain := strings.TrimPrefix(m[1], "+") + strings.ReplaceAll(m[2], "_", "")
			return nil, fmt.Errorf("want int, got %s: write %s", short(text), plain)
		}
		return nil, fmt.Errorf("want int, got %s", short(text))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("want int, got %s, which %w", short(text), errNot64Bits)
	}
	return n, nil
}

func parseFloat(text string) (any, error) {
	if !numberForm.MatchString(text) {
		return nil, fmt.Errorf("want float, got %s", short(text))
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("want float, got %s, which is no finite 64-bit number", short(text))
	}
	return f, nil
}

// parseJSON reads one JSON text. Ints keep their digits, a number with a point or an exponent is a float64, and of equal
// keys the last wins. What has no exact meaning is refused: invalid UTF-8, lone surrogates, floats that overflow.
func parseJSON(text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the JSON ends too early")
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text follows the JSON value")
	}
	if loneSurrogate(text) {
		return nil, errors.New(`a \u escape is half of a surrogate pair`)
	}
	return numbers(v)
}

// numbers replaces every json.Number below v, in place.
func numbers(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range v {
			if v[key], err = numbers(v[key]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func number(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		return parseFloat(text)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if len(strings.TrimPrefix(text, "-")) > maxDigits {
		return nil, fmt.Errorf("an int has more than %d digits", maxDigits)
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n, nil
}

// loneSurrogate reports whether valid JSON has an escape of one half of a surrogate pair without the other.
func loneSurrogate(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if text[i] != 'u' {
			continue
		}
		unit := escapeUnit(text[i-1:])
		i += 4
		switch {
		case unit>>10 == 0xDC00>>10:
			return true
		case unit>>10 == 0xD800>>10:
			if escapeUnit(text[i+1:])>>10 != 0xDC00>>10 {
				return true
			}
			i += 6
		}
	}
	return false
}

// escapeUnit returns the UTF-16 code unit of the \uXXXX that s starts with, or 0.
func escapeUnit(s string) uint64 {
	if len(s) < 6 || s[:2] != `\u` {
		return 0
	}
	unit, _ := strconv.ParseUint(s[2:6], 16, 16)
	return unit
}
