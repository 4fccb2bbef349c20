package runtime

import (
	"fmt"
	"strings"
)

// Expr is an expression; the functions below build one. Its value depends on the parameters, on the outputs of steps that
// have succeeded and on the run, and on nothing else.
type Expr interface {
	eval(*scope) (any, error)
	// String is the expression as a spec has it, more or less: it tells one from another.
	String() string
}

// scope is what names stand for.
type scope struct {
	params  Values
	run     Values
	outputs map[string]Values // of the steps that have succeeded
	along   map[string]Values // of an instance's own place: those of the steps that it goes along with; they come first
	paths   map[string]string // of the outputs of the step itself
	each    Values            // of the instance
}

// expr is a kind of Expr: how its value is found, and how it is written.
type expr struct {
	value func(*scope) (any, error)
	text  func() string
	raw   func(*scope) any // of an output: its value, which may be in a file
}

func (e expr) eval(s *scope) (any, error) { return e.value(s) }

func (e expr) String() string { return e.text() }

// fixed is a text that is known.
func fixed(text string) func() string { return func() string { return text } }

// joined is the texts of expressions between others.
func joined(before, separator, after string, all ...Expr) func() string {
	return func() string {
		texts := make([]string, len(all))
		for i, e := range all {
			texts[i] = e.String()
		}
		return before + strings.Join(texts, separator) + after
	}
}

// Lit is a constant: nil, bool, int, int64, float64, string, []any or map[string]any.
func Lit(value any) Expr {
	v := normal(value)
	return expr{value: func(*scope) (any, error) { return v, nil }, text: func() string { text, _ := jsonText(v); return text }}
}

// Param is the value of a parameter.
func Param(name string) Expr {
	return expr{value: func(s *scope) (any, error) {
		v, ok := s.params[name]
		if !ok {
			return nil, fmt.Errorf("no parameter %q", name)
		}
		return v, nil
	}, text: fixed("params." + name)}
}

// Output is an output of a step; null if the step has none.
func Output(step, name string) Expr {
	raw := func(s *scope) any {
		if own, ok := s.along[step]; ok {
			return own[name]
		}
		return s.outputs[step][name]
	}
	value := func(s *scope) (any, error) {
		v, err := settled(raw(s))
		if err != nil {
			return nil, err
		}
		return Loaded(v)
	}
	return expr{value: value, text: fixed("steps." + step + "." + name), raw: raw}
}

// evalStored is eval, but that the value of an output may be left in its file.
func evalStored(x Expr, s *scope) (any, error) {
	if e, ok := x.(expr); ok && e.raw != nil {
		if v, ok := e.raw(s).(stored); ok {
			return v, nil
		}
	}
	return x.eval(s)
}

// EachItem is the element of an instance of a step with foreach.
func EachItem(name string) Expr {
	return expr{value: func(s *scope) (any, error) {
		v, ok := s.each[name]
		if !ok {
			return nil, fmt.Errorf("no each.%s", name)
		}
		return settled(v)
	}, text: fixed("each." + name)}
}

// RunField is a fact about the run: id, date, interval.start, interval.end or, in a step of finally, status.
func RunField(name string) Expr {
	return expr{value: func(s *scope) (any, error) {
		v, ok := s.run[name]
		if !ok {
			return nil, fmt.Errorf("no run.%s", name)
		}
		return settled(v)
	}, text: fixed("run." + name)}
}

// Path is where the step itself writes an output; it has a value in a command only.
func Path(output string) Expr {
	return expr{value: func(s *scope) (any, error) {
		path, ok := s.paths[output]
		if !ok {
			return nil, fmt.Errorf("no output %q to write", output)
		}
		return path, nil
	}, text: fixed("outputs." + output)}
}

// Text joins the text forms of its parts.
func Text(parts ...Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		var b strings.Builder
		for _, part := range parts {
			v, err := part.eval(s)
			if err != nil {
				return nil, err
			}
			text, err := textOf(v)
			if err != nil {
				return nil, err
			}
			b.WriteString(text)
		}
		return b.String(), nil
	}, text: joined("text(", ", ", ")", parts...)}
}

// List is a list of its items.
func List(items ...Expr) Expr {
	return expr{value: func(s *scope) (any, error) { return evalAll(s, items) }, text: joined("[", ", ", "]", items...)}
}

// Map is a map of the keys to the values at the same places.
func Map(keys []string, values ...Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		items, err := evalAll(s, values)
		if err != nil {
			return nil, err
		}
		fields := make(map[string]any, len(keys))
		for i, key := range keys {
			fields[key] = items[i]
		}
		return fields, nil
	}, text: joined(fmt.Sprintf("map(%q: ", keys), ", ", ")", values...)}
}

// Field is the value of a key of a map.
func Field(x Expr, name string) Expr { return Index(x, Lit(name)) }

// Index is an element of a list, counted from 0, or the value of a key of a map.
func Index(x, index Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		args, err := evalAll(s, []Expr{x, index})
		if err != nil {
			return nil, err
		}
		return item(args[0], args[1])
	}, text: func() string { return x.String() + "[" + index.String() + "]" }}
}

func item(x, index any) (any, error) {
	switch index := index.(type) {
	case int64:
		items, ok := x.([]any)
		if !ok {
			break
		}
		if index < 0 || index >= int64(len(items)) {
			return nil, fmt.Errorf("no element [%d] in a list of %d", index, len(items))
		}
		return items[index], nil
	case string:
		fields, _ := x.(map[string]any)
		if v, ok := fields[index]; ok {
			return v, nil
		}
		return nil, fmt.Errorf("%s has no field %q", short(x), index)
	}
	return nil, fmt.Errorf("%s has no element [%s]", short(x), short(index))
}

// Call is a call of len, lower, upper, trim, min, max, sum, string, int, float or json.
func Call(function string, args ...Expr) Expr {
	f, ok := functions[function]
	if !ok {
		panic(fmt.Sprintf("runtime: no function %q", function))
	}
	return expr{value: func(s *scope) (any, error) {
		values, err := evalAll(s, args)
		if err != nil {
			return nil, err
		}
		v, err := f(values)
		if err != nil {
			return nil, fmt.Errorf("%s(%s): %w", function, shortAll(values), err)
		}
		return v, nil
	}, text: joined(function+"(", ", ", ")", args...)}
}

// Op is an operator on its operands: "!" with one, "-" with one or two, "?:" with three, all others with two. The
// operators &&, ||, ?? and ?: evaluate what they need and no more.
func Op(operator string, operands ...Expr) Expr {
	switch operator {
	case "&&", "||":
		return logical(operator, operands[0], operands[1])
	case "??":
		return coalesce(operands[0], operands[1])
	case "?:":
		return conditional(operands[0], operands[1], operands[2])
	}
	f, ok := operators[operator]
	if operator == "-" && len(operands) == 1 {
		f = negate
	}
	if !ok {
		panic(fmt.Sprintf("runtime: no operator %q", operator))
	}
	return expr{value: func(s *scope) (any, error) {
		values, err := evalAll(s, operands)
		if err != nil {
			return nil, err
		}
		v, err := f(values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", shortOp(operator, values), err)
		}
		return v, nil
	}, text: operation(operator, operands)}
}

// operation is how an operator with its operands is written.
func operation(operator string, operands []Expr) func() string {
	if len(operands) == 1 {
		return joined(operator, "", "", operands...)
	}
	return joined("(", " "+operator+" ", ")", operands...)
}

// logical is && or ||: a where it is the bool that decides, else b.
func logical(operator string, a, b Expr) Expr {
	decides := operator == "||"
	return expr{value: func(s *scope) (any, error) {
		v, err := evalBool(s, a)
		if err != nil || v == decides {
			return v, err
		}
		return evalBool(s, b)
	}, text: joined("(", " "+operator+" ", ")", a, b)}
}

func coalesce(a, b Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		if v, err := a.eval(s); err != nil || v != nil {
			return v, err
		}
		return b.eval(s)
	}, text: joined("(", " ?? ", ")", a, b)}
}

func conditional(condition, then, otherwise Expr) Expr {
	return expr{value: func(s *scope) (any, error) {
		yes, err := evalBool(s, condition)
		switch {
		case err != nil:
			return nil, err
		case yes:
			return then.eval(s)
		}
		return otherwise.eval(s)
	}, text: joined("(", " ?: ", ")", condition, then, otherwise)}
}

func evalBool(s *scope, x Expr) (bool, error) {
	v, err := x.eval(s)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("want a bool, got %s", short(v))
	}
	return b, nil
}

func evalAll(s *scope, exprs []Expr) ([]any, error) {
	values := make([]any, len(exprs))
	for i, x := range exprs {
		var err error
		if values[i], err = x.eval(s); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func shortAll(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = short(v)
	}
	return strings.Join(texts, ", ")
}

func shortOp(operator string, values []any) string {
	if len(values) == 1 {
		return operator + short(values[0])
	}
	return short(values[0]) + " " + operator + " " + short(values[1])
}
