package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// step is a step, or a group, while it is being lowered.
type step struct {
	tree  *spec.Step
	out   *ir.Step // of a group: its conditions
	scope *scope   // that it is in
	inner *scope   // of a group: that of its steps
	index int      // in source order within its scope
	needs []*edge  // in the order in which they were found, each step once
	// exports are the outputs of a group; nil for one that is wrong.
	exports map[string]*ir.Expr
	// copies says that a group is one for each element: its steps are groups alike. each are the elements of such a one.
	copies bool
	each   map[string]*ir.Expr
	// mapped says that a group has a foreach over lists that a run makes: its steps have instances.
	mapped bool
	reads  *step // of a reader of a group's own outputs: the group
	// mentions counts the names that it refers to, also in expressions that are wrong otherwise.
	mentions int
}

// edge says that a step needs another one of its scope, and where that is written.
type edge struct {
	to  *step
	pos diag.Pos
}

func (c *checker) steps() {
	c.top = &scope{byName: make(map[string]*step, len(c.tree.Steps))}
	c.collect(c.top, c.tree.Steps, false)
	c.collect(c.top, c.tree.Finally, true)
	c.defaults()
	c.lower(c.top)
	c.pipelineOutputs()
	c.flatten()
}

// defaults keeps what the spec's defaults say for engines that have defaults of their own.
func (c *checker) defaults() {
	d := c.tree.Defaults
	if d == nil {
		return
	}
	c.out.Defaults.Retries = c.retries(d.Retries)
	c.out.Defaults.Timeout, _ = c.seconds(d.Timeout)
	if d.Image != nil {
		c.out.Defaults.Image = d.Image.Value
	}
}

func (c *checker) outputs(t *spec.Step) []ir.Output {
	var out []ir.Output
	for _, o := range t.Outputs {
		c.name(o.Name, "an output")
		typ, _ := c.parseType(&o.Type, true) // of no type after an error: what references it is not reported as well
		if typ == ir.Object && t.Python == nil && (t.Run != nil || t.Command != nil) {
			c.diags.Errorf(o.Type.Pos, diag.TypeMismatch, "only a Python step can make an object").WithHelp("write a file: outputs: {%s: file}", o.Name.Value)
		}
		out = append(out, ir.Output{Name: o.Name.Value, Type: typ, Pos: ir.Pos(o.Name.Pos)})
	}
	return out
}

func (c *checker) step(s *step) {
	t, out := s.tree, s.out
	out.Description = c.text(t.Description)
	found := c.diags.Len()
	c.kind(s)
	c.runIf(s)
	c.foreach(s)
	c.inputs(s)
	c.scriptVariables(s)
	c.command(s)
	c.env(s)
	c.secrets(s)
	c.needs(s)
	c.conditions(s, c.diags.Len() == found)
	c.limits(s)
	out.Options = c.options(t.Options)
}

// lower lowers the steps of a scope and of those within it.
func (c *checker) lower(sc *scope) {
	for _, s := range sc.steps {
		if s.inner == nil {
			c.step(s)
		} else {
			c.ready(s)
		}
	}
}

// names is what names mean in the values of a step.
func (c *checker) names(s *step, inCommand bool) expr.Scope {
	params, values := c.out.Params, map[string]*ir.Expr(nil)
	if p := s.scope.pipelineOf(); p != nil {
		params, values = p.params, p.values
	}
	return expr.Scope{
		Params: params,
		Param: func(name string, pos ir.Pos) (*ir.Expr, bool) {
			return copyExpr(values[name], pos), values != nil
		},
		Step:      func(name string) (expr.Producer, bool) { return c.producer(s, s.scope.find(name, s)) },
		StepNames: func() []diag.Name { return s.scope.names(s) },
		Used:      func(declared ir.Pos) { c.used[declared], s.mentions = true, s.mentions+1 },
		GroupOf:   c.top.groupOf,
		Each:      s.elements(),
		EachValue: s.element,
		Outputs:   s.out.Outputs,
		InCommand: inCommand,
		InFinally: s.out.Finally,
	}
}

// producer is a step or group as a step that reads its outputs sees it; ok is false for nil.
func (c *checker) producer(s, other *step) (p expr.Producer, ok bool) {
	switch {
	case other == nil:
		return p, false
	case other.inner != nil:
		c.ready(other)
		return expr.Producer{Outputs: other.out.Outputs, Path: other.out.Name, Pos: ir.Pos(other.tree.Name.Pos),
			Output: func(name string, pos ir.Pos) *ir.Expr { return c.exported(s, other, name, pos) }}, true
	}
	missing := mayBeMissing(s, other)
	if other.isFanOut() {
		missing = missing || itemsMayBeSkipped(other)
	}
	return expr.Producer{Outputs: other.out.Outputs, Path: other.out.Name, Pos: ir.Pos(other.tree.Name.Pos), FanOut: other.isFanOut(), MayBeNull: missing}, true
}

// value types data of a step and records the steps that it references; nil after an error.
func (c *checker) value(s *step, v *spec.Value, inCommand bool) *ir.Expr {
	e := expr.Value(v, c.names(s, inCommand), c.diags)
	e.Walk(func(x *ir.Expr) {
		if x.Op == ir.OutputRef {
			c.referenced(s, c.byPath[x.Step], diag.Pos(x.Pos))
		}
	})
	return e
}

// referenced makes a step need another one that it references, or the groups in which they are. A step of finally starts after
// all others as it is.
func (c *checker) referenced(s, other *step, pos diag.Pos) {
	s, other = siblings(s, other)
	switch {
	case other.out.Finally && !s.out.Finally:
		c.diags.Errorf(pos, diag.InvalidStep, "%q is a step of finally, which starts when %q has ended", other.tree.Name.Value, s.tree.Name.Value)
	case other.out.Finally == s.out.Finally:
		c.need(s, other, pos)
	}
}

func (c *checker) need(s, other *step, pos diag.Pos) {
	for _, e := range s.needs {
		if e.to == other {
			return
		}
	}
	s.needs = append(s.needs, &edge{other, pos})
}

func (c *checker) inputs(s *step) {
	for _, e := range s.tree.With {
		ok := c.name(e.Key, "an input")
		for _, o := range s.out.Outputs {
			if o.Name == e.Key.Value {
				c.diags.Errorf(e.Key.Pos, diag.DuplicateName, "the step %q has an input and an output %q", s.tree.Name.Value, o.Name).
					WithNote(diag.Pos(o.Pos), "the output").WithHelp("rename one of them")
				ok = false
			}
		}
		v := c.value(s, e.Value, false)
		if v == nil || !ok || !expr.Guarded(v, "here", c.diags) {
			continue
		}
		typ := v.Type
		switch {
		case typ == ir.Null:
			typ = ir.JSON
		case v.NullableItems && !typ.IsArtifact():
			typ = ir.ListOf(ir.JSON)
		case typ.IsArtifact() && s.out.Kind == ir.Operator:
			c.diags.Errorf(diag.Pos(v.Pos), diag.TypeMismatch, "an operator cannot be given the %s %s: it takes values", typ, expr.Describe(v))
		case typ.HasObjects() && s.out.Kind != ir.Python && s.out.Kind != "":
			c.diags.Errorf(diag.Pos(v.Pos), diag.TypeMismatch, "a %s step cannot be given the object %s: Python steps alone can read it", s.out.Kind, expr.Describe(v)).
				WithHelp("let the step before write a file")
		}
		s.out.Inputs = append(s.out.Inputs, ir.Input{Name: e.Key.Value, Type: typ, Value: v, Pos: ir.Pos(e.Key.Pos)})
	}
}

func (c *checker) command(s *step) {
	if s.tree.Command == nil {
		return
	}
	s.out.Body = ir.Pos(s.tree.Command.Pos)
	if len(s.tree.Command.Items) == 0 {
		c.diags.Errorf(s.tree.Command.Pos, diag.InvalidStep, "command is empty").WithHelp("the program and its arguments: [tool, --flag, value]")
	}
	for _, item := range s.tree.Command.Items {
		if e := c.asText(s, item, "an argument of command", true); e != nil {
			s.out.Command = append(s.out.Command, e)
		}
	}
}

// asText types a value that ends up as text; a file is its path where that is allowed. Nil after an error.
func (c *checker) asText(s *step, v *spec.Value, what string, inCommand bool) *ir.Expr {
	if v.Kind != spec.Scalar {
		c.diags.Errorf(v.Pos, diag.WrongShape, "%s must be a text", what).WithHelp("pass data with with: and read it as $IN_NAME")
		return nil
	}
	if v.FormOf() == spec.NullForm {
		c.diags.Errorf(v.Pos, diag.WrongShape, "%s is empty", what).WithHelp(`write "" for an empty text`)
		return nil
	}
	if v.Plain && !strings.Contains(v.Text, "${{") { // as it is written: 012, 1.50, yes
		text := *v
		text.Plain = false
		v = &text
	}
	e := c.value(s, v, inCommand)
	switch {
	case e == nil:
		return nil
	case e.Nullable:
		c.diags.Errorf(diag.Pos(e.Pos), diag.MayBeNull, "%s may be null, and %s must be a text", expr.Describe(e), what).
			WithHelp("say what to take then: (%s ?? …)", expr.Describe(e))
		return nil
	case e.Type == ir.Object:
		c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "%s cannot be an object: Python steps alone can read it", what).
			WithHelp("let the step before write a file")
		return nil
	case e.Type.IsList() && e.Type.IsArtifact():
		c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "%s cannot be a %s", what, e.Type).
			WithHelp("pass it with with: the paths are a JSON list there")
		return nil
	case e.Type.IsArtifact() && !inCommand:
		c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "%s cannot be a %s", what, e.Type).
			WithHelp("pass it with with: and read its path there")
		return nil
	case e.Type == ir.String || e.Type.IsArtifact():
		if e.IsLit() && strings.ContainsRune(e.Value.Text, 0) {
			c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "%s has a NUL character, which no process can be given", what)
			return nil
		}
		return e
	}
	return &ir.Expr{Op: ir.Text, Type: ir.String, Args: []*ir.Expr{e}, Pos: e.Pos}
}

// envName reports a name that an environment variable of a step cannot have.
func (c *checker) envName(n spec.String, instead string) bool {
	switch {
	case !envName.MatchString(n.Value):
		c.diags.Errorf(n.Pos, diag.BadName, "%q cannot be the name of an environment variable", n.Value)
		return false
	case strings.HasPrefix(n.Value, "IN_") || strings.HasPrefix(n.Value, "OUT_"):
		c.diags.Errorf(n.Pos, diag.BadName, "%q: names that begin with IN_ and OUT_ are zenc's own", n.Value).WithHelp("pass the value with %s", instead)
		return false
	}
	return true
}

// secretRef is store/key, or a field of an Airflow connection.
var secretRef = regexp.MustCompile(`^(conn:)?([A-Za-z0-9][A-Za-z0-9._-]*)/([A-Za-z0-9._-]+)$`)

// connFields are the fields of an Airflow connection that a secret may be.
var connFields = []string{"host", "login", "password", "port", "schema", "uri"}

func (c *checker) secrets(s *step) {
	for _, t := range s.tree.Secrets {
		if !c.envName(t.Name, "another name") {
			continue
		}
		for _, v := range s.out.Env {
			if v.Name == t.Name.Value {
				c.diags.Errorf(t.Name.Pos, diag.DuplicateName, "the step %q has an environment variable %q in env, too", s.tree.Name.Value, v.Name).
					WithNote(diag.Pos(v.Pos), "the other one")
			}
		}
		m := secretRef.FindStringSubmatch(t.Ref.Value)
		if m == nil {
			c.diags.Errorf(t.Ref.Pos, diag.BadChoice, "%q is not store/key", t.Ref.Value).
				WithHelp("a Kubernetes Secret and its key, which on Airflow is the name of a Variable; or conn:id/password for an Airflow connection")
			continue
		}
		if m[1] != "" && !slices.Contains(connFields, m[3]) {
			c.diags.Errorf(t.Ref.Pos, diag.BadChoice, "a connection has no field %q", m[3]).Suggest(m[3], connFields)
			continue
		}
		s.out.Secrets = append(s.out.Secrets, ir.Secret{Name: t.Name.Value, Conn: m[1] != "", Store: m[2], Key: m[3], Pos: ir.Pos(t.Ref.Pos)})
	}
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// env takes the variables of the step, then those of defaults that the step does not set.
func (c *checker) env(s *step) {
	entries := s.tree.Env
	if d := c.defaultsOf(s); d != nil && s.out.Kind != ir.Operator {
		for _, e := range d.Env {
			if !hasKey(s.tree.Env, e.Key.Value) {
				entries = append(entries[:len(entries):len(entries)], e)
			}
		}
	}
	for _, e := range entries {
		name := e.Key.Value
		if !c.envName(e.Key, "with:") {
			continue
		}
		if v := c.asText(s, e.Value, "an environment variable", false); v != nil {
			s.out.Env = append(s.out.Env, ir.EnvVar{Name: name, Value: v, Pos: ir.Pos(e.Key.Pos)})
		}
	}
}

func hasKey(entries []spec.Entry, key string) bool {
	for _, e := range entries {
		if e.Key.Value == key {
			return true
		}
	}
	return false
}

func (c *checker) needs(s *step) {
	seen := map[string]diag.Pos{}
	for _, n := range s.tree.Needs {
		other := s.scope.find(n.Value, s)
		if other == nil {
			if g := c.top.groupOf(n.Value); g != "" {
				c.diags.Errorf(n.Pos, diag.UnknownName, "the step %q is one of the group %q, which is needed as a whole", n.Value, g).
					WithHelp("write needs: [%s]", g)
				continue
			}
			c.diags.Unknown(n.Pos, n.Value, s.scope.names(s), "there is no step %q", n.Value)
			continue
		}
		c.used[ir.Pos(other.tree.Name.Pos)] = true
		if first, dup := seen[n.Value]; dup {
			c.diags.Errorf(n.Pos, diag.DuplicateName, "%q is there twice in needs", n.Value).WithNote(first, "the other one")
			continue
		}
		seen[n.Value] = n.Pos
		if a, b := siblings(s, other); a.out.Finally && !b.out.Finally {
			c.diags.Errorf(n.Pos, diag.InvalidStep, "a step of finally starts when every other step has ended; it need not name %q", n.Value).
				WithHelp("leave it out")
			continue
		}
		c.referenced(s, other, n.Pos)
	}
}
