package expr

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// functionNames are the language's functions, sorted.
var functionNames = []string{"float", "int", "json", "len", "lower", "max", "min", "string", "sum", "trim", "upper"}

func (c *checker) call(n ast.Node, name string, arguments []ast.Node) *ir.Expr {
	if !slices.Contains(functionNames, name) {
		return c.unknown(n, "there is no function \""+name+"\"", name, named(functionNames))
	}
	args, ok := c.checkAll(arguments)
	if !ok {
		return nil
	}
	for _, a := range args {
		if !c.operand(a, name+"()") {
			return nil
		}
		if a.NullableItems && (name == "sum" || name == "min" || name == "max") {
			c.errorf(a, diag.MayBeNull, "elements of %s may be null, and %s() does not take null", Describe(a), name).
				WithHelp("an instance that did not succeed leaves a null there: let a step reckon with that")
			return nil
		}
	}
	e := &ir.Expr{Op: ir.Call, Name: name, Args: args, Pos: c.at(n)}
	if name == "min" || name == "max" {
		e.Type = extremum(args)
	} else if len(args) != 1 {
		c.nodeErrorf(n, diag.TypeMismatch, "%s() takes one argument, not %d", name, len(args))
		return nil
	} else {
		e.Type = callType(name, args[0].Type)
	}
	if e.Type == "" {
		c.wrongArguments(n, name, args)
		return nil
	}
	return e
}

func (c *checker) wrongArguments(n ast.Node, name string, args []*ir.Expr) {
	var got string
	for i, a := range args {
		if i == 0 {
			got = "a " + string(a.Type)
		} else {
			got += ", a " + string(a.Type)
		}
	}
	if len(args) == 0 {
		c.nodeErrorf(n, diag.TypeMismatch, "%s() needs an argument", name).WithHelp("it takes %s", takes[name])
		return
	}
	c.nodeErrorf(n, diag.TypeMismatch, "%s() does not take %s", name, got).WithHelp("it takes %s", takes[name])
}

// takes says what each function takes.
var takes = map[string]string{
	"float": "an int, float, string or json", "int": "an int, float, string or json", "json": "a string",
	"len": "a string, list or json", "lower": "a string", "upper": "a string", "trim": "a string",
	"max": "numbers, or one list of numbers", "min": "numbers, or one list of numbers", "sum": "a list of numbers",
	"string": "any value",
}

// callType returns the type of a call with one argument, "" if the function does not take it.
func callType(name string, t ir.Type) ir.Type {
	switch name {
	case "len":
		if t == ir.String || t == ir.JSON || t.IsList() {
			return ir.Int
		}
	case "lower", "upper", "trim":
		if t == ir.String {
			return ir.String
		}
	case "sum":
		if t.Elem().IsNumber() {
			return t.Elem()
		}
	case "string":
		return ir.String
	case "int", "float":
		if t.IsNumber() || t == ir.String || t == ir.JSON {
			return ir.Type(name)
		}
	case "json":
		if t == ir.String {
			return ir.JSON
		}
	}
	return ""
}

// extremum returns the type of min and max: int if all are ints, else float.
func extremum(args []*ir.Expr) ir.Type {
	if len(args) == 1 && args[0].Type.Elem().IsNumber() {
		return args[0].Type.Elem()
	}
	out := ir.Type("")
	for _, a := range args {
		switch {
		case !a.Type.IsNumber():
			return ""
		case out == "" || a.Type == ir.Float:
			out = a.Type
		}
	}
	if out == ir.Float {
		for i := range args {
			args[i] = toFloat(args[i])
		}
	}
	return out
}
