package check

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// inlined is another pipeline whose steps are those of a group.
type inlined struct {
	tree   *spec.Pipeline
	folder fs.FS // that its paths are relative to
	params []*ir.Param
	values map[string]*ir.Expr // of its parameters, in terms of the pipeline around it
}

// maxInlined bounds how many pipelines may be inlined within each other, and maxReads how many are read for one: what is
// inlined twice is read twice, with all that it inlines.
const (
	maxInlined = 6
	maxReads   = 1000
)

// pipelineOf is the inlined pipeline that a scope is in, nil for the outermost one.
func (sc *scope) pipelineOf() *inlined {
	for ; sc != nil; sc = sc.outer() {
		if sc.pipeline != nil {
			return sc.pipeline
		}
	}
	return nil
}

// defaultsOf are the defaults of the pipeline that a step is written in.
func (c *checker) defaultsOf(s *step) *spec.Defaults {
	if p := s.scope.pipelineOf(); p != nil {
		return p.tree.Defaults
	}
	return c.tree.Defaults
}

// inline reads the pipeline that a step names and makes its steps those of the group. What is wrong with that file by itself is
// told with its place there.
func (c *checker) inline(s *step, finally bool) {
	name := s.tree.Pipeline
	s.inner = &scope{group: s, byName: map[string]*step{}}
	folder := c.folders.Pipeline
	if p := s.scope.pipelineOf(); p != nil {
		folder = p.folder
	}
	file := path.Clean(name.Value)
	if folder == nil || !fs.ValidPath(file) {
		c.diags.Errorf(name.Pos, diag.MissingCode, "cannot read the pipeline %q", name.Value).
			WithHelp("name a file beside the spec, or in a folder below it")
		return
	}
	if *c.reads++; *c.reads > maxReads {
		if *c.reads == maxReads+1 { // one finding will do
			c.diags.Errorf(name.Pos, diag.EngineLimit, "too many pipelines are inlined: over %d, counting those within them", maxReads)
		}
		return
	}
	data, err := fs.ReadFile(folder, file)
	if err != nil {
		c.diags.Errorf(name.Pos, diag.MissingCode, "cannot read the pipeline %q: %s", name.Value, reason(err))
		return
	}
	sub, err := fs.Sub(folder, path.Dir(file))
	if err != nil {
		c.diags.Errorf(name.Pos, diag.MissingCode, "cannot read the pipeline %q: %s", name.Value, err)
		return
	}
	chain := append(slices.Clone(c.chain), string(data))
	if i := slices.Index(c.chain, string(data)); i >= 0 {
		c.diags.Errorf(name.Pos, diag.Cycle, "the pipeline %q inlines itself: %s", name.Value, strings.Join(append(slices.Clone(c.files), file), " inlines "))
		return
	}
	if len(chain) > maxInlined {
		c.diags.Errorf(name.Pos, diag.EngineLimit, "the pipeline %q is inlined too deeply: at most %d within each other", name.Value, maxInlined)
		return
	}
	if !c.standsAlone(name.Pos, file, data, Folders{Code: c.folders.Code, Pipeline: sub, Defaults: c.folders.Defaults}, chain) {
		return
	}
	tree := spec.Parse(data, &diag.List{})
	tree.MoveTo(name.Pos)
	tree = tree.WithDefaults(c.folders.Defaults)
	if tree.Schedule != nil {
		c.diags.Notef(name.Pos, diag.NotApplied, "the schedule of %q is not applied: the pipeline that inlines it has its own", name.Value)
	}
	if len(tree.Finally) > 0 {
		c.diags.Errorf(name.Pos, diag.InvalidStep, "%q has finally, which a pipeline that is inlined must not have", name.Value).
			WithHelp("put its steps into finally of the pipeline that inlines it")
	}
	s.tree.GroupOutputs = tree.Outputs
	s.inner.pipeline = &inlined{tree: tree, folder: sub}
	c.inlined = append(c.inlined, s.inner.pipeline)
	outerChain, outerFiles := c.chain, c.files
	c.chain, c.files = chain, append(slices.Clone(c.files), file)
	c.collect(s.inner, tree.Steps, finally)
	c.chain, c.files = outerChain, outerFiles
}

// standsAlone compiles a pipeline that is inlined by itself, and tells its errors.
func (c *checker) standsAlone(pos diag.Pos, file string, data []byte, folders Folders, chain []string) bool {
	var found diag.List
	if tree := spec.Parse(data, &found); tree != nil {
		inner := newChecker(tree, folders, &found)
		inner.chain, inner.files, inner.reads = chain, append(slices.Clone(c.files), file), c.reads
		inner.pipeline()
	}
	for _, d := range found.Sorted() {
		if d.Severity == diag.Error {
			c.diags.Errorf(pos, d.Code, "%s:%d:%d: %s", file, d.Pos.Line, d.Pos.Col, d.Message).WithHelp("%s", d.Help)
		}
	}
	return !found.HasErrors()
}

// arguments gives the parameters of an inlined pipeline their values: what with says, else their defaults.
func (c *checker) arguments(g *step) {
	p := g.inner.pipeline
	if p == nil {
		return
	}
	p.values = map[string]*ir.Expr{}
	inner := newChecker(p.tree, Folders{}, &diag.List{})
	inner.params()
	p.params = inner.out.Params
	given := map[string]spec.Entry{}
	for _, e := range g.tree.With {
		given[e.Key.Value] = e
		if !slices.ContainsFunc(p.params, func(param *ir.Param) bool { return param.Name == e.Key.Value }) {
			names := make([]string, len(p.params))
			for i, param := range p.params {
				names[i] = param.Name
			}
			c.diags.Errorf(e.Key.Pos, diag.UnknownName, "%q has no parameter %q", g.tree.Pipeline.Value, e.Key.Value).Suggest(e.Key.Value, names)
		}
	}
	for _, param := range p.params {
		e, ok := given[param.Name]
		switch {
		case ok:
			if v := c.value(g, e.Value, false); v != nil {
				p.values[param.Name] = c.argument(param, v)
			}
		case param.Default != nil:
			p.values[param.Name] = &ir.Expr{Op: ir.Lit, Type: param.Type, Value: param.Default, Pos: ir.Pos(g.tree.Pipeline.Pos)}
		default:
			c.diags.Errorf(g.tree.Pipeline.Pos, diag.MissingKey, "%q needs the parameter %q", g.tree.Pipeline.Value, param.Name).
				WithHelp("give it: with: {%s: …}", param.Name)
		}
	}
}

// argument returns a value as the type of a parameter; nil after an error.
func (c *checker) argument(param *ir.Param, v *ir.Expr) *ir.Expr {
	pos := diag.Pos(v.Pos)
	switch {
	case !expr.Guarded(v, "here", c.diags):
		return nil
	case param.Type == ir.Float && v.Type == ir.Int:
		v = expr.ToFloat(v)
	case v.IsLit() && v.Value.Kind == ir.ListValue && len(v.Value.Items) == 0 && param.Type.IsList():
		v.Type = param.Type
	case param.Type == ir.JSON && !v.Type.IsArtifact():
	case v.Type != param.Type || v.NullableItems:
		c.diags.Errorf(pos, diag.TypeMismatch, "the parameter %q is of the type %s, not %s", param.Name, param.Type, v.Type)
		return nil
	}
	if !v.IsLit() {
		if len(param.Enum) > 0 || param.Min != nil || param.Max != nil || param.Pattern != "" {
			c.diags.Notef(pos, diag.NotApplied, "the rules of the parameter %q are not checked: a run alone knows its value", param.Name)
		}
		return v
	}
	if err := allowed(param, v.Value); err != nil {
		c.diags.Errorf(pos, diag.InvalidParam, "the parameter %q: %s", param.Name, err)
		return nil
	}
	return v
}

// allowed holds a literal to the rules of a parameter.
func allowed(p *ir.Param, v *ir.Value) error {
	n, isNumber := v.Number()
	switch {
	case len(p.Enum) > 0 && !slices.ContainsFunc(p.Enum, func(choice ir.Value) bool { return choice.Text == v.Text }):
		return errors.New("it is none of the values that it may have")
	case isNumber && p.Min != nil && n < number(p.Min):
		return errors.New("it is less than the least that it may be, " + p.Min.Text)
	case isNumber && p.Max != nil && n > number(p.Max):
		return errors.New("it is more than the most that it may be, " + p.Max.Text)
	case p.Pattern != "" && !regexp.MustCompile(`^(?:`+p.Pattern+`)$`).MatchString(v.Text):
		return errors.New("it does not match " + p.Pattern)
	}
	return nil
}
