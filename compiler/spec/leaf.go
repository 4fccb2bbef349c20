package spec

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// The functions below read one leaf. Each reports what does not fit and returns nil then.

func (p *parser) intoString(to **String) reader {
	return func(n *yaml.Node, key String) { *to = p.str(n, key) }
}

func (p *parser) intoDuration(to **Duration) reader {
	return func(n *yaml.Node, key String) { *to = p.duration(n, key) }
}

func (p *parser) intoInt(to **Int, least int64) reader {
	return func(n *yaml.Node, key String) { *to = p.integer(n, key, least) }
}

func (p *parser) intoValue(to **Value) reader {
	return func(n *yaml.Node, _ String) { *to = p.value(n) }
}

// scalar returns a scalar's value, or reports a mapping, a list or nothing.
func (p *parser) scalar(n *yaml.Node, key String, want string) *Value {
	at := n
	if n = p.resolve(n); n == nil {
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		p.diags.Errorf(p.pos(at), diag.WrongShape, "%s must be %s, not %s", key.Value, want, shape(n))
		return nil
	}
	v := p.value(at)
	if v.FormOf() == NullForm {
		pos := v.Pos
		if v.Text == "" {
			pos = key.Pos
		}
		p.diags.Errorf(pos, diag.WrongShape, "%s is empty; it must be %s", key.Value, want).WithHelp("give a value, or leave the key out")
		return nil
	}
	return v
}

// str reads a text in which no expression is evaluated.
func (p *parser) str(n *yaml.Node, key String) *String {
	v := p.scalar(n, key, "a text")
	if v == nil {
		return nil
	}
	return p.noExpression(v, "no expression is evaluated in "+key.Value, "write $${{ for a literal ${{")
}

// script reads the text of run, which takes no expressions: they would be shell injection.
func (p *parser) script(n *yaml.Node, key String) *String {
	v := p.scalar(n, key, "a text")
	if v == nil {
		return nil
	}
	return p.noExpression(v, "the text of run takes no expressions: a value in it could be read as shell",
		"pass the value by name and read it as a variable:\n  with: {x: \"${{ … }}\"}\n  run: … \"$IN_X\" …\n(and $${{ is a literal ${{)")
}

func (p *parser) noExpression(v *Value, message, help string) *String {
	text, at, found := unescape(v.Text)
	if found {
		p.diags.Errorf(v.PosAt(at, 3), diag.NoExpression, "%s", message).WithHelp("%s", help)
		return nil
	}
	s := &String{Value: text, Pos: v.Pos}
	if text == v.Text { // without escapes
		s.from = v
	}
	return s
}

func (p *parser) plainKey(key String) String {
	if text, _, found := unescape(key.Value); !found {
		key.Value = text
	} else {
		p.diags.Errorf(key.Pos, diag.NoExpression, "no expression is evaluated in a key").WithHelp("write $${{ for a literal ${{")
	}
	return key
}

func (p *parser) integer(n *yaml.Node, key String, least int64) *Int {
	v := p.scalar(n, key, "a whole number")
	if v == nil {
		return nil
	}
	if v.FormOf() == OddForm {
		Odd(p.diags, v)
		return nil
	}
	i, ok := v.Int64()
	switch {
	case v.FormOf() != IntForm:
		p.diags.Errorf(v.Pos, diag.BadNumber, "%s must be a whole number, not %s", key.Value, quoteScalar(v))
	case !ok || i < least || i > 1<<31-1:
		p.diags.Errorf(v.Pos, diag.BadNumber, "%s must be at least %d and at most %d, not %s", key.Value, least, 1<<31-1, v.Text)
	default:
		return &Int{i, v.Pos}
	}
	return nil
}

// integers reads a list of whole numbers; a single one will do.
func (p *parser) integers(n *yaml.Node, key String, least int64) *Ints {
	out := &Ints{Pos: key.Pos}
	items := []*yaml.Node{n}
	if r := p.resolve(n); r != nil && r.Kind == yaml.SequenceNode {
		if items = p.sequence(n, key.Value); len(items) == 0 {
			p.diags.Errorf(key.Pos, diag.MissingKey, "%s is empty", key.Value).WithHelp("name one at least, or leave the key out")
		}
	}
	for _, item := range items {
		if i := p.integer(item, key, least); i != nil {
			out.Values = append(out.Values, i)
		}
	}
	return out
}

func (p *parser) float(n *yaml.Node, key String, least float64) *Float {
	v := p.scalar(n, key, "a number")
	if v == nil {
		return nil
	}
	form := v.FormOf()
	if form == OddForm {
		Odd(p.diags, v)
		return nil
	}
	f, ok := v.Float64()
	switch {
	case form != IntForm && form != FloatForm:
		p.diags.Errorf(v.Pos, diag.BadNumber, "%s must be a number, not %s", key.Value, quoteScalar(v))
	case !ok || f < least:
		p.diags.Errorf(v.Pos, diag.BadNumber, "%s must be at least %v, not %s", key.Value, least, v.Text)
	default:
		return &Float{f, v.Pos}
	}
	return nil
}

func (p *parser) boolean(n *yaml.Node, key String) *Bool {
	v := p.scalar(n, key, "true or false")
	if v == nil {
		return nil
	}
	if v.FormOf() != BoolForm {
		p.diags.Errorf(v.Pos, diag.BadBool, "%s must be true or false, not %s", key.Value, quoteScalar(v))
		return nil
	}
	return &Bool{v.Text == "true", v.Pos}
}

func (p *parser) duration(n *yaml.Node, key String) *Duration {
	v := p.scalar(n, key, "a duration")
	if v == nil {
		return nil
	}
	seconds, ok := parseDuration(v.Text)
	if !ok {
		d := p.diags.Errorf(v.Pos, diag.BadDuration, "%s must be a duration such as 90s, 15m, 1h30m or 2d, not %s", key.Value, quoteScalar(v))
		if v.FormOf() == IntForm {
			d.WithHelp("write %ss for seconds or %sm for minutes", v.Text, v.Text)
		} else if meant := durationsLike(v.Text); meant != nil {
			d.WithHelp("did you mean %s?", strings.Join(meant, ", "))
		}
		return nil
	}
	return &Duration{seconds, v.Pos}
}

// strings reads a list of texts.
func (p *parser) strings(n *yaml.Node, what string) []*String {
	var out []*String
	for _, item := range p.sequence(n, what) {
		if s := p.str(item, String{Value: "an entry of " + what}); s != nil {
			out = append(out, s)
		}
	}
	return out
}

func quoteScalar(v *Value) string { return strconv.Quote(shorten(v.Text)) }
