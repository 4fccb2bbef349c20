package expr

import (
	"cmp"
	"strconv"

	"github.com/expr-lang/expr/ast"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// instead says what to write for operators of the parser's language that zenc does not have.
var instead = map[string]string{
	"and": "&&", "or": "||", "not": "!( … )", "matches": "pattern on a param, or a step", "**": "x * x", "^": "x * x",
	"..": "a list, [0, 1, 2]",
}

func (c *checker) unknownOperator(n ast.Node, op string) *ir.Expr {
	d := c.nodeErrorf(n, diag.BadExpression, "the operator %s is not part of the language", op)
	if w, ok := instead[op]; ok {
		d.WithHelp("write %s", w)
	}
	return nil
}

func (c *checker) unary(n *ast.UnaryNode) *ir.Expr {
	if n.Operator != "!" && n.Operator != "-" && n.Operator != "+" {
		return c.unknownOperator(n, n.Operator)
	}
	x := c.check(n.Node)
	if x == nil || !c.operand(x, n.Operator) {
		return nil
	}
	switch {
	case n.Operator == "!" && x.Type == ir.Bool:
		return &ir.Expr{Op: "!", Type: ir.Bool, Args: []*ir.Expr{x}, Pos: c.at(n)}
	case n.Operator != "!" && x.Type.IsNumber():
		if n.Operator == "+" {
			return x
		}
		if x.IsLit() && x.Value.Text[0] != '-' {
			if x.Type == ir.Float || x.Value.Text != "0" {
				x.Value.Text = "-" + x.Value.Text
			}
			x.Pos.Col--
			return x
		}
		return &ir.Expr{Op: "-", Type: x.Type, Args: []*ir.Expr{x}, Pos: c.at(n)}
	}
	c.nodeErrorf(n, diag.TypeMismatch, "%s does not take a %s", n.Operator, x.Type)
	return nil
}

// operand refuses what no operator but == != ?? takes: a file, and what may be null.
func (c *checker) operand(x *ir.Expr, op string) bool {
	switch {
	case x.Type.IsArtifact():
		c.errorf(x, diag.TypeMismatch, "%s does not take a %s", op, x.Type)
		return false
	case x.Nullable:
		c.mayBeNull(x, "and "+op+" does not take null")
		return false
	}
	return true
}

func (c *checker) binary(n *ast.BinaryNode) *ir.Expr {
	switch n.Operator {
	case "==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "in", "??", "contains", "startsWith", "endsWith":
	default:
		return c.unknownOperator(n, n.Operator)
	}
	a, b := c.check(n.Left), c.check(n.Right)
	if a == nil || b == nil {
		return nil
	}
	e := &ir.Expr{Op: ir.Op(n.Operator), Args: []*ir.Expr{a, b}, Pos: c.at(n)}
	switch n.Operator {
	case "??":
		return c.coalesce(n, e)
	case "==", "!=":
		return c.equality(n, e)
	}
	if !c.operand(a, n.Operator) || !c.operand(b, n.Operator) {
		return nil
	}
	if e.Type = resultType(n.Operator, a.Type, b.Type); e.Type != "" {
		return folded(e)
	}
	d := c.nodeErrorf(n, diag.TypeMismatch, "%s does not take %s and %s", n.Operator, a.Type, b.Type)
	if a.Type == ir.JSON || b.Type == ir.JSON {
		d.WithHelp("say what the json is: int(x), float(x), string(x), or x == true")
	} else if n.Operator == "+" && (a.Type == ir.String || b.Type == ir.String) {
		d.WithHelp("join texts by writing them side by side, a ${{ x }} b, or convert: string(x)")
	}
	return nil
}

// resultType returns the type of an operator on two types, "" if it does not take them.
func resultType(op string, a, b ir.Type) ir.Type {
	numbers := a.IsNumber() && b.IsNumber()
	strings := a == ir.String && b == ir.String
	switch op {
	case "&&", "||":
		if a == ir.Bool && b == ir.Bool {
			return ir.Bool
		}
	case "<", "<=", ">", ">=":
		if numbers || strings {
			return ir.Bool
		}
	case "contains", "startsWith", "endsWith":
		if strings {
			return ir.Bool
		}
	case "in":
		if b.IsList() && comparable(a, b.Elem()) || b == ir.JSON {
			return ir.Bool
		}
	case "/":
		if numbers {
			return ir.Float
		}
	case "%":
		if a == ir.Int && b == ir.Int {
			return ir.Int
		}
	case "+", "-", "*":
		switch {
		case op == "+" && strings:
			return ir.String
		case numbers && a == ir.Int && b == ir.Int:
			return ir.Int
		case numbers:
			return ir.Float
		}
	}
	return ""
}

// comparable reports whether == can hold between values of two types.
func comparable(a, b ir.Type) bool {
	return a == b || a.IsNumber() && b.IsNumber() || a == ir.JSON || b == ir.JSON || a == ir.Null || b == ir.Null
}

func (c *checker) equality(n ast.Node, e *ir.Expr) *ir.Expr {
	a, b := e.Args[0], e.Args[1]
	for _, x := range e.Args {
		if x.Type.IsArtifact() {
			c.errorf(x, diag.TypeMismatch, "%s does not take a %s", e.Op, x.Type)
			return nil
		}
	}
	if !comparable(a.Type, b.Type) {
		c.nodeErrorf(n, diag.TypeMismatch, "%s compares %s with %s, which are never equal", e.Op, a.Type, b.Type).
			WithHelp("convert one of them, as in int(x) or string(x)")
		return nil
	}
	e.Type = ir.Bool
	return folded(e)
}

// folded evaluates what literals alone decide: what an element of a foreach is compared with, as a rule.
func folded(e *ir.Expr) *ir.Expr {
	a, b := e.Args[0], e.Args[1]
	switch {
	case e.Op == "&&" && isBool(a, true), e.Op == "||" && isBool(a, false):
		return b
	case e.Op == "&&" && isBool(a, false), e.Op == "||" && isBool(a, true):
		return a
	case !a.IsLit() || !b.IsLit() || a.Type != b.Type:
		return e
	}
	var order int
	switch a.Type {
	case ir.String, ir.Bool:
		order = cmp.Compare(a.Value.Text, b.Value.Text)
	case ir.Int:
		x, _ := strconv.ParseInt(a.Value.Text, 10, 64) // both are ints of 64 bits
		y, _ := strconv.ParseInt(b.Value.Text, 10, 64)
		order = cmp.Compare(x, y)
	default:
		return e
	}
	holds, ok := map[ir.Op]bool{"==": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[e.Op]
	if !ok {
		return e
	}
	return &ir.Expr{Op: ir.Lit, Type: ir.Bool, Pos: e.Pos, Value: &ir.Value{Kind: ir.BoolValue, Text: strconv.FormatBool(holds), Pos: e.Pos}}
}

func isBool(e *ir.Expr, value bool) bool {
	return e.IsLit() && e.Type == ir.Bool && e.Value.Text == strconv.FormatBool(value)
}

func (c *checker) coalesce(n ast.Node, e *ir.Expr) *ir.Expr {
	for _, x := range e.Args {
		if x.Type.IsArtifact() {
			c.errorf(x, diag.TypeMismatch, "?? does not take a %s", x.Type)
			return nil
		}
	}
	t, ok := c.unify(n, e.Args)
	last := e.Args[1]
	isBranch := last.Op == ir.OutputRef // of two branches one has run, as a rule; else the value is null
	if !ok || !isBranch && !c.guarded(last, "as the last resort of ??") {
		return nil
	}
	e.Type, e.Nullable = t, last.Nullable && !isBranch
	e.NullableItems = e.Args[0].NullableItems || last.NullableItems
	return e
}

func (c *checker) conditional(n *ast.ConditionalNode) *ir.Expr {
	if !n.Ternary {
		c.nodeErrorf(n, diag.BadExpression, "if … else is not part of the language").WithHelp("write condition ? a : b")
		return nil
	}
	cond, a, b := c.check(n.Cond), c.check(n.Exp1), c.check(n.Exp2)
	if cond == nil || a == nil || b == nil || !c.operand(cond, "?:") {
		return nil
	}
	if cond.Type != ir.Bool {
		c.errorf(cond, diag.TypeMismatch, "the condition of ?: must be a bool, not a %s", cond.Type)
		return nil
	}
	branches := []*ir.Expr{a, b}
	t, ok := c.unify(n, branches)
	if !ok {
		return nil
	}
	if t.IsArtifact() {
		c.nodeErrorf(n, diag.TypeMismatch, "?: does not take a %s", t)
		return nil
	}
	return &ir.Expr{Op: ir.Cond, Type: t, Nullable: branches[0].Nullable || branches[1].Nullable,
		NullableItems: branches[0].NullableItems || branches[1].NullableItems,
		Args:          []*ir.Expr{cond, branches[0], branches[1]}, Pos: c.at(n)}
}

// unify finds the type of two alternatives and converts one of them where an int stands beside a float.
func (c *checker) unify(n ast.Node, xs []*ir.Expr) (ir.Type, bool) {
	a, b := xs[0].Type, xs[1].Type
	switch {
	case a == b, b == ir.Null:
		return a, true
	case a == ir.Null:
		return b, true
	case a.IsNumber() && b.IsNumber():
		xs[0], xs[1] = toFloat(xs[0]), toFloat(xs[1])
		return ir.Float, true
	case a == ir.JSON && !b.IsArtifact(), b == ir.JSON && !a.IsArtifact():
		return ir.JSON, true
	}
	c.nodeErrorf(n, diag.TypeMismatch, "the two alternatives are %s and %s; they must have one type", a, b)
	return "", false
}
