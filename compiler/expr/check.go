package expr

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// check types a node; nil after an error.
func (c *checker) check(n ast.Node) *ir.Expr {
	switch n := n.(type) {
	case *ast.NilNode:
		return c.lit(n, ir.Null, ir.NullValue, "")
	case *ast.BoolNode:
		text := "false"
		if n.Value {
			text = "true"
		}
		return c.lit(n, ir.Bool, ir.BoolValue, text)
	case *ast.IntegerNode:
		if !c.plainNumber(n) {
			return nil
		}
		return c.lit(n, ir.Int, ir.IntValue, ir.IntText(int64(n.Value)))
	case *ast.FloatNode:
		if !c.plainNumber(n) {
			return nil
		}
		return c.lit(n, ir.Float, ir.FloatValue, ir.FloatText(n.Value))
	case *ast.StringNode:
		if !utf8.ValidString(n.Value) {
			c.nodeErrorf(n, diag.BadExpression, "the text is not UTF-8")
			return nil
		}
		return c.lit(n, ir.String, ir.StringValue, n.Value)
	case *ast.IdentifierNode:
		if n.Value == "null" { // the parser knows nil alone
			return c.lit(n, ir.Null, ir.NullValue, "")
		}
		return c.member(n)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.BuiltinNode:
		return c.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(n, callee.Value, n.Arguments)
		}
	case *ast.ArrayNode:
		if items, ok := c.checkAll(n.Nodes); ok {
			return c.list(items, diag.Pos(c.at(n)))
		}
		return nil
	case *ast.MapNode:
		return c.mapLiteral(n)
	}
	c.nodeErrorf(n, diag.BadExpression, "this is not part of the language").
		WithHelp("see the operators and functions in docs/language.md")
	return nil
}

func (c *checker) checkAll(nodes []ast.Node) ([]*ir.Expr, bool) {
	out, ok := make([]*ir.Expr, 0, len(nodes)), true
	for _, n := range nodes {
		e := c.check(n)
		ok = ok && e != nil
		out = append(out, e)
	}
	return out, ok
}

func (c *checker) lit(n ast.Node, t ir.Type, kind ir.ValueKind, text string) *ir.Expr {
	pos := c.at(n)
	return &ir.Expr{Op: ir.Lit, Type: t, Nullable: t == ir.Null, Value: &ir.Value{Kind: kind, Text: text, Pos: pos}, Pos: pos}
}

// plainNumber refuses the spellings 012, 1_000 and 0x1f, which the parser takes and other readers take differently.
func (c *checker) plainNumber(n ast.Node) bool {
	offset, length := c.extent(n)
	runes := []rune(c.src)
	text := string(runes[offset:min(offset+length, len(runes))])
	if strings.ContainsAny(text, "_xXoObB") || len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9' {
		c.nodeErrorf(n, diag.BadNumber, "%s is no number of the language", text).
			WithHelp("write it in decimal, without leading zeros and underscores")
		return false
	}
	return true
}

func (c *checker) mapLiteral(n *ast.MapNode) *ir.Expr {
	var keys []string
	var items []*ir.Expr
	ok := true
	for _, pair := range n.Pairs {
		kv := pair.(*ast.PairNode)
		key, isText := kv.Key.(*ast.StringNode)
		if !isText {
			c.nodeErrorf(kv.Key, diag.TypeMismatch, "the key of a map must be a plain text")
			ok = false
			continue
		}
		item := c.check(kv.Value)
		ok = ok && item != nil
		keys, items = append(keys, key.Value), append(items, item)
	}
	if !ok {
		return nil
	}
	return c.mapping(keys, items, diag.Pos(c.at(n)))
}

// element refuses what cannot be inside a list or a map.
func (c *checker) element(e *ir.Expr, where string) bool {
	if e.Type.IsArtifact() {
		c.errorf(e, diag.TypeMismatch, "a %s cannot be an element of a %s", e.Type, where).
			WithHelp("pass it as an input of its own")
		return false
	}
	return c.guarded(e, "in a "+where)
}

// list types a list of checked elements: list[T] if all are of one scalar type, else json.
func (c *checker) list(items []*ir.Expr, pos diag.Pos) *ir.Expr {
	elem, literal := ir.Type(""), true
	for _, item := range items {
		if !c.element(item, "list") {
			return nil
		}
		literal = literal && item.IsLit()
		switch t := item.Type; {
		case elem == "":
			elem = t
		case elem.IsNumber() && t.IsNumber() && elem != t:
			elem = ir.Float
		case elem != t:
			elem = ir.JSON
		}
	}
	out := &ir.Expr{Op: ir.List, Type: ir.JSON, Pos: ir.Pos(pos), Args: items}
	if elem != "" && elem != ir.Null && !elem.IsList() {
		out.Type = ir.ListOf(elem)
	}
	if elem == ir.Float {
		for i := range items {
			items[i] = toFloat(items[i])
		}
	}
	if literal {
		v := &ir.Value{Kind: ir.ListValue, Pos: ir.Pos(pos)}
		for _, item := range items {
			v.Items = append(v.Items, *item.Value)
		}
		return &ir.Expr{Op: ir.Lit, Type: out.Type, Value: v, Pos: ir.Pos(pos)}
	}
	return out
}

func (c *checker) mapping(keys []string, items []*ir.Expr, pos diag.Pos) *ir.Expr {
	literal := true
	for i, item := range items {
		if !c.element(item, "map") {
			return nil
		}
		for _, other := range keys[:i] {
			if other == keys[i] {
				c.errorf(item, diag.DuplicateName, "the key %q is there twice", keys[i])
				return nil
			}
		}
		literal = literal && item.IsLit()
	}
	if literal {
		v := &ir.Value{Kind: ir.MapValue, Pos: ir.Pos(pos)}
		for i, item := range items {
			v.Map = append(v.Map, ir.Field{Key: keys[i], Value: *item.Value, Pos: item.Pos})
		}
		return &ir.Expr{Op: ir.Lit, Type: ir.JSON, Value: v, Pos: ir.Pos(pos)}
	}
	return &ir.Expr{Op: ir.Map, Type: ir.JSON, Keys: keys, Args: items, Pos: ir.Pos(pos)}
}

// toFloat makes an int a float: a literal at once, anything else by a call.
func toFloat(e *ir.Expr) *ir.Expr {
	if e.Type != ir.Int {
		return e
	}
	if e.IsLit() {
		v := *e.Value
		v.Kind = ir.FloatValue
		if !strings.ContainsAny(v.Text, ".e") {
			f, _ := (&ir.Value{Kind: ir.IntValue, Text: v.Text}).Number()
			v.Text = ir.FloatText(f)
		}
		return &ir.Expr{Op: ir.Lit, Type: ir.Float, Value: &v, Pos: e.Pos}
	}
	return &ir.Expr{Op: ir.Call, Name: "float", Type: ir.Float, Args: []*ir.Expr{e}, Pos: e.Pos}
}

// ToFloat makes an int a float.
func ToFloat(e *ir.Expr) *ir.Expr { return toFloat(e) }

// guarded reports a reference in e that may be null and that no ?? provides for.
func (c *checker) guarded(e *ir.Expr, where string) bool {
	switch e.Op {
	case ir.OutputRef, ir.RunRef, ir.EachRef, ir.GetIndex:
		if e.Nullable {
			c.mayBeNull(e, where)
			return false
		}
	case ir.Cond:
		return c.guarded(e.Args[1], where) && c.guarded(e.Args[2], where)
	}
	return true
}

// Guarded reports a reference in a finished value that may be null and that no ?? provides for.
func Guarded(e *ir.Expr, where string, diags *diag.List) bool {
	return (&checker{diags: diags}).guarded(e, where)
}

// copyNumber is what tells apart, in a path, the groups that a foreach makes of one.
var copyNumber = regexp.MustCompile(`\.[0-9]+`)

// Describe names an expression in a message.
func Describe(e *ir.Expr) string {
	switch e.Op {
	case ir.ParamRef:
		return "params." + e.Name
	case ir.OutputRef:
		return "steps." + copyNumber.ReplaceAllString(e.Step, "") + "." + e.Name
	case ir.EachRef:
		return "each." + e.Name
	case ir.GetIndex:
		return Describe(e.Args[0]) + "[" + Describe(e.Args[1]) + "]"
	case ir.RunRef:
		return "run." + e.Name
	case ir.PathRef:
		return "outputs." + e.Name
	case ir.GetField:
		return Describe(e.Args[0]) + "." + e.Name
	case ir.Call:
		return e.Name + "(…)"
	case ir.Lit:
		if e.Type == ir.Null {
			return "null"
		}
		return e.Value.Text
	}
	return "this"
}
