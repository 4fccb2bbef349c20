package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// DefaultShell is what runs the text of a run step.
var DefaultShell = []string{"bash", "-eo", "pipefail"}

// kind finds what the step runs and refuses none, two, and keys that do not go with it.
func (c *checker) kind(s *step) {
	t, out := s.tree, s.out
	var kinds []spec.String
	for _, k := range t.Keys {
		switch k.Value {
		case "python", "run", "command", "operator":
			kinds = append(kinds, k)
		}
	}
	switch {
	case len(kinds) == 0 && t.Broken && len(t.Keys) == 0:
		return // the reason has been told
	case len(kinds) == 0:
		c.diags.Errorf(t.Name.Pos, diag.InvalidStep, "the step %q says nothing to run", t.Name.Value).WithHelp("give it python:, run: or command:, or on Airflow operator:")
		return
	case len(kinds) > 1:
		c.diags.Errorf(kinds[1].Pos, diag.InvalidStep, "the step %q has both %s and %s; it must have one of them", t.Name.Value, kinds[0].Value, kinds[1].Value).
			WithNote(kinds[0].Pos, "%s is here", kinds[0].Value)
		return
	}
	out.Kind = ir.Kind(kinds[0].Value)
	if n := t.SkipExitCode; n != nil {
		out.SkipExitCode = int(n.Value)
		if c.exitCode(n, "skip_exit_code"); out.Kind == ir.Python {
			c.diags.Errorf(n.Pos, diag.InvalidStep, "skip_exit_code goes with run and command, not with python").
				WithHelp("let a step before it decide, and use when:")
		}
	}
	if t.Shell != nil && out.Kind != ir.Run {
		c.diags.Errorf(t.Shell.Pos, diag.InvalidStep, "shell goes with run, not with %s", out.Kind)
	}
	switch {
	case t.Python != nil:
		out.Body = ir.Pos(t.Python.Pos)
		c.entryPoint(s)
	case t.Operator != nil:
		out.Body = ir.Pos(t.Operator.Pos)
		c.operator(s)
	case t.Run != nil:
		out.Body = ir.Pos(t.Run.Pos)
		out.Script = c.text(t.Run)
		if out.Script != "" && !strings.HasSuffix(out.Script, "\n") {
			out.Script += "\n"
		}
		if strings.TrimSpace(out.Script) == "" {
			c.diags.Errorf(t.Run.Pos, diag.InvalidStep, "the text of run is empty")
		}
		out.Shell = c.shell(s)
	}
}

var operatorClass = regexp.MustCompile(`^(` + identifier + `(?:\.` + identifier + `)*)\.(` + identifier + `)$`)

// operator reads the class of an operator, and refuses keys that are about a process of ours.
func (c *checker) operator(s *step) {
	t := s.tree
	m := operatorClass.FindStringSubmatch(t.Operator.Value)
	if m == nil {
		c.diags.Errorf(t.Operator.Pos, diag.BadEntryPoint, "%q is not the dotted name of a class", t.Operator.Value).
			WithHelp("such as airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator")
		return
	}
	s.out.Operator = t.Operator.Value
	for _, name := range append(strings.Split(m[1], "."), m[2]) {
		if ir.IsPythonKeyword(name) {
			c.diags.Errorf(t.Operator.Pos, diag.BadEntryPoint, "%q cannot be imported: %s is a keyword of Python", t.Operator.Value, name)
		}
	}
	for _, k := range t.Keys {
		if slices.Contains([]string{"env", "secrets", "skip_exit_code"}, k.Value) {
			c.diags.Errorf(k.Pos, diag.InvalidStep, "%s goes with python, run and command, not with operator", k.Value).
				WithHelp("an operator is told by its arguments: with: {…}")
		}
	}
	for _, o := range s.out.Outputs {
		if o.Type.IsArtifact() {
			c.diags.Errorf(diag.Pos(o.Pos), diag.TypeMismatch, "an operator gives values, not a %s", o.Type).
				WithHelp("its outputs are what it returns: one value, or a mapping with their names")
		}
	}
}

func (c *checker) shell(s *step) []string {
	from := s.tree.Shell
	if d := c.defaultsOf(s); from == nil && d != nil {
		from = d.Shell
	}
	if from == nil {
		return DefaultShell
	}
	words := strings.Fields(from.Value)
	if len(words) == 0 {
		c.diags.Errorf(from.Pos, diag.InvalidStep, "shell is empty").WithHelp("an interpreter and its flags, such as: python3 -u")
		return DefaultShell
	}
	return words
}

var (
	identifier = `[A-Za-z_][A-Za-z0-9_]*`
	entryPoint = regexp.MustCompile(`^(` + identifier + `(?:\.` + identifier + `)*):(` + identifier + `)$`)
)

func (c *checker) entryPoint(s *step) {
	p := s.tree.Python
	m := entryPoint.FindStringSubmatch(p.Value)
	if m == nil {
		d := c.diags.Errorf(p.Pos, diag.BadEntryPoint, "%q is not module:function", p.Value)
		if i := strings.LastIndexByte(p.Value, '.'); i > 0 && !strings.Contains(p.Value, ":") {
			if fixed := p.Value[:i] + ":" + p.Value[i+1:]; entryPoint.MatchString(fixed) {
				d.WithHelp("did you mean %q?", fixed)
			}
		} else if strings.HasSuffix(p.Value, "()") {
			d.WithHelp("leave out the parentheses")
		}
		return
	}
	s.out.Module, s.out.Function = m[1], m[2]
	for _, name := range append(strings.Split(m[1], "."), m[2]) {
		if ir.IsPythonKeyword(name) {
			c.diags.Errorf(p.Pos, diag.BadEntryPoint, "%q cannot be imported: %s is a keyword of Python", p.Value, name)
			s.out.Module = ""
			return
		}
	}
}
