package check

import (
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// runIfs are the values of run_if.
var runIfs = map[string]ir.RunIf{"succeeded": ir.IfSucceeded, "not_failed": ir.IfNotFailed, "failed": ir.IfFailed, "done": ir.IfDone}

// runIf reads run_if. What a reference may be depends on it, so that it comes before every expression of the step.
func (c *checker) runIf(s *step) {
	t := s.tree.RunIf
	if t == nil {
		return
	}
	value, known := runIfs[t.Value]
	if !known {
		c.diags.Errorf(t.Pos, diag.BadChoice, "run_if is one of succeeded, not_failed, failed, done, not %q", t.Value).
			SuggestWord(t.Value, []string{"succeeded", "not_failed", "failed", "done"})
	}
	s.out.RunIf = value
}

// conditions types when, and reports a run_if that has nothing to be about; complete says that no need was lost to an error.
func (c *checker) conditions(s *step, complete bool) {
	if t := s.tree.AllowFailure; t != nil {
		s.out.AllowFailure, s.out.AllowFailurePos = t.Value, ir.Pos(t.Pos)
	}
	if t := s.tree.When; t != nil {
		s.out.When = c.condition(s)
	}
	if s.inner == nil {
		c.aboutNeeds(s, complete)
	}
}

// aboutNeeds reports a run_if that has nothing to be about; complete says that no need was lost to an error.
func (c *checker) aboutNeeds(s *step, complete bool) {
	if s.out.RunIf != ir.IfSucceeded && len(s.needs) == 0 && complete && s.mentions == 0 {
		c.diags.Errorf(s.tree.RunIf.Pos, diag.InvalidStep, "run_if is about the steps that a step needs, and %q needs none", s.tree.Name.Value).
			WithHelp("add needs: [step]")
	}
}

func (c *checker) condition(s *step) *ir.Expr {
	t := s.tree.When
	e := c.value(s, t, false)
	switch {
	case e == nil:
		return nil
	case e.Nullable:
		c.diags.Errorf(diag.Pos(e.Pos), diag.MayBeNull, "%s may be null, and when must be a bool", expr.Describe(e)).
			WithHelp("say what to take then: (%s ?? false)", expr.Describe(e))
		return nil
	case e.Type != ir.Bool:
		d := c.diags.Errorf(diag.Pos(e.Pos), diag.TypeMismatch, "when must be a bool, not of the type %s", e.Type)
		if !strings.Contains(t.Text, "${{") {
			d.WithHelp("write when: ${{ %s }}", t.Text)
		}
		return nil
	case e.IsLit() && e.Value.Text == "true": // as an element of a foreach decides
		return nil
	}
	return e
}

// mayBeMissing reports whether the outputs of a step or group may not be there for another one that references them.
func mayBeMissing(consumer, producer *step) bool {
	if g := consumer.reads; g != nil && g.contains(producer) {
		return producer.maySkip() && !g.mapped // whose output is a list in which it is null
	}
	consumer, producer = siblings(consumer, producer)
	return consumer.out.RunIf != ir.IfSucceeded || consumer.out.Finally && !producer.out.Finally
}

// isFanOut reports whether the step has instances, also while its foreach is not typed yet.
func (s *step) isFanOut() bool { return s.tree.Foreach != nil }

// itemsMayBeSkipped reports whether instances of a fan-out that has succeeded may have been skipped. Its when may not be
// typed yet, so that the text is asked.
func itemsMayBeSkipped(s *step) bool {
	t := s.tree
	return t.When != nil && strings.Contains(t.When.Text, "each") || t.AllowFailure != nil && t.AllowFailure.Value || t.SkipExitCode != nil
}
