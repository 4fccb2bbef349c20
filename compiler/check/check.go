// Package check gives a syntax tree its meaning: it resolves names, types expressions, orders the steps and fills in
// defaults. Whatever it finds wrong it reports, and goes on.
package check

import (
	"io/fs"
	"regexp"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// Folders is what a spec has around it. A nil folder is not looked into, and nothing of it shipped.
type Folders struct {
	Code     fs.FS          // root of the Python imports
	Pipeline fs.FS          // what files and requirements are relative to
	Defaults *spec.Defaults // of the project, for this pipeline and those that it inlines; nil: none
}

// Pipeline lowers a tree. The result is complete only if diags has no errors.
func Pipeline(tree *spec.Pipeline, folders Folders, diags *diag.List) *ir.Pipeline {
	c := newChecker(tree, folders, diags)
	c.pipeline()
	return c.out
}

func newChecker(tree *spec.Pipeline, folders Folders, diags *diag.List) *checker {
	tree = tree.WithDefaults(folders.Defaults)
	return &checker{tree: tree, folders: folders, diags: diags, out: &ir.Pipeline{Version: ir.Version}, byPath: map[string]*step{}, used: map[ir.Pos]bool{}, read: map[diag.Pos]bool{}, reads: new(int)}
}

func (c *checker) pipeline() {
	c.header()
	c.schedule()
	c.params()
	c.steps()
	c.code(c.folders)
	c.diags.MergeUnknown(c.tree.Text, func(declared diag.Pos) bool { return c.used[ir.Pos(declared)] || c.read[declared] })
	c.unused()
}

type checker struct {
	tree    *spec.Pipeline
	folders Folders
	// chain and files are the contents and names of the pipelines that are being inlined, outer ones first.
	chain, files []string
	inlined      []*inlined
	reads        *int // files that were read to be inlined, here and in what is compiled for this
	copies       int  // groups that foreach has made
	diags        *diag.List
	out          *ir.Pipeline

	top        *scope
	outerNeeds []outerNeeds
	byPath     map[string]*step  // the steps, without groups, by their names with those of their groups
	used       map[ir.Pos]bool   // declarations that something refers to
	read       map[diag.Pos]bool // inputs and outputs that a script refers to
}

var (
	pipelineName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	plainName    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// name reports a name of a step, parameter, input or output that is not legal.
func (c *checker) name(n spec.String, what string) bool {
	switch {
	case !plainName.MatchString(n.Value):
		d := c.diags.Errorf(n.Pos, diag.BadName, "%q cannot be the name of %s: lower-case letters, digits and _, a letter first", n.Value, what)
		if fixed := fixName(n.Value, '_'); plainName.MatchString(fixed) {
			d.WithHelp("write %s", fixed)
		}
		return false
	case len(n.Value) > 40:
		c.diags.Errorf(n.Pos, diag.BadName, "the name of %s has %d characters; at most 40 are allowed", what, len(n.Value))
		return false
	}
	return true
}

// fixName is the nearest legal name.
func fixName(s string, separator rune) string {
	var out []rune
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && len(out) > 0:
			out = append(out, r)
		case r >= 'A' && r <= 'Z':
			out = append(out, r-'A'+'a')
		case (r == '-' || r == '_' || r == ' ' || r == '.') && len(out) > 0:
			out = append(out, separator)
		}
	}
	return string(out)
}

func (c *checker) header() {
	t, out := c.tree, c.out
	if n := t.Name; n != nil {
		out.Name, out.Pos.Name = n.Value, ir.Pos(n.Pos)
		switch {
		case !pipelineName.MatchString(n.Value):
			d := c.diags.Errorf(n.Pos, diag.BadName, "%q cannot be the name of a pipeline: lower-case letters, digits and -, a letter first", n.Value)
			if fixed := fixName(n.Value, '-'); pipelineName.MatchString(fixed) {
				d.WithHelp("write %s", fixed)
			}
		case len(n.Value) > 48:
			c.diags.Errorf(n.Pos, diag.BadName, "the name of a pipeline has %d characters; at most 48 are allowed", len(n.Value))
		case n.Value[len(n.Value)-1] == '-':
			c.diags.Errorf(n.Pos, diag.BadName, "%q cannot be the name of a pipeline: it must not end in -", n.Value)
		}
	}
	out.Description = c.text(t.Description)
	out.Owner = c.text(t.Owner)
	for _, l := range t.Labels {
		if l.Key.Value == "" || utf8.RuneCountInString(l.Key.Value+l.Value.Value) > 99 {
			c.diags.Errorf(l.Key.Pos, diag.BadName, "a label needs a key, and key and value together at most 99 characters")
		}
		out.Labels = append(out.Labels, ir.Label{Key: c.text(&l.Key), Value: c.text(&l.Value), Pos: ir.Pos(l.Key.Pos)})
	}
	out.Timeout, out.Pos.Timeout = c.seconds(t.Timeout)
	if n := t.MaxParallel; n != nil {
		out.MaxParallel, out.Pos.MaxParallel = int(n.Value), ir.Pos(n.Pos)
	}
	if n := t.MaxActiveRuns; n != nil {
		out.MaxActiveRuns, out.Pos.MaxActiveRuns = int(n.Value), ir.Pos(n.Pos)
	}
	if b := t.FailFast; b != nil {
		out.FailFast, out.Pos.FailFast = b.Value, ir.Pos(b.Pos)
	}
	out.Options = c.options(t.Options)
}

// text returns a text of the spec. NUL is refused: no engine's files can hold it.
func (c *checker) text(s *spec.String) string {
	if s == nil {
		return ""
	}
	for _, r := range s.Value {
		if r == 0 {
			c.diags.Errorf(s.Pos, diag.BadName, "the text has a NUL character, which no engine can hold")
			break
		}
	}
	return s.Value
}

// seconds returns a duration, which must not be 0 where it limits something.
func (c *checker) seconds(d *spec.Duration) (int64, ir.Pos) {
	if d == nil {
		return 0, ir.Pos{}
	}
	if d.Seconds == 0 {
		c.diags.Errorf(d.Pos, diag.BadDuration, "the duration must be at least 1s").WithHelp("leave the key out for no limit")
	}
	return d.Seconds, ir.Pos(d.Pos)
}

// options lowers the blocks of all flavors; what is in them is their backend's to check.
func (c *checker) options(all []spec.Options) []ir.Options {
	var out []ir.Options
	for _, o := range all {
		block := ir.Options{Flavor: o.Flavor.Value, Pos: ir.Pos(o.Flavor.Pos)}
		for _, e := range o.Fields {
			if v := c.constant(e.Value); v != nil {
				block.Fields = append(block.Fields, ir.Field{Key: e.Key.Value, Value: *v, Pos: ir.Pos(e.Key.Pos)})
			}
		}
		out = append(out, block)
	}
	return out
}

// constant types data in which no expression is evaluated; nil after an error.
func (c *checker) constant(v *spec.Value) *ir.Value {
	return expr.Constant(v, c.diags)
}
