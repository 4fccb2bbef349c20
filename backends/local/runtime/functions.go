package runtime

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"
)

// functions take the arguments that the compiler has checked in number.
var functions = map[string]func([]any) (any, error){
	"len":    func(v []any) (any, error) { return length(v[0]) },
	"lower":  onString(func(s string) string { return strings.Map(lowerRune, s) }),
	"upper":  onString(func(s string) string { return strings.Map(upperRune, s) }),
	"trim":   onString(func(s string) string { return strings.Trim(s, " \t\n\r\v\f") }),
	"min":    func(v []any) (any, error) { return extreme(v, -1) },
	"max":    func(v []any) (any, error) { return extreme(v, 1) },
	"sum":    func(v []any) (any, error) { return sum(v[0]) },
	"string": func(v []any) (any, error) { return textOf(v[0]) },
	"int":    func(v []any) (any, error) { return toInt(v[0]) },
	"float":  func(v []any) (any, error) { return floatOf(v[0]) },
	"json":   jsonOf,
}

func onString(f func(string) string) func([]any) (any, error) {
	return func(v []any) (any, error) {
		s, ok := v[0].(string)
		if !ok {
			return nil, errors.New("want a string")
		}
		return f(s), nil
	}
}

// length counts code points, elements or keys.
func length(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(v)), nil
	case []any:
		return int64(len(v)), nil
	case map[string]any:
		return int64(len(v)), nil
	}
	return nil, errors.New("want a string, a list or a map")
}

// lowerRune maps a code point, if what it becomes is one code point: İ would be two, and stays.
func lowerRune(r rune) rune {
	if r == 'İ' {
		return r
	}
	return unicode.ToLower(r)
}

// upperRune maps a code point, if what it becomes is one code point: the Greek letters with an iota below would be two,
// and stay.
func upperRune(r rune) rune {
	switch {
	case r >= 0x1F80 && r <= 0x1FAF, r == 0x1FB3, r == 0x1FC3, r == 0x1FF3:
		return r
	}
	return unicode.ToUpper(r)
}

// extreme returns the least (sign -1) or the greatest (sign 1) of numbers, or of the one list of numbers; the first one of
// equals.
func extreme(v []any, sign int) (any, error) {
	if len(v) == 1 {
		if items, ok := v[0].([]any); ok {
			v = items
		}
	}
	if len(v) == 0 {
		return nil, errors.New("the list is empty")
	}
	numbers, err := alike(v)
	if err != nil {
		return nil, err
	}
	best := numbers[0]
	for _, n := range numbers[1:] {
		if order, _ := compare(n, best); order == sign {
			best = n
		}
	}
	return best, nil
}

// alike returns numbers as they are, if all are ints, and else as floats.
func alike(v []any) ([]any, error) {
	ints := true
	floats := make([]any, len(v))
	for i, n := range v {
		f, err := toFloat(n)
		if err != nil {
			return nil, err
		}
		_, isFloat := n.(float64)
		ints = ints && !isFloat
		floats[i] = f
	}
	if ints {
		return v, nil
	}
	return floats, nil
}

// sum adds from left to right, starting with the int 0.
func sum(v any) (any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, errors.New("want a list")
	}
	var total any = int64(0)
	for _, n := range items {
		if _, err := toFloat(n); err != nil {
			return nil, err
		}
		var err error
		if total, err = add(total, n); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// toInt drops the fraction of a number, or reads the int that a string spells.
func toInt(v any) (any, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case *big.Int:
		return nil, fmt.Errorf("%s %w", short(v), errNot64Bits)
	case float64:
		f := math.Trunc(v)
		if f < -(1<<63) || f >= 1<<63 {
			return nil, fmt.Errorf("%s %w", short(v), errNot64Bits)
		}
		return int64(f), nil
	case string:
		return parseInt(v)
	}
	return nil, errors.New("want a number or a string")
}

func floatOf(v any) (any, error) {
	if s, ok := v.(string); ok {
		return parseFloat(s)
	}
	return toFloat(v)
}

func jsonOf(v []any) (any, error) {
	s, ok := v[0].(string)
	if !ok {
		return nil, errors.New("want a string")
	}
	return parseJSON(s)
}
