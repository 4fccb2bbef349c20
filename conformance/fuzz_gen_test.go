package conformance

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// generator makes a pipeline that the compiler takes. It knows the types of references and where they may be null.
type generator struct {
	r      *rand.Rand
	params []ref
	budget int  // instances of steps that there may still be
	times  int  // how many instances a step has for the groups around it
	bare   bool // steps do little but fail and skip: it is about what becomes of the others
	names  map[string]int
}

// node is a step or a group while it is made; the pipeline is a group without a name.
type node struct {
	name    string
	parent  *node // the group around it
	finally bool
	keys    mapping

	isGroup bool
	inner   []*node
	copies  bool // a group with a foreach over lists that are written
	mapped  bool // a group with a foreach over lists of a run
	fanOut  bool // a step with a foreach

	runIf     string
	needs     []*node
	when      bool
	perItem   bool // when is about the element
	soft      bool // allow_failure or skip_exit_code
	maybeNone bool // a list of foreach may be empty
	each      []ref
	same      bool // two elements may be the same
	outs      []out
}

// out is an output of a step or group.
type out struct {
	name      string
	typ       ir.Type
	computed  bool // of a group: more than a reference
	fanIn     bool // of a group: a list of what instances made
	nullItems bool
	unique    bool
}

// maySkip reports a step that may be skipped though nothing has failed; rather too often than not often enough.
func (n *node) maySkip() bool {
	if n.when || n.soft || n.maybeNone || n.runIf == "failed" {
		return true
	}
	if n.isGroup && !slices.ContainsFunc(n.inner, func(in *node) bool { return !in.maySkip() }) {
		return true
	}
	return n.runIf == "" && slices.ContainsFunc(n.needs, (*node).maySkip)
}

// itemsMaySkip reports a fan-out of which some instances may be skipped.
func (n *node) itemsMaySkip() bool {
	return n.perItem || n.soft || n.isGroup && (n.mapped || slices.ContainsFunc(n.inner, (*node).maySkip))
}

// generate returns the spec of a seed.
func generate(name string, seed uint64) ([]byte, error) {
	g := &generator{r: rand.New(rand.NewPCG(seed, 0)), times: 1, names: map[string]int{}}
	g.budget = 3 + g.r.IntN(7)
	if g.bare = g.r.IntN(2) == 0; g.bare {
		g.budget += 3
	}
	top := &node{isGroup: true, keys: newMapping()}
	spec := newMapping()
	spec.set("name", plain(name))
	spec.set("params", g.parameters().node)
	if g.r.IntN(8) == 0 {
		defaults := newMapping()
		defaults.set("retries", plain("1"))
		spec.set("defaults", defaults.flow())
	}
	steps, finally := newMapping(), newMapping()
	for len(top.inner) < 2 || g.budget > 0 {
		g.child(top, steps, false)
	}
	if g.r.IntN(3) == 0 {
		g.budget = 1 + g.r.IntN(2)
		for g.budget > 0 {
			g.child(top, finally, true)
		}
	}
	if g.r.IntN(3) == 0 { // the order in the file means nothing
		shuffle(g.r, steps)
		shuffle(g.r, finally)
	}
	spec.set("steps", steps.node)
	spec.setIfAny("finally", finally)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(spec.node)
	return b.Bytes(), err
}

func shuffle(r *rand.Rand, m mapping) {
	c := m.node.Content
	r.Shuffle(len(c)/2, func(i, j int) {
		c[2*i], c[2*j] = c[2*j], c[2*i]
		c[2*i+1], c[2*j+1] = c[2*j+1], c[2*i+1]
	})
}

func (g *generator) parameters() mapping {
	m := newMapping()
	add := func(name string, t ir.Type, value *yaml.Node, unique bool) {
		p := newMapping()
		p.set("type", str(string(t)))
		p.set("default", value)
		m.set(name, p.flow())
		g.params = append(g.params, ref{text: "params." + name, typ: t, unique: unique})
	}
	m.set("folder", str(""))
	for range g.r.IntN(3) {
		t := pick(g, scalarTypes)
		add(g.name("p"), t, data(t, pick(g, texts(t))), false)
	}
	t := pick(g, scalarTypes[:3])
	add(g.name("p"), ir.ListOf(t), dataList(t, g.distinct(t, g.r.IntN(4))), true)
	if g.r.IntN(4) == 0 {
		add(g.name("p"), ir.JSON, g.jsonData(nil, 2), false)
	}
	return m
}

// odd are names that some generated text might take for its own.
var odd = []string{"ti", "each", "params", "ran", "pod", "optional", "any_failed", "skip_unless", "run_status", "start", "run_id", "dag", "step", "run_succeeded", "class", "none", "list", "json", "fan_out", "import", "main", "args"}

// name is new for every prefix.
func (g *generator) name(prefix string) string {
	g.names[prefix]++
	return fmt.Sprint(prefix, g.names[prefix])
}

// stepName is a name that no other step in sight has. Groups beside each other have steps of the same names.
func (g *generator) stepName(parent *node) string {
	depth := 0
	taken := map[string]bool{}
	for at := parent; at != nil; at = at.parent {
		depth++
		taken[at.name] = true
		for _, in := range at.inner {
			taken[in.name] = true
		}
	}
	if name := pick(g, odd); g.r.IntN(12) == 0 && !taken[name] {
		return name
	}
	for i := 1; ; i++ {
		if name := fmt.Sprint(string(rune('r'+depth)), i); !taken[name] {
			return name
		}
	}
}

// child adds a step or a group to a group.
func (g *generator) child(parent *node, into mapping, finally bool) {
	n := &node{parent: parent, finally: finally, keys: newMapping(), name: g.stepName(parent)}
	depth := 0
	for at := parent; at != nil; at = at.parent {
		depth++
	}
	n.isGroup = depth < 3 && g.budget >= g.times*2 && g.r.IntN(3) == 0
	g.conditions(n)
	if n.isGroup {
		g.group(n)
	} else {
		g.step(n)
	}
	parent.inner = append(parent.inner, n)
	into.set(n.name, n.keys.node)
}

// conditions decides what a step needs by name, and how that must have ended.
func (g *generator) conditions(n *node) {
	var near, all []*node
	for scope := n.parent; scope != nil; scope = scope.parent {
		for _, p := range scope.inner {
			if p.finally == n.finally {
				all = append(all, p)
				if scope == n.parent {
					near = append(near, p)
				}
			}
		}
	}
	var named []*node
	if len(near) > 0 && (g.r.IntN(3) == 0 || g.bare && g.r.IntN(3) == 0) {
		n.runIf = pick(g, []string{"not_failed", "failed", "done", "done", "succeeded"})
		n.keys.set("run_if", plain(n.runIf))
		if n.runIf == "succeeded" {
			n.runIf = ""
		}
		named = append(named, pick(g, near))
	}
	for range g.r.IntN(3) {
		if len(all) > 0 && g.r.IntN(2) == 0 {
			named = append(named, pick(g, all))
		}
	}
	var list []string
	for _, p := range named {
		if !slices.Contains(list, p.name) {
			list = append(list, p.name)
			need(n, p)
		}
	}
	if len(list) > 0 {
		n.keys.set("needs", words(list...))
	}
}

// condition adds when, as often as not about an element.
func (g *generator) condition(n *node) {
	if g.r.IntN(4) > 0 {
		return
	}
	text := g.constant(ir.Bool)
	if !g.bare {
		text = g.expr(n, ir.Bool, 2)
	}
	if len(n.each) > 0 && g.r.IntN(2) == 0 {
		e := pick(g, n.each)
		text = g.comparison(n, e)
	} else if r, ok := g.refOf(n, func(r ref) bool { return r.owner != nil && slices.Contains(scalarTypes, r.typ) }); ok && g.r.IntN(2) == 0 {
		text = g.comparison(n, r)
	}
	if n.finally && g.r.IntN(2) == 0 {
		text = `run.status == "` + pick(g, []string{"failed", "succeeded"}) + `"`
	}
	n.when, n.perItem = true, strings.Contains(text, "each")
	n.keys.set("when", expression(text))
}

// comparison of a reference with a value that it may have.
func (g *generator) comparison(n *node, r ref) string {
	if !slices.Contains(scalarTypes, r.typ) {
		return "string(" + g.guarded(n, r) + `) != "1"`
	}
	return g.guarded(n, r) + " " + pick(g, []string{"==", "!=", "!="}) + " " + literal(r.typ, texts(r.typ)[g.r.IntN(2)])
}

// foreach adds one. The lists of a group decide which sort it is.
func (g *generator) foreach(n *node) (instances int) {
	lists := newMapping()
	instances = 1
	var each []ref
	written := true
	for i := range 1 + g.r.IntN(5)/4 {
		name := g.name("e")
		e := ref{text: "each." + name}
		r, ok := g.refOf(n, func(r ref) bool { return r.typ.IsList() })
		switch {
		case ok && g.r.IntN(2) == 0 && (i == 0 || !written):
			written = false
			e.typ, e.null, e.unique = r.typ.Elem(), r.nullItems && !r.null, r.unique && !r.null
			lists.set(name, expression(g.guarded(n, r)))
			instances *= 2
		default:
			t, least := pick(g, scalarTypes), 1
			if !n.isGroup && g.r.IntN(8) == 0 {
				least = 0
			}
			values := g.distinct(t, least+g.r.IntN(3))
			e.typ, e.unique = t, true
			if len(values) == 0 {
				e.typ, n.maybeNone = ir.JSON, true
			}
			lists.set(name, dataList(t, values))
			instances *= len(values)
		}
		each = append(each, e)
		n.same = n.same || !e.unique
	}
	n.each = each
	n.maybeNone = n.maybeNone || !written
	switch {
	case !n.isGroup:
		n.fanOut = true
		if g.r.IntN(8) == 0 {
			n.keys.set("max_parallel", plain("1"))
		}
	case written:
		n.copies = true
	default:
		n.mapped = true
	}
	n.keys.set("foreach", lists.flow())
	return max(instances, 1)
}

// inMapped reports a step within a group whose steps have instances, where no other foreach is allowed.
func (n *node) inMapped() bool {
	for at := n.parent; at != nil; at = at.parent {
		if at.mapped {
			return true
		}
	}
	return false
}

// group fills a group.
func (g *generator) group(n *node) {
	times := g.times
	if !n.inMapped() && g.r.IntN(5) < 2 {
		g.times *= g.foreach(n)
	}
	g.condition(n)
	steps := newMapping()
	for range 1 + g.r.IntN(3) {
		if len(n.inner) == 0 || g.budget > 0 {
			g.child(n, steps, n.finally)
		}
	}
	if g.r.IntN(3) == 0 {
		shuffle(g.r, steps)
	}
	n.keys.set("steps", steps.node)
	g.groupOutputs(n)
	g.times = times
}

func (g *generator) groupOutputs(n *node) {
	outputs := newMapping()
	for range g.r.IntN(4) {
		p := pick(g, n.inner)
		if len(p.outs) == 0 {
			continue
		}
		o := pick(g, p.outs)
		r, ok := view(p, o, p.maySkip() && !n.mapped)
		if !ok || n.mapped && (o.computed || p.copies) || n.copies && r.typ.IsList() && r.typ.IsArtifact() {
			continue
		}
		exported := out{name: g.name("o"), typ: r.typ, computed: o.computed && p.isGroup || p.copies, fanIn: p.fanOut || p.mapped || o.fanIn, nullItems: r.nullItems, unique: r.unique}
		text := r.text
		switch {
		case n.mapped:
		case r.null:
			text, exported.computed = text+" ?? "+g.constant(r.typ), true
		case r.typ == ir.Int && g.r.IntN(4) == 0:
			text, exported.computed = text+" + 1", true
		}
		outputs.set(exported.name, expression(text))
		n.outs = append(n.outs, exported)
	}
	if !outputs.isEmpty() {
		n.keys.set("outputs", outputs.flow())
	}
}
