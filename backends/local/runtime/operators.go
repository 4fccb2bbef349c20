package runtime

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

var (
	errDivision = errors.New("division by zero")
	errInfinite = errors.New("the result is not a number that a float can hold")
)

// operators take as many values as Op says.
var operators = map[string]func([]any) (any, error){
	"==": func(v []any) (any, error) { return equal(v[0], v[1]), nil },
	"!=": func(v []any) (any, error) { return !equal(v[0], v[1]), nil },
	"<":  ordered(func(order int) bool { return order < 0 }),
	"<=": ordered(func(order int) bool { return order <= 0 }),
	">":  ordered(func(order int) bool { return order > 0 }),
	">=": ordered(func(order int) bool { return order >= 0 }),
	"+":  func(v []any) (any, error) { return add(v[0], v[1]) },
	"-": func(v []any) (any, error) {
		return arithmetic(v[0], v[1], subInt, func(a, b float64) float64 { return a - b })
	},
	"*": func(v []any) (any, error) {
		return arithmetic(v[0], v[1], mulInt, func(a, b float64) float64 { return a * b })
	},
	"/":          divide,
	"%":          remainder,
	"!":          not,
	"in":         func(v []any) (any, error) { return member(v[0], v[1]) },
	"contains":   onStrings(strings.Contains),
	"startsWith": onStrings(strings.HasPrefix),
	"endsWith":   onStrings(strings.HasSuffix),
}

func not(v []any) (any, error) {
	b, ok := v[0].(bool)
	if !ok {
		return nil, errors.New("want a bool")
	}
	return !b, nil
}

func negate(v []any) (any, error) {
	switch x := v[0].(type) {
	case int64:
		if x == math.MinInt64 {
			return nil, overflow()
		}
		return -x, nil
	case float64:
		return -x, nil
	}
	return nil, errors.New("want a number")
}

func add(a, b any) (any, error) {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x + y, nil
		}
	}
	return arithmetic(a, b, addInt, func(a, b float64) float64 { return a + b })
}

func overflow() error { return fmt.Errorf("the result %w", errNot64Bits) }

func addInt(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func subInt(a, b int64) (int64, bool) {
	difference := a - b
	return difference, (difference < a) == (b > 0)
}

func mulInt(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	if high != 0 || low > 1<<63 || low == 1<<63 && !negative {
		return 0, false
	}
	return a * b, true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// arithmetic applies an operation on two ints or, if one of them is a float, on two floats.
func arithmetic(a, b any, ints func(a, b int64) (int64, bool), floats func(a, b float64) float64) (any, error) {
	x, xInt := a.(int64)
	y, yInt := b.(int64)
	if xInt && yInt {
		n, ok := ints(x, y)
		if !ok {
			return nil, overflow()
		}
		return n, nil
	}
	f, g, err := twoFloats(a, b)
	if err != nil {
		return nil, err
	}
	return finite(floats(f, g))
}

func twoFloats(a, b any) (x, y float64, err error) {
	if x, err = toFloat(a); err != nil {
		return 0, 0, err
	}
	y, err = toFloat(b)
	return x, y, err
}

// toFloat returns a number as the nearest float.
func toFloat(v any) (float64, error) {
	switch v := v.(type) {
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		if math.IsInf(f, 0) {
			return 0, fmt.Errorf("%s is no finite 64-bit number", short(v))
		}
		return f, nil
	}
	return 0, fmt.Errorf("want a number, got %s", short(v))
}

func finite(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errInfinite
	}
	return f, nil
}

func divide(v []any) (any, error) {
	a, b, err := twoFloats(v[0], v[1])
	if err != nil {
		return nil, err
	}
	if b == 0 {
		return nil, errDivision
	}
	return finite(a / b)
}

func remainder(v []any) (any, error) {
	a, aOK := v[0].(int64)
	b, bOK := v[1].(int64)
	switch {
	case !aOK || !bOK:
		return nil, errors.New("want two ints")
	case b == 0:
		return nil, errDivision
	}
	return a % b, nil // Go defines the lowest int % -1 as 0
}

func ordered(holds func(order int) bool) func([]any) (any, error) {
	return func(v []any) (any, error) {
		order, err := compare(v[0], v[1])
		if err != nil {
			return nil, err
		}
		return holds(order), nil
	}
}

// compare orders two numbers by their exact values, or two strings by code points, whose order is that of the bytes.
func compare(a, b any) (int, error) {
	x, xString := a.(string)
	y, yString := b.(string)
	if xString && yString {
		return strings.Compare(x, y), nil
	}
	f, g := exact(a), exact(b)
	if f == nil || g == nil {
		return 0, errors.New("want two numbers or two strings")
	}
	return f.Cmp(g), nil
}

// exact returns a number without rounding, or nil for any other value.
func exact(v any) *big.Float {
	switch v := v.(type) {
	case int64:
		return new(big.Float).SetInt64(v)
	case float64:
		return big.NewFloat(v)
	case *big.Int:
		return new(big.Float).SetInt(v)
	}
	return nil
}

// equal compares deeply. Numbers are equal by their exact values; a bool is never equal to a number.
func equal(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case string:
		y, ok := b.(string)
		return ok && x == y
	case []any:
		y, ok := b.([]any)
		return ok && equalLists(x, y)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && equalMaps(x, y)
	}
	x, y := exact(a), exact(b)
	return x != nil && y != nil && x.Cmp(y) == 0
}

func equalLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for key, x := range a {
		if y, ok := b[key]; !ok || !equal(x, y) {
			return false
		}
	}
	return true
}

// member reports whether x is an element of a list or a key of a map.
func member(x, xs any) (bool, error) {
	switch xs := xs.(type) {
	case []any:
		for _, y := range xs {
			if equal(x, y) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		key, ok := x.(string)
		if !ok {
			return false, nil
		}
		_, ok = xs[key]
		return ok, nil
	}
	return false, errors.New("want a list or a map")
}

func onStrings(f func(a, b string) bool) func([]any) (any, error) {
	return func(v []any) (any, error) {
		a, aOK := v[0].(string)
		b, bOK := v[1].(string)
		if !aOK || !bOK {
			return nil, errors.New("want two strings")
		}
		return f(a, b), nil
	}
}
