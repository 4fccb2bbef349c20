package signature

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// value is what is known of the Python value that an input arrives as.
type value struct {
	class string // full name; "json" for any JSON value, "" if nothing is known
	elem  *value // of the elements of a list
}

// arrival is how a value of a type arrives; e tells more of a literal, or is nil.
func arrival(t ir.Type, e *ir.Expr) *value {
	if elem := t.Elem(); elem != "" {
		return &value{"list", arrival(elem, nil)}
	}
	switch t {
	case ir.String:
		return &value{class: "str"}
	case ir.Int, ir.Float, ir.Bool:
		return &value{class: string(t)}
	case ir.File, ir.Dir:
		return &value{class: pathClass}
	case ir.JSON:
		return literal(e)
	}
	return &value{}
}

// pathClass is the class as which files and folders arrive.
const pathClass = "pathlib.Path"

// literal is how a json arrives.
func literal(e *ir.Expr) *value {
	switch {
	case e == nil:
	case e.Op == ir.Map:
		return &value{class: "dict"}
	case e.Op == ir.List:
		return &value{class: "list"}
	case e.IsLit():
		switch e.Value.Kind {
		case ir.NullValue:
			return &value{} // None is given where a default says None, whatever the annotation
		case ir.MapValue:
			return &value{class: "dict"}
		case ir.ListValue:
			return &value{class: "list"}
		case ir.StringValue:
			return &value{class: "str"}
		}
	}
	return &value{class: "json"}
}

// Abstract classes, by what is one of them.
var (
	sized    = abstract("Collection", "Container", "Iterable", "Sized")
	sequence = append(abstract("Sequence", "Reversible"), sized...)
	mutable  = append(abstract("MutableSequence"), sequence...)
	mapping  = append(abstract("Mapping", "MutableMapping", "Reversible"), sized...)
)

func abstract(names ...string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = "collections.abc." + n
	}
	return out
}

// takes is which annotations a value of a class satisfies. Numbers do as type checkers have it: an int is a float as well.
var takes = map[string][]string{
	"str":     append([]string{"str"}, sequence...),
	"int":     {"int", "float", "complex"},
	"float":   {"float", "complex"},
	"bool":    {"bool", "int", "float", "complex"},
	"list":    append([]string{"list"}, mutable...),
	"dict":    append([]string{"dict"}, mapping...),
	pathClass: {pathClass, "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath"},
	"json":    append([]string{"None", "bool", "int", "float", "complex", "str", "list", "dict"}, append(mutable, mapping...)...),
}

// accepts reports whether one of the types may take the value. Types of nil are unknown and take anything.
func accepts(types []Type, v *value) bool {
	if types == nil || v == nil || v.class == "" {
		return true
	}
	return slices.ContainsFunc(types, func(t Type) bool {
		if !slices.Contains(takes[v.class], t.Name) {
			return false
		}
		return v.elem == nil || len(t.Args) != 1 || accepts(t.Args[0], v.elem)
	})
}

// gives is which annotations of what a function returns go with an output of a type. A bool is no int there, and an int a float: as
// the step runner has it.
var gives = map[ir.Type][]string{
	ir.String: append([]string{"str"}, sequence...),
	ir.Int:    {"int"},
	ir.Float:  {"int", "float"},
	ir.Bool:   {"bool"},
	ir.JSON:   append([]string{"None", "bool", "int", "float", "str", "list", "tuple", "dict"}, append(mutable, mapping...)...),
}

var givesList = append([]string{"list", "tuple"}, mutable...)

// canBe reports whether a value of one of the types may be an output of the type.
func canBe(types []Type, out ir.Type) bool {
	if types == nil || out == ir.Object {
		return true
	}
	elem := out.Elem()
	return slices.ContainsFunc(types, func(t Type) bool {
		if elem == "" {
			return slices.Contains(gives[out], t.Name)
		}
		return slices.Contains(givesList, t.Name) && (len(t.Args) != 1 || canBe(t.Args[0], elem))
	})
}

// isMapping reports whether one of the types may be a mapping, and returns those of its values; nil if they are not known.
func isMapping(types []Type) (values []Type, may bool) {
	may = types == nil
	unknown := may
	for _, t := range types {
		if t.Name != "dict" && !slices.Contains(mapping, t.Name) {
			continue
		}
		may = true
		if len(t.Args) != 2 || t.Args[1] == nil {
			unknown = true
			continue
		}
		values = append(values, t.Args[1]...)
	}
	if unknown {
		return nil, may
	}
	return values, may
}
