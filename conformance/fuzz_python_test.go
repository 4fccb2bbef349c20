package conformance

import (
	"fmt"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// python makes a step that calls a function of testdata/fuzz/fuzz.py.
func (g *generator) python(n *node, b *body) {
	call := func(function string) { n.keys.set("python", plain("fuzz:"+function)) }
	value := func(name string) ir.Type {
		t := pick(g, append([]ir.Type{ir.JSON, ir.ListOf(ir.String)}, scalarTypes...))
		b.with.set(name, expression(g.expr(n, t, 1)))
		return t
	}
	artifacts := map[ir.Type][]ref{}
	for _, r := range g.refs(n) {
		artifacts[r.typ] = append(artifacts[r.typ], r)
	}
	reads := map[ir.Type]struct{ function, input string }{ir.Object: {"unwrap", "thing"}, ir.ListOf(ir.Object): {"unwrap_all", "things"},
		ir.File: {"read", "note"}, ir.ListOf(ir.File): {"read_all", "notes"}}
	for _, t := range []ir.Type{ir.Object, ir.ListOf(ir.Object), ir.ListOf(ir.File), ir.File} {
		if len(artifacts[t]) > 0 && g.r.IntN(2) == 0 {
			call(reads[t].function)
			b.with.set(reads[t].input, expression(use(n, pick(g, artifacts[t]))))
			g.output(n, b, g.name("o"), ir.JSON)
			return
		}
	}
	switch k := g.r.IntN(8); {
	case k == 0:
		call("fail")
		value("value")
		g.retries(n, 1)
	case k == 1:
		call("pair")
		g.output(n, b, "x", value("a"))
		g.output(n, b, "y", value("b"))
	case k == 2:
		call("unless")
		t := value("value")
		b.with.set("bad", g.value(n, t))
		g.output(n, b, g.name("o"), t)
	case k == 3:
		call("wrap")
		value("value")
		g.output(n, b, g.name("o"), ir.Object)
	case k == 4:
		call("write")
		value("value")
		g.output(n, b, "note", ir.File)
	case k == 5 && !n.isAlike():
		call("flaky")
		attempts := 2
		b.with.set("folder", expression("params.folder"))
		b.with.set("key", g.key(n))
		b.with.set("succeeds", plain(fmt.Sprint(attempts)))
		g.output(n, b, g.name("o"), value("value"))
		g.retries(n, attempts)
	default:
		call("give")
		g.output(n, b, g.name("o"), value("value"))
	}
}
