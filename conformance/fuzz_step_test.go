package conformance

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// body is what a step does, while it is made.
type body struct {
	lines   []string
	with    mapping
	env     mapping
	outputs mapping
	inputs  []input
}

type input struct {
	name string
	typ  ir.Type
}

// step fills a step.
func (g *generator) step(n *node) {
	instances := 1
	if !n.inMapped() && g.r.IntN(3) == 0 {
		instances = g.foreach(n)
	}
	g.condition(n)
	g.budget -= g.times * instances
	b := &body{with: newMapping(), env: newMapping(), outputs: newMapping()}
	switch k := g.r.IntN(10); {
	case g.bare:
		g.bareRun(n, b)
	case k == 0:
		g.command(n, b)
	case k < 3:
		g.python(n, b)
	default:
		g.run(n, b)
	}
	if g.r.IntN(8) == 0 && !n.soft {
		g.allowFailure(n)
	}
	b.writeTo(n.keys)
}

func (b *body) writeTo(keys mapping) {
	if len(b.lines) > 0 {
		keys.set("run", script(b.lines))
	}
	b.with.node.Style = 0
	keys.setIfAny("with", b.with)
	keys.setIfAny("env", b.env)
	if !b.outputs.isEmpty() {
		keys.set("outputs", b.outputs.flow())
	}
}

func (g *generator) allowFailure(n *node) {
	n.soft = true
	n.keys.set("allow_failure", plain("true"))
}

func (b *body) line(format string, args ...any) {
	b.lines = append(b.lines, fmt.Sprintf(format, args...))
}

// run makes a script: it may fail, skip or need attempts, and writes what it was given.
func (g *generator) run(n *node, b *body) {
	for range 1 + g.r.IntN(3) {
		g.input(n, b)
	}
	after := g.behaviour(n, b)
	for _, in := range b.inputs {
		if g.r.IntN(3) > 0 {
			continue
		}
		name := g.name("o")
		if g.r.IntN(5) == 0 {
			g.output(n, b, name, ir.File)
			b.line(`echo "<$IN_%s>" > "$OUT_%s"`, strings.ToUpper(in.name), strings.ToUpper(name))
			continue
		}
		g.output(n, b, name, in.typ)
		b.line(`printf '%%s' "$IN_%s" > "$OUT_%s"`, strings.ToUpper(in.name), strings.ToUpper(name))
	}
	if g.r.IntN(3) == 0 {
		g.lists(n, b)
	}
	if files := g.files(n); len(files) > 0 && g.r.IntN(2) == 0 {
		g.readFile(n, b, pick(g, files))
	}
	if g.r.IntN(2) == 0 {
		g.seen(n, b)
	}
	if after != "" {
		b.line("%s", after)
	}
	if len(b.lines) == 0 {
		b.line("true")
	}
}

// bareRun makes a script that does little.
func (g *generator) bareRun(n *node, b *body) {
	if r, ok := g.refOf(n, func(r ref) bool { return r.owner != nil }); ok && g.r.IntN(2) == 0 {
		b.with.set("v", expression(g.orNull(n, r)))
	}
	if g.r.IntN(2) == 0 {
		t := pick(g, []ir.Type{ir.Int, ir.ListOf(ir.Int)})
		name := g.name("o")
		g.output(n, b, name, t)
		n.outs[0].unique = true
		text := pick(g, ints)
		if t.IsList() {
			text = "[" + strings.Join(g.distinct(ir.Int, g.r.IntN(3)), ",") + "]"
		}
		b.line("echo '%s' > \"$OUT_%s\"", text, strings.ToUpper(name))
	}
	where := ""
	if len(n.each) > 0 && g.r.IntN(2) == 0 {
		e := pick(g, n.each)
		b.with.set("e", expression(g.guarded(n, e)))
		where = pick(g, []string{`test "$IN_E" = 1 || `, `test "$IN_E" = a || `, `test "$IN_E" != true || `})
	}
	b.line("true")
	switch g.r.IntN(8) {
	case 0, 1:
		b.line("%sexit 3", where)
		if g.r.IntN(3) == 0 {
			g.allowFailure(n)
		}
	case 2:
		n.soft = true
		n.keys.set("skip_exit_code", plain("99"))
		b.line("%sexit 99", where)
	}
}

// output declares an output.
func (g *generator) output(n *node, b *body, name string, t ir.Type) {
	b.outputs.set(name, plain(string(t)))
	if t.IsList() {
		b.outputs.node.Content[len(b.outputs.node.Content)-1] = str(string(t))
	}
	n.outs = append(n.outs, out{name: name, typ: t})
}

// lists writes a list that is known here, for a foreach.
func (g *generator) lists(n *node, b *body) {
	t := pick(g, scalarTypes[:3])
	values := dataList(t, g.distinct(t, g.r.IntN(4)))
	in, name := g.name("i"), g.name("o")
	if len(values.Content) == 0 {
		b.with.set(in, expression("[]"))
	} else {
		b.with.set(in, values)
	}
	g.output(n, b, name, ir.ListOf(t))
	n.outs[len(n.outs)-1].unique = true
	b.line(`printf '%%s' "$IN_%s" > "$OUT_%s"`, strings.ToUpper(in), strings.ToUpper(name))
}

// seen is an output that shows all inputs.
func (g *generator) seen(n *node, b *body) {
	name := g.name("o")
	g.output(n, b, name, ir.String)
	var all []string
	for _, in := range b.inputs {
		all = append(all, `"$IN_`+strings.ToUpper(in.name)+`"`)
	}
	if g.r.IntN(3) == 0 {
		b.env.set("SEEN", g.text(n))
		all = append(all, `"$SEEN"`)
	}
	b.line(`printf '%%s|' %s > "$OUT_%s"`, strings.Join(all, " "), strings.ToUpper(name))
}

// text is an expression between texts.
func (g *generator) text(n *node) *yaml.Node {
	t := pick(g, append(slices.Clone(scalarTypes), ir.JSON))
	return template(escape(pick(g, hostile)) + "<${{ " + g.expr(n, t, 1) + " }}>" + escape(pick(g, hostile)))
}

// input adds an input that is a value.
func (g *generator) input(n *node, b *body) {
	in := input{name: g.name("i")}
	var value *yaml.Node
	switch k := g.r.IntN(10); {
	case k < 4: // a reference
		r, ok := g.refOf(n, func(r ref) bool {
			return r.owner != nil || strings.HasPrefix(r.text, "each.") || strings.HasPrefix(r.text, "run.")
		})
		if !ok {
			g.input(n, b)
			return
		}
		in.typ, value = r.typ, expression(g.orNull(n, r))
		if r.nullItems {
			in.typ = ir.ListOf(ir.JSON)
		}
	case k < 6:
		in.typ = pick(g, scalarTypes)
		value = data(in.typ, pick(g, texts(in.typ)))
	case k == 6:
		in.typ, value = ir.JSON, g.jsonData(n, 2)
		if !strings.HasPrefix(value.Value, "null") && value.Kind == yaml.ScalarNode {
			in.typ = ir.String // of whatever type: a script has texts alone
		} else if value.Kind == yaml.SequenceNode {
			in.typ = ir.JSON
		}
	case k == 7:
		in.typ, value = ir.String, g.text(n)
	default:
		in.typ = pick(g, append(slices.Clone(scalarTypes), ir.ListOf(pick(g, scalarTypes)), ir.JSON))
		value = expression(g.expr(n, in.typ, 2))
	}
	b.with.set(in.name, value)
	b.inputs = append(b.inputs, in)
}

// orNull is a reference; where it may be null, another one of the type stands in, which may be null as well.
func (g *generator) orNull(n *node, r ref) string {
	if !r.null || r.owner == nil {
		return g.guarded(n, r)
	}
	other, ok := g.refOf(n, func(o ref) bool { return o.typ == r.typ && o.owner != nil && !o.owner.isGroup && o.text != r.text })
	if !ok {
		return g.guarded(n, r)
	}
	return use(n, r) + " ?? " + use(n, other)
}

// key is a text that no other instance of any step has.
func (g *generator) key(n *node) *yaml.Node {
	var b strings.Builder
	b.WriteString(g.name("k"))
	for at := n; at != nil; at = at.parent {
		for _, e := range at.each {
			b.WriteString(" ${{ " + e.text + " }}")
		}
	}
	return template(b.String())
}

// isAlike reports whether two instances of a step may have the same elements.
func (n *node) isAlike() bool {
	for at := n; at != nil; at = at.parent {
		if at.same {
			return true
		}
	}
	return false
}

// behaviour adds what fails or skips the step, if anything does; after is a line that belongs to the end.
func (g *generator) behaviour(n *node, b *body) (after string) {
	attempts := 1
	soft := g.r.IntN(4) == 0
	k := g.r.IntN(16)
	switch {
	case k < 9:
		return ""
	case k == 9:
		b.line("exit 3")
	case k == 10:
		after = "exit 3"
	case k <= 12: // for a value
		in := pick(g, b.inputs)
		b.with.set("bad", g.value(n, in.typ))
		action := "exit 7"
		if g.r.IntN(2) == 0 {
			n.soft, soft = true, false
			n.keys.set("skip_exit_code", plain("99"))
			action = "exit 99"
		}
		b.line(`if [ "$IN_%s" = "$IN_BAD" ]; then %s; fi`, strings.ToUpper(in.name), action)
	case k == 13:
		n.soft, soft = true, false
		n.keys.set("skip_exit_code", plain("99"))
		return "exit 99"
	case k == 14 && !n.isAlike():
		attempts = 2 + g.r.IntN(2)
		b.with.set("folder", expression("params.folder"))
		b.with.set("key", g.key(n))
		b.line(`counter="$IN_FOLDER/$(printf '%%s' "$IN_KEY" | cksum | cut -d ' ' -f 1)"`)
		b.line(`echo x >> "$counter"`)
		b.line(`test "$(wc -l < "$counter")" -ge %d || exit 5`, attempts)
	case k == 15: // an output that is not there, or is not what it should be
		t := pick(g, []ir.Type{ir.Int, ir.Bool, ir.File, ir.ListOf(ir.Int), ir.JSON})
		name := g.name("o")
		g.output(n, b, name, t)
		if t != ir.File && g.r.IntN(2) == 0 {
			b.line(`echo '[x' > "$OUT_%s"`, strings.ToUpper(name))
		}
	}
	if soft {
		g.allowFailure(n)
	}
	g.retries(n, attempts)
	return after
}

// value is one that an input of the type may have.
func (g *generator) value(n *node, t ir.Type) *yaml.Node {
	if slices.Contains(scalarTypes, t) {
		return data(t, texts(t)[g.r.IntN(2)])
	}
	return expression(g.expr(n, t, 1))
}

// retries are enough for so many attempts, or too few.
func (g *generator) retries(n *node, attempts int) {
	limit := attempts - 1 + g.r.IntN(2)
	if g.r.IntN(4) == 0 {
		limit = max(0, attempts-2)
	}
	switch {
	case limit > 0 && g.r.IntN(5) == 0:
		r := newMapping()
		r.set("limit", plain(fmt.Sprint(limit)))
		r.set("on_exit_codes", words(pick(g, []string{"5", "3", "7"})))
		n.keys.set("retries", r.flow())
	case limit > 0:
		n.keys.set("retries", plain(fmt.Sprint(limit)))
	}
}

// command makes a process without a shell around it.
func (g *generator) command(n *node, b *body) {
	name := g.name("o")
	argv := words("bash", "-c")
	argv.Content = append(argv.Content, str(`printf '%s|' "$@" > "$0"`), expression("outputs."+name))
	for range 1 + g.r.IntN(2) {
		argv.Content = append(argv.Content, g.text(n))
	}
	n.keys.set("command", argv)
	g.output(n, b, name, ir.String)
}

// files are the artifacts that a step may read.
func (g *generator) files(n *node) []ref {
	var out []ref
	for _, r := range g.refs(n) {
		if r.typ == ir.File || r.typ == ir.ListOf(ir.File) {
			out = append(out, r)
		}
	}
	return out
}

// readFile shows what is in a file, or in each of a list.
func (g *generator) readFile(n *node, b *body, r ref) {
	in, name := g.name("i"), g.name("o")
	b.with.set(in, expression(use(n, r)))
	g.output(n, b, name, ir.String)
	in, name = strings.ToUpper(in), strings.ToUpper(name)
	if r.typ == ir.File {
		b.line(`cat "$IN_%s" > "$OUT_%s"`, in, name)
		return
	}
	b.line(`for f in $(printf '%%s' "$IN_%s" | tr -d '[]"' | tr , ' '); do if [ "$f" = null ]; then echo none; else cat "$f"; fi; done > "$OUT_%s"`, in, name)
}
