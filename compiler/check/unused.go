package check

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// unused warns of what is legal and probably wrong: what nothing reads, and what never runs. After an error it might only be
// what the error has hidden.
func (c *checker) unused() {
	if c.diags.HasErrors() {
		return
	}
	for _, p := range c.out.Params {
		if !c.used[p.Pos] {
			c.diags.Warnf(diag.Pos(p.Pos), diag.UnusedParam, "nothing reads the parameter %q", p.Name).
				WithHelp("take it away, or read it as ${{ params.%s }}", p.Name)
		}
	}
	c.unusedIn(c.top)
}

func (c *checker) unusedIn(sc *scope) {
	needed := map[*step]bool{}
	for _, s := range sc.steps {
		for _, e := range s.needs {
			needed[e.to] = true
		}
	}
	for _, s := range sc.steps {
		if s.tree.Pipeline != nil { // a file of its own, which may serve others
			continue
		}
		if needed[s] {
			c.unusedOutputs(s)
		}
		c.neverRuns(s)
		if s.inner != nil {
			c.unusedIn(s.inner)
		}
	}
}

// unusedOutputs warns of outputs that nothing reads of a step that others go on from. Those of the last steps are what the run is for.
func (c *checker) unusedOutputs(s *step) {
	for _, o := range s.out.Outputs {
		if !c.used[o.Pos] {
			c.diags.Warnf(diag.Pos(o.Pos), diag.UnusedOutput, "nothing reads the output %q of %q", o.Name, s.tree.Name.Value).
				WithHelp("take it away, or read it as ${{ steps.%s.%s }}", s.tree.Name.Value, o.Name)
		}
	}
}

// neverRuns warns of a condition that no run can meet. That of a group's copy may be met by another one.
func (c *checker) neverRuns(s *step) {
	for g := s; g != nil; g = g.scope.group {
		if g.copies || g.each != nil {
			return
		}
	}
	if s.tree.When == nil || s.out.When == nil || c.outcome(s.out.When) != never {
		return
	}
	d := c.diags.Warnf(s.tree.When.Pos, diag.NeverRuns, "%q can never run: its condition is always false", s.tree.Name.Value)
	s.out.When.Walk(func(e *ir.Expr) {
		if param, value := c.impossible(e); param != nil {
			d.WithNote(diag.Pos(param.Pos), "%q is none of its enum", value.Text)
		}
	})
}

// outcome is what is known of a bool.
type outcome int

const (
	unknown outcome = iota
	never
	always
)

func (c *checker) outcome(e *ir.Expr) outcome {
	not := map[outcome]outcome{never: always, always: never}
	switch e.Op {
	case ir.Lit:
		if e.Value.Text == "true" {
			return always
		}
		return never
	case "!":
		return not[c.outcome(e.Args[0])]
	case "&&", "||":
		decides, other := never, always
		if e.Op == "||" {
			decides, other = always, never
		}
		a, b := c.outcome(e.Args[0]), c.outcome(e.Args[1])
		switch {
		case a == decides || b == decides:
			return decides
		case a == other && b == other:
			return other
		}
	case "==", "!=":
		if param, _ := c.impossible(e); param != nil {
			if e.Op == "==" {
				return never
			}
			return always
		}
	}
	return unknown
}

// impossible returns the parameter and the literal of a comparison of which the enum has no such value.
func (c *checker) impossible(e *ir.Expr) (*ir.Param, *ir.Value) {
	if e.Op != "==" && e.Op != "!=" {
		return nil, nil
	}
	ref, lit := e.Args[0], e.Args[1]
	if ref.IsLit() {
		ref, lit = lit, ref
	}
	if ref.Op != ir.ParamRef || !lit.IsLit() || lit.Value.Kind != ir.StringValue {
		return nil, nil
	}
	for _, p := range c.out.Params {
		if p.Name != ref.Name || len(p.Enum) == 0 {
			continue
		}
		for _, v := range p.Enum {
			if v.Text == lit.Value.Text {
				return nil, nil
			}
		}
		return p, lit.Value
	}
	return nil, nil
}

var scriptVariable = regexp.MustCompile(`\b(IN|OUT)_[A-Z0-9_]+\b`)

// scriptVariables warns of $IN_X and $OUT_X in the text of a script to which no input or output belongs. A default, as in ${IN_X:-},
// and an assignment say that it may be missing.
func (c *checker) scriptVariables(s *step) {
	if s.tree.Run == nil || s.scope.pipelineOf() != nil {
		return
	}
	text := s.tree.Run.Value
	if !strings.Contains(text, "IN_") && !strings.Contains(text, "OUT_") { // which the pattern takes long to find out
		return
	}
	known := map[string][]diag.Name{}
	for _, in := range s.tree.With {
		known["IN"] = append(known["IN"], diag.Name{Value: in.Key.Value, Pos: in.Key.Pos})
	}
	for _, o := range s.tree.Outputs {
		known["OUT"] = append(known["OUT"], diag.Name{Value: o.Name.Value, Pos: o.Name.Pos})
	}
	for _, at := range scriptVariable.FindAllStringIndex(text, -1) {
		variable, rest := text[at[0]:at[1]], text[at[1]:]
		kind, name, _ := strings.Cut(variable, "_")
		name = strings.ToLower(name)
		if i := indexOf(known[kind], name); i >= 0 {
			c.read[known[kind][i].Pos] = true
			continue
		}
		if strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "-") || hasKey(s.tree.Env, variable) {
			continue
		}
		what := "input"
		if kind == "OUT" {
			what = "output"
		}
		offset := at[0] + len(kind) + 1
		c.diags.UnknownVariable(s.tree.Run.PosAt(utf8.RuneCountInString(text[:offset]), utf8.RuneCountInString(name)), name, known[kind],
			"the script reads $%s, and %q has no %s %q", variable, s.tree.Name.Value, what, name)
	}
}

func indexOf(names []diag.Name, name string) int {
	for i, n := range names {
		if n.Value == name {
			return i
		}
	}
	return -1
}
