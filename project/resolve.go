package project

import (
	"os"
	"slices"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// resolve merges what the files say: what is closer to the project wins, key by key. all is by the order of Files, with nil for
// an empty one.
func (p *Project) resolve(all []*settings, c Config) {
	merged := &settings{}
	for _, s := range slices.Backward(all) {
		if s != nil {
			merged = overlay(merged, s)
		}
	}
	if all[0] != nil {
		merged.pipelines = all[0].pipelines // those of another project are its own
	} else {
		merged.pipelines = nil
	}
	if merged.code != nil {
		v := merged.code.Value
		p.Code = cleanPath(textOf(v))
		if info, err := os.Stat(p.path(p.Code)); err != nil || !info.IsDir() {
			p.place(v, v.Pos).errorf(diag.BadFile, "there is no folder %q", p.Code).WithHelp("code is the root of the Python imports, relative to the project")
		}
	}
	for _, e := range merged.flavors {
		p.flavor(e, c)
	}
	for _, v := range merged.require {
		p.require = append(p.require, requirement{findRule(textOf(v)), p.place(v, v.Pos)})
	}
	if len(merged.defaults) > 0 {
		p.defaults = &spec.Value{Kind: spec.Mapping, Entries: merged.defaults}
	}
	for _, s := range merged.stacks {
		p.Stacks = append(p.Stacks, p.stack(s, merged, c))
	}
	if e := merged.first; e != nil {
		p.Default = textOf(e.Value)
		p.checkStackName(e.Value)
	}
	for _, v := range merged.pipelines {
		p.entries = append(p.entries, p.entry(v))
	}
}

// overlay merges what a file says over what those say that it extends.
func overlay(base, closer *settings) *settings {
	out := &settings{
		code:        or(closer.code, base.code),
		first:       or(closer.first, base.first),
		flavors:     override(base.flavors, closer.flavors),
		defaults:    overrideDefaults(base.defaults, closer.defaults),
		require:     slices.Concat(base.require, closer.require), // a policy is added to, never taken back
		stackParams: override(base.stackParams, closer.stackParams),
		stacks:      slices.Clone(base.stacks),
	}
	out.stackOptions = slices.Clone(base.stackOptions)
	for _, g := range closer.stackOptions {
		i := slices.IndexFunc(out.stackOptions, func(other group) bool { return other.name.Value == g.name.Value })
		if i < 0 {
			out.stackOptions = append(out.stackOptions, g)
			continue
		}
		out.stackOptions[i].entries = override(out.stackOptions[i].entries, g.entries)
	}
	for _, s := range closer.stacks {
		i := slices.IndexFunc(out.stacks, func(other stackTree) bool { return other.name.Value == s.name.Value })
		if i < 0 {
			out.stacks = append(out.stacks, s)
			continue
		}
		under := out.stacks[i]
		s.fields = override(under.fields, s.fields)
		s.params = override(under.params, s.params)
		s.options = override(under.options, s.options)
		out.stacks[i] = s
	}
	return out
}

// override replaces the entries that other has as well, in their place, and adds the rest.
func override(entries, other []spec.Entry) []spec.Entry {
	out := slices.Clone(entries)
	for _, e := range other {
		if i := indexKey(out, e.Key.Value); i >= 0 {
			out[i] = e
		} else {
			out = append(out, e)
		}
	}
	return out
}

// overrideDefaults is override, and merges the variables of env one by one.
func overrideDefaults(entries, other []spec.Entry) []spec.Entry {
	out := override(entries, other)
	from, to := indexKey(entries, "env"), indexKey(other, "env")
	if from >= 0 && to >= 0 && entries[from].Value.Kind == spec.Mapping && other[to].Value.Kind == spec.Mapping {
		merged := *other[to].Value
		merged.Entries = override(entries[from].Value.Entries, merged.Entries)
		out[from].Value = &merged
	}
	return out
}

func indexKey(entries []spec.Entry, key string) int {
	return slices.IndexFunc(entries, func(e spec.Entry) bool { return e.Key.Value == key })
}

func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// place is that of something that belongs to a value.
func (p *Project) place(v *spec.Value, pos diag.Pos) place { return place{p.origin[v], pos} }

func (p *Project) flavor(e spec.Entry, c Config) {
	if slices.Contains(c.Flavors, e.Key.Value) {
		p.place(e.Value, e.Key.Pos).errorf(diag.DuplicateName, "there is a flavor %q already: it is built in", e.Key.Value).WithHelp("give it another name")
		return
	}
	p.Flavors = append(p.Flavors, Flavor{e.Key.Value, textOf(e.Value), e.Key.Pos, p.origin[e.Value].Path})
}

// checkStackName reports a name of no stack.
func (p *Project) checkStackName(v *spec.Value) {
	if name := textOf(v); p.Stack(name) == nil {
		p.place(v, v.Pos).errorf(diag.UnknownName, "there is no stack %q", name).Suggest(name, p.StackNames())
	}
}

// stack makes a stack of what is said of it and of all of them.
func (p *Project) stack(t stackTree, merged *settings, c Config) *Stack {
	s := &Stack{Name: t.name.Value, place: p.place(t.at, t.name.Pos)}
	for _, e := range t.fields {
		p.set(s, e.Value, e.Key.Value)
	}
	if e := fieldOf(t.fields, "flavor"); e != nil {
		s.Flavor = textOf(e.Value)
		p.checkFlavor(s.Flavor, e.Value, c)
	} else {
		s.place.errorf(diag.MissingKey, "the stack %q has no \"flavor\"", s.Name).WithHelp("name what it is deployed to: flavor: airflow")
	}
	if e := fieldOf(t.fields, "output"); e != nil {
		s.Output = cleanPath(textOf(e.Value))
	}
	options := t.options
	for _, g := range merged.stackOptions {
		if g.name.Value == s.Flavor {
			options = override(g.entries, options)
		}
	}
	for _, e := range options {
		p.set(s, e.Value, "options", e.Key.Value)
		if v := expr.Constant(e.Value, &diag.List{}); v != nil {
			s.Options = append(s.Options, ir.Field{Key: e.Key.Value, Value: *v, Pos: ir.Pos(e.Key.Pos)})
		}
	}
	if e := fieldOf(t.fields, "python"); e != nil {
		field := ir.Field{Key: "python", Value: ir.Value{Kind: ir.StringValue, Text: textOf(e.Value)}, Pos: ir.Pos(e.Key.Pos)}
		if i := indexKey(t.options, "python"); i >= 0 && p.origin[t.options[i].Value] == p.origin[e.Value] {
			p.place(e.Value, e.Key.Pos).errorf(diag.DuplicateName, "the stack %q names its python twice: options have it as well", s.Name).
				WithHelp("leave one of them out")
		}
		s.Options = slices.DeleteFunc(s.Options, func(f ir.Field) bool { return f.Key == "python" })
		s.Settings = slices.DeleteFunc(s.Settings, func(o Setting) bool { return slices.Equal(o.Path, []string{"options", "python"}) })
		s.Options = append(s.Options, field)
	}
	for _, e := range override(merged.stackParams, t.params) {
		p.set(s, e.Value, "params", e.Key.Value)
		s.params = append(s.params, param{e.Key.Value, e.Value, p.place(e.Value, e.Key.Pos), false})
	}
	return s
}

func fieldOf(entries []spec.Entry, key string) *spec.Entry {
	if i := indexKey(entries, key); i >= 0 {
		return &entries[i]
	}
	return nil
}

// set notes where a stack has a value from.
func (p *Project) set(s *Stack, v *spec.Value, path ...string) {
	s.Settings = append(s.Settings, Setting{path, v, p.place(v, v.Pos)})
}

func (p *Project) checkFlavor(name string, v *spec.Value, c Config) {
	known := slices.Clone(c.Flavors)
	for _, f := range p.Flavors {
		known = append(known, f.Name)
	}
	if !slices.Contains(known, name) {
		p.place(v, v.Pos).errorf(diag.UnknownName, "there is no flavor %q", name).Suggest(name, known)
	}
}
