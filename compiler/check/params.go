package check

import (
	"regexp"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// scalarTypes are the types that a parameter or the elements of a list may have.
var scalarTypes = []string{"bool", "float", "int", "json", "string"}

// parseType reads a type; artifacts are legal for outputs alone.
func (c *checker) parseType(s *spec.String, artifacts bool) (ir.Type, bool) {
	text := s.Value
	known := append([]string{}, scalarTypes...)
	for _, t := range scalarTypes {
		known = append(known, "list["+t+"]")
	}
	if artifacts {
		known = append(known, "file", "dir", "object")
	}
	for _, t := range known {
		if t == text {
			return ir.Type(t), true
		}
	}
	if !artifacts && (text == "file" || text == "dir" || text == "object") {
		c.diags.Errorf(s.Pos, diag.BadType, "a parameter cannot be a %s", text).WithHelp("pass its path as a string, or ship it with files:")
		return "", false
	}
	if alias, ok := typeAliases[strings.ToLower(text)]; ok {
		c.diags.Errorf(s.Pos, diag.BadType, "%q is not a type", text).Replace(alias, true)
		return "", false
	}
	c.diags.Errorf(s.Pos, diag.BadType, "%q is not a type", text).SuggestWord(text, known)
	return "", false
}

// typeAliases are names of types in other languages.
var typeAliases = map[string]string{
	"str": "string", "text": "string", "integer": "int", "number": "float", "double": "float", "boolean": "bool",
	"dict": "json", "map": "json", "any": "json", "array": "list[string]", "list": "list[string]", "path": "file",
	"list[str]": "list[string]", "list[integer]": "list[int]", "list[number]": "list[float]", "list[boolean]": "list[bool]",
}

func (c *checker) params() {
	for _, t := range c.tree.Params {
		p := c.param(t)
		if p == nil { // known, but of no type: what references it is not reported as well
			p = &ir.Param{Name: t.Name.Value}
		}
		c.out.Params = append(c.out.Params, p)
	}
}

func (c *checker) param(t *spec.Param) *ir.Param {
	ok := c.name(t.Name, "a parameter")
	p := &ir.Param{Name: t.Name.Value, Pos: ir.Pos(t.Name.Pos), Description: c.text(t.Description)}
	switch {
	case t.Type != nil:
		var known bool
		p.Type, known = c.parseType(t.Type, false)
		ok = ok && known
	case t.Default != nil:
		v := c.constant(t.Default)
		if v == nil {
			return nil
		}
		if p.Type = typeOf(v); p.Type == "" {
			c.diags.Errorf(t.Default.Pos, diag.InvalidParam, "the type of %q cannot be told from this default", p.Name).
				WithHelp("write {type: …, default: …}")
			ok = false
		}
	default:
		c.diags.Errorf(t.Name.Pos, diag.InvalidParam, "the parameter %q has neither a type nor a default", p.Name).WithHelp("write {type: string}")
		ok = false
	}
	if !ok {
		return nil
	}
	if t.Default != nil {
		p.Default = c.typed(t.Default, p.Type)
	} else if c.tree.Schedule != nil {
		c.diags.Errorf(t.Name.Pos, diag.InvalidParam, "the parameter %q has no default, so a scheduled run has no value for it", p.Name).
			WithHelp("give it a default").WithNote(c.tree.Schedule.Pos, "the schedule")
	}
	c.bounds(t, p)
	c.enum(t, p)
	c.pattern(t, p)
	return p
}

// typeOf infers the type of a parameter in the short form, "" for null.
func typeOf(v *ir.Value) ir.Type {
	switch v.Kind {
	case ir.BoolValue, ir.IntValue, ir.FloatValue, ir.StringValue:
		return ir.Type(v.Kind)
	case ir.NullValue:
		return ""
	case ir.ListValue:
		elem := ir.Type("")
		for i := range v.Items {
			t := typeOf(&v.Items[i])
			switch {
			case t == "" || t == ir.JSON || t.IsList():
				return ir.JSON
			case elem == "" || elem == t:
				elem = t
			case elem.IsNumber() && t.IsNumber():
				elem = ir.Float
			default:
				return ir.JSON
			}
		}
		if elem != "" {
			return ir.ListOf(elem)
		}
	}
	return ir.JSON
}

func (c *checker) bounds(t *spec.Param, p *ir.Param) {
	for _, b := range []struct {
		name string
		from *spec.Value
		to   **ir.Value
	}{{"min", t.Min, &p.Min}, {"max", t.Max, &p.Max}} {
		if b.from == nil {
			continue
		}
		if !p.Type.IsNumber() {
			c.diags.Errorf(b.from.Pos, diag.InvalidParam, "%s is for int and float, not for %s", b.name, p.Type).WithHelp("use pattern or enum")
			continue
		}
		*b.to = c.typed(b.from, p.Type)
	}
	if p.Min != nil && p.Max != nil && number(p.Min) > number(p.Max) {
		c.diags.Errorf(t.Min.Pos, diag.InvalidParam, "min is greater than max").WithNote(t.Max.Pos, "max")
	}
	if p.Default != nil && p.Type.IsNumber() {
		if p.Min != nil && number(p.Default) < number(p.Min) {
			c.diags.Errorf(t.Default.Pos, diag.InvalidParam, "the default %s is less than min", p.Default.Text).WithNote(t.Min.Pos, "min")
		}
		if p.Max != nil && number(p.Default) > number(p.Max) {
			c.diags.Errorf(t.Default.Pos, diag.InvalidParam, "the default %s is greater than max", p.Default.Text).WithNote(t.Max.Pos, "max")
		}
	}
}

func number(v *ir.Value) float64 {
	f, _ := v.Number()
	return f
}

func (c *checker) enum(t *spec.Param, p *ir.Param) {
	if t.Enum == nil {
		return
	}
	switch {
	case t.Enum.Kind != spec.Sequence || len(t.Enum.Items) == 0:
		c.diags.Errorf(t.Enum.Pos, diag.WrongShape, "enum must be a list of the values that are allowed")
		return
	case p.Type == ir.JSON || p.Type.IsList():
		c.diags.Errorf(t.Enum.Pos, diag.InvalidParam, "enum is for string, int, float and bool, not for %s", p.Type)
		return
	}
	found := p.Default == nil
	for _, item := range t.Enum.Items {
		v := c.typed(item, p.Type)
		if v == nil {
			return
		}
		for _, other := range p.Enum {
			if other.Text == v.Text {
				c.diags.Errorf(item.Pos, diag.InvalidParam, "%q is there twice in enum", v.Text)
			}
		}
		found = found || v.Text == p.Default.Text
		p.Enum = append(p.Enum, *v)
	}
	if !found {
		c.diags.Errorf(t.Default.Pos, diag.InvalidParam, "the default %q is not in enum", p.Default.Text).WithNote(t.Enum.Pos, "enum").
			Suggest(p.Default.Text, enumTexts(p))
	}
}

func enumTexts(p *ir.Param) []string {
	texts := make([]string, len(p.Enum))
	for i, v := range p.Enum {
		texts[i] = v.Text
	}
	return texts
}

func (c *checker) pattern(t *spec.Param, p *ir.Param) {
	if t.Pattern == nil {
		return
	}
	if p.Type != ir.String {
		c.diags.Errorf(t.Pattern.Pos, diag.InvalidParam, "pattern is for string, not for %s", p.Type)
		return
	}
	re, err := regexp.Compile(`^(?:` + t.Pattern.Value + `)$`)
	if err != nil {
		_, err = regexp.Compile(t.Pattern.Value) // for a message about the text as it was written
		c.diags.Errorf(t.Pattern.Pos, diag.BadPattern, "cannot read the pattern: %s", strings.TrimPrefix(errText(err), "error parsing regexp: ")).
			WithHelp("the syntax is RE2: https://github.com/google/re2/wiki/Syntax")
		return
	}
	p.Pattern = t.Pattern.Value
	if p.Default != nil && !re.MatchString(p.Default.Text) {
		c.diags.Errorf(t.Default.Pos, diag.InvalidParam, "the default %q does not match the pattern", p.Default.Text).WithNote(t.Pattern.Pos, "the pattern")
	}
}

func errText(err error) string {
	if err == nil {
		return "its parentheses do not match"
	}
	return err.Error()
}

// Typed reads data by a declared type, as the value of a parameter is read; nil after an error.
func Typed(v *spec.Value, t ir.Type, diags *diag.List) *ir.Value {
	return (&checker{diags: diags}).typed(v, t)
}

// typed reads data by a declared type: the text of a plain scalar decides, not what YAML makes of it. Nil after an error.
func (c *checker) typed(v *spec.Value, t ir.Type) *ir.Value {
	switch {
	case t == ir.JSON:
		return c.constant(v)
	case t.IsList():
		if v.Kind != spec.Sequence {
			return c.wrongType(v, t)
		}
		out := &ir.Value{Kind: ir.ListValue, Pos: ir.Pos(v.Pos)}
		for _, item := range v.Items {
			x := c.typed(item, t.Elem())
			if x == nil {
				return nil
			}
			out.Items = append(out.Items, *x)
		}
		return out
	case v.Kind != spec.Scalar:
		return c.wrongType(v, t)
	case t == ir.String:
		if v.FormOf() == spec.NullForm {
			return c.wrongType(v, t)
		}
		text := *v
		text.Plain = false
		return c.constant(&text)
	}
	form := v.FormOf()
	if form == spec.OddForm && (t.IsNumber() || t == ir.Bool) {
		spec.Odd(c.diags, v)
		return nil
	}
	x := c.constant(v)
	switch {
	case x == nil:
		return nil
	case ir.Type(x.Kind) == t:
		return x
	case t == ir.Float && x.Kind == ir.IntValue:
		x.Kind, x.Text = ir.FloatValue, ir.FloatText(number(x))
		return x
	}
	return c.wrongType(v, t)
}

func (c *checker) wrongType(v *spec.Value, t ir.Type) *ir.Value {
	what := "a mapping"
	switch v.Kind {
	case spec.Sequence:
		what = "a list"
	case spec.Scalar:
		forms := map[spec.Form]string{spec.TextForm: "the text", spec.NullForm: "null", spec.BoolForm: "the bool", spec.IntForm: "the int", spec.FloatForm: "the float"}
		what = forms[v.FormOf()]
		if what != "null" {
			what += " " + v.Text
		}
	}
	d := c.diags.Errorf(v.Pos, diag.TypeMismatch, "want %s, not %s", article(t), what)
	if v.Kind == spec.Scalar && !v.Plain {
		unquoted := *v
		unquoted.Plain = true
		if f := unquoted.FormOf(); t.IsNumber() && (f == spec.IntForm || f == spec.FloatForm) || t == ir.Bool && f == spec.BoolForm {
			d.WithHelp("write %s without quotes", v.Text)
		}
	}
	return nil
}

// article puts a or an before a type.
func article(t ir.Type) string {
	if t == ir.Int {
		return "an int"
	}
	return "a " + string(t)
}
