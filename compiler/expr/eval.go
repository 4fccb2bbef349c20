package expr

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Value types data that may hold expressions, as in with. It returns nil after an error.
//
// A text that is exactly one expression keeps that expression's type; within other text its text form is inserted.
func Value(v *spec.Value, scope Scope, diags *diag.List) *ir.Expr {
	switch v.Kind {
	case spec.Sequence:
		items := make([]*ir.Expr, 0, len(v.Items))
		ok := true
		for _, item := range v.Items {
			e := Value(item, scope, diags)
			ok = ok && e != nil
			items = append(items, e)
		}
		if !ok {
			return nil
		}
		c := &checker{scope: scope, diags: diags}
		return c.list(items, v.Pos)
	case spec.Mapping:
		keys := make([]string, 0, len(v.Entries))
		items := make([]*ir.Expr, 0, len(v.Entries))
		ok := true
		for _, e := range v.Entries {
			item := Value(e.Value, scope, diags)
			ok = ok && item != nil
			keys = append(keys, e.Key.Value)
			items = append(items, item)
		}
		if !ok {
			return nil
		}
		c := &checker{scope: scope, diags: diags}
		return c.mapping(keys, items, v.Pos)
	}
	if hasExpr(v.Text) {
		return template(v, scope, diags)
	}
	return literal(v, diags)
}

// literal types a scalar without expressions.
func literal(v *spec.Value, diags *diag.List) *ir.Expr {
	lit := func(t ir.Type, kind ir.ValueKind, text string) *ir.Expr {
		return &ir.Expr{Op: ir.Lit, Type: t, Nullable: t == ir.Null, Value: &ir.Value{Kind: kind, Text: text, Pos: ir.Pos(v.Pos)}, Pos: ir.Pos(v.Pos)}
	}
	switch v.FormOf() {
	case spec.NullForm:
		return lit(ir.Null, ir.NullValue, "")
	case spec.BoolForm:
		return lit(ir.Bool, ir.BoolValue, v.Text)
	case spec.IntForm:
		n, ok := v.Int64()
		if !ok {
			diags.Errorf(v.Pos, diag.BadNumber, "%s does not fit a 64-bit int", v.Text).WithHelp("quote it if it is a text")
			return nil
		}
		return lit(ir.Int, ir.IntValue, ir.IntText(n))
	case spec.FloatForm:
		f, ok := v.Float64()
		if !ok {
			diags.Errorf(v.Pos, diag.BadNumber, "%s does not fit a 64-bit float", v.Text).WithHelp("quote it if it is a text")
			return nil
		}
		return lit(ir.Float, ir.FloatValue, ir.FloatText(f))
	case spec.OddForm:
		spec.Odd(diags, v)
		return nil
	}
	return lit(ir.String, ir.StringValue, v.Text)
}

// template types a text with ${{ in it.
func template(v *spec.Value, scope Scope, diags *diag.List) *ir.Expr {
	parts, open, ok := split(v.Text)
	if !ok {
		d := diags.Errorf(v.PosAt(open, 3), diag.BadExpression, "${{ is not closed").
			WithHelp("close it with }}, or write $${{ for a literal ${{")
		if _, behind, _ := strings.Cut(string([]rune(v.Text)[open:]), "}}"); behind != "" || strings.HasSuffix(v.Text, "}}") {
			d.WithHelp("close the bracket or the quote that is open before the }}")
		}
		return nil
	}
	text := &ir.Expr{Op: ir.Text, Type: ir.String, Pos: ir.Pos(v.Pos)}
	for _, part := range parts {
		if !part.isExpr {
			text.Args = append(text.Args, &ir.Expr{Op: ir.Lit, Type: ir.String, Pos: ir.Pos(v.Pos),
				Value: &ir.Value{Kind: ir.StringValue, Text: part.text, Pos: ir.Pos(v.Pos)}})
			continue
		}
		c := &checker{scope: scope, diags: diags, src: part.text, pos: func(offset, length int) diag.Pos {
			return v.PosAt(part.at+offset, length)
		}}
		e := c.expression()
		switch {
		case e == nil:
			ok = false
		case len(parts) == 1:
			return e
		case e.Type.IsArtifact():
			c.errorf(e, diag.TypeMismatch, "a %s cannot stand within other text", e.Type).
				WithHelp("pass it alone: its path arrives as the value")
			ok = false
		case e.Nullable:
			c.mayBeNull(e, "within other text")
			ok = false
		}
		text.Args = append(text.Args, e)
	}
	if !ok {
		return nil
	}
	if len(parts) == 1 { // nothing but escapes
		return text.Args[0]
	}
	return text
}

// expression parses and types the checker's source; nil after an error.
func (c *checker) expression() *ir.Expr {
	if strings.TrimSpace(c.src) == "" {
		c.diags.Errorf(c.pos(0, utf8.RuneCountInString(c.src)), diag.BadExpression, "the expression is empty")
		return nil
	}
	if at := pipe(c.src); at >= 0 {
		c.diags.Errorf(c.pos(at, 1), diag.BadExpression, "the operator | is not part of the language").
			WithHelp("call the function: len(x) instead of x | len(); or is ||")
		return nil
	}
	tree, err := parser.Parse(c.src)
	if err != nil {
		c.parseError(err)
		return nil
	}
	return c.check(tree.Node)
}

var expected = regexp.MustCompile(`^unexpected token ([A-Za-z]+)\("((?s).*)"\)(.*)$`)

// parseError reports what expr-lang's parser says, in words that do not need its token names.
func (c *checker) parseError(err error) {
	var fe *file.Error
	if !errors.As(err, &fe) {
		c.diags.Errorf(c.pos(0, utf8.RuneCountInString(c.src)), diag.BadExpression, "not an expression: %v", err)
		return
	}
	msg := strings.SplitN(fe.Message, "\n", 2)[0]
	length := max(1, fe.To-fe.From)
	if m := expected.FindStringSubmatch(msg); m != nil {
		msg = "unexpected " + strings.TrimSpace("\""+m[2]+"\""+m[3])
		length = max(1, utf8.RuneCountInString(m[2]))
	} else if strings.HasPrefix(msg, "unexpected token EOF") {
		msg = "the expression ends too early"
	} else if strings.Contains(msg, "strconv.") || strings.Contains(msg, "integer literal") {
		c.diags.Errorf(c.pos(0, utf8.RuneCountInString(c.src)), diag.BadExpression, "a number in the expression is out of range").
			WithHelp("an int has 64 bits, a float is finite")
		return
	}
	d := c.diags.Errorf(c.pos(min(fe.From, max(0, utf8.RuneCountInString(c.src)-1)), length), diag.BadExpression, "not an expression: %s", msg)
	if strings.Contains(c.src, "??") && strings.Contains(msg, "??") || strings.Contains(msg, "cannot be mixed") {
		d.WithHelp("?? needs parentheses beside other operators: (a ?? b) + c")
	}
	if strings.Contains(c.src, " = ") {
		d.WithHelp("a comparison is ==")
	}
}

// pipe returns the rune offset of a | that is no ||, outside of strings, or -1.
func pipe(src string) int {
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '"', '\'', '`':
			n := stringEnd(src[i:])
			if n < 0 {
				return -1 // the parser will say
			}
			i += n - 1
		case '|':
			if strings.HasPrefix(src[i:], "||") {
				i++
				continue
			}
			return utf8.RuneCountInString(src[:i])
		}
	}
	return -1
}

// extent returns the rune range that a node covers in the source, as far as the parser tells.
func (c *checker) extent(n ast.Node) (offset, length int) {
	loc := n.Location()
	return loc.From, max(1, loc.To-loc.From)
}

func (c *checker) at(n ast.Node) ir.Pos {
	offset, length := c.extent(n)
	return ir.Pos(c.pos(offset, length))
}

func (c *checker) nodeErrorf(n ast.Node, code diag.Code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(diag.Pos(c.at(n)), code, format, args...)
}

func (c *checker) errorf(e *ir.Expr, code diag.Code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(diag.Pos(e.Pos), code, format, args...)
}

func (c *checker) mayBeNull(e *ir.Expr, where string) {
	c.errorf(e, diag.MayBeNull, "%s may be null %s", Describe(e), where).
		WithHelp("say what to take then: (%s ?? …)", Describe(e))
}

// Constant reads data in which no expression is evaluated, as in options and defaults; nil after an error.
func Constant(v *spec.Value, diags *diag.List) *ir.Value {
	switch v.Kind {
	case spec.Sequence:
		out := &ir.Value{Kind: ir.ListValue, Pos: ir.Pos(v.Pos)}
		for _, item := range v.Items {
			x := Constant(item, diags)
			if x == nil {
				return nil
			}
			out.Items = append(out.Items, *x)
		}
		return out
	case spec.Mapping:
		out := &ir.Value{Kind: ir.MapValue, Pos: ir.Pos(v.Pos)}
		for _, e := range v.Entries {
			x := Constant(e.Value, diags)
			if x == nil {
				return nil
			}
			out.Map = append(out.Map, ir.Field{Key: e.Key.Value, Value: *x, Pos: ir.Pos(e.Key.Pos)})
		}
		return out
	}
	if e := literalText(v, diags); e != nil {
		return e.Value
	}
	return nil
}

// literalText types a scalar, and refuses an expression in it.
func literalText(v *spec.Value, diags *diag.List) *ir.Expr {
	if !hasExpr(v.Text) {
		return literal(v, diags)
	}
	parts, open, ok := split(v.Text)
	if ok && len(parts) == 1 && !parts[0].isExpr {
		text := *v
		text.Text, text.Plain = parts[0].text, false
		return literal(&text, diags)
	}
	for _, part := range parts {
		if part.isExpr {
			open = part.at - 3
			break
		}
	}
	diags.Errorf(v.PosAt(open, 3), diag.NoExpression, "no expression is evaluated here").WithHelp("write $${{ for a literal ${{")
	return nil
}
