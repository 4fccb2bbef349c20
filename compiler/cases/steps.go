package cases

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// step returns the step of a name, or reports why there is none.
func (c *checker) step(name spec.String) *ir.Step {
	if s := c.steps[name.Value]; s != nil && s.Kind != ir.Gate {
		return s
	}
	if within := c.within(name.Value); within != nil {
		c.diags.Errorf(name.Pos, diag.UnknownName, "%q is a group, not a step", name.Value).WithHelp("name its steps: %s", strings.Join(within, ", "))
		return nil
	}
	c.diags.Errorf(name.Pos, diag.UnknownName, "the pipeline has no step %q", name.Value).Suggest(name.Value, c.names())
	return nil
}

// names are those of all steps.
func (c *checker) names() []string {
	var out []string
	for _, s := range c.pipeline.Steps {
		if s.Kind != ir.Gate {
			out = append(out, s.Name)
		}
	}
	return out
}

// within are the names of the steps in a group, nil if there is no such group.
func (c *checker) within(group string) []string {
	var out []string
	for _, name := range c.names() {
		if strings.HasPrefix(name, group+".") {
			out = append(out, name)
		}
	}
	return out
}

func (c *checker) standIn(step string) *StandIn {
	for i := range c.out.StandIns {
		if c.out.StandIns[i].Step == step {
			return &c.out.StandIns[i]
		}
	}
	return nil
}

func (c *checker) standIns(e spec.Entry) {
	for _, entry := range c.entries(e.Value, "steps") {
		step := c.step(entry.Key)
		if step == nil {
			continue
		}
		s := StandIn{Step: step.Name, State: "succeeded", pos: entry.Key.Pos}
		fields := c.fields(entry.Value, "a stand-in", "outputs", "state", "error")
		if f, ok := fields["state"]; ok {
			s.State = c.choice(f, "succeeded", "failed", "skipped")
			if s.State == "failed" && step.AllowFailure {
				c.diags.Errorf(f.Value.Pos, diag.InvalidCase, "%q cannot end as failed: it has allow_failure, so that its failure is a skip", step.Name).WithHelp("write state: skipped")
			}
		}
		if f, ok := fields["error"]; ok {
			if s.Error = c.text(f); s.State == "succeeded" {
				c.diags.Errorf(f.Key.Pos, diag.InvalidCase, "%q has succeeded, so it has no error", step.Name).WithHelp("write state: failed")
			}
		}
		if f, ok := fields["outputs"]; ok {
			if s.State != "succeeded" && !step.HasInstances() {
				c.diags.Errorf(f.Key.Pos, diag.InvalidCase, "%q has not succeeded, so it has no outputs", step.Name)
			}
			for _, o := range f.Value.Entries {
				s.written = append(s.written, o.Key.Value)
			}
			s.Outputs = c.outputs(step, f, false)
			c.aligned(s.Outputs, f)
		}
		c.out.StandIns = append(c.out.StandIns, s)
	}
}

// aligned reports lists of instances that are not of one length.
func (c *checker) aligned(outputs []Output, e spec.Entry) {
	for _, o := range outputs {
		if first := outputs[0].Content.Items; len(o.Content.Items) != len(first) {
			c.diags.Errorf(e.Key.Pos, diag.InvalidCase, "%q has %d instances and %q has %d; they have one for each element of the foreach",
				outputs[0].Name, len(first), o.Name, len(o.Content.Items))
			return
		}
	}
}

// only gives every step that is not named a stand-in, but for those that have one.
func (c *checker) only(e spec.Entry) {
	if e.Value.Kind != spec.Sequence {
		c.diags.Errorf(e.Value.Pos, diag.WrongShape, "only must be a list of steps, not %s", shape(e.Value))
		return
	}
	chosen := map[string]bool{}
	var at []spec.String
	for _, item := range e.Value.Items {
		v := c.typed(item, ir.String)
		if v == nil {
			continue
		}
		name := spec.String{Value: v.Text, Pos: item.Pos}
		names := c.within(name.Value)
		if names == nil {
			if s := c.step(name); s != nil {
				names = []string{s.Name}
			}
		}
		for _, n := range names {
			if c.standIn(n) == nil {
				chosen[n] = true
				at = append(at, spec.String{Value: n, Pos: item.Pos})
			}
		}
	}
	for _, s := range c.pipeline.Steps {
		if s.Kind != ir.Gate && !chosen[s.Name] && c.standIn(s.Name) == nil {
			c.out.StandIns = append(c.out.StandIns, StandIn{Step: s.Name, State: "skipped", Error: "not in only", NotRun: true})
		}
	}
	for _, name := range at {
		c.hasNeeds(name, c.steps[name.Value], map[string]bool{})
	}
}

// hasNeeds reports what a step of only needs and is not there, for itself or for the group that it is in.
func (c *checker) hasNeeds(at spec.String, s *ir.Step, seen map[string]bool) {
	needs := s.Needs
	if s.Gate != "" {
		needs = append(needs[:len(needs):len(needs)], s.Gate)
	}
	for _, need := range needs {
		if seen[need] {
			continue
		}
		seen[need] = true
		if c.steps[need].Kind == ir.Gate {
			c.hasNeeds(at, c.steps[need], seen)
		} else if in := c.standIn(need); in != nil && in.NotRun {
			c.diags.Errorf(at.Pos, diag.InvalidCase, "%q needs %q, which is neither in only nor has a stand-in", at.Value, need).
				WithHelp("write a stand-in for %s below steps, or add it to only", need)
		}
	}
}

// complete reports outputs that a step which runs reads, and that the stand-in for the other step does not have.
func (c *checker) complete() {
	type output struct{ step, name string }
	said := map[output]bool{}
	for _, s := range c.pipeline.Steps {
		if c.standIn(s.Name) != nil {
			continue
		}
		s.Exprs(func(x *ir.Expr) {
			in := c.standIn(x.Step)
			if x.Op != ir.OutputRef || in == nil || in.State != "succeeded" || slices.Contains(in.written, x.Name) || said[output{x.Step, x.Name}] {
				return
			}
			said[output{x.Step, x.Name}] = true
			c.diags.Errorf(in.pos, diag.MissingKey, "the stand-in for %q has no output %q, which %q reads", x.Step, x.Name, s.Name).
				WithHelp("write outputs: {%s: …}", x.Name)
		})
	}
}

// refusal reads whether the run is expected to be refused.
func (c *checker) refusal(e spec.Entry) {
	if e.Value.Kind != spec.Mapping {
		return // expect will say so
	}
	for _, f := range e.Value.Entries {
		if f.Key.Value == "refused" {
			c.out.Expect.Refused = c.text(f)
		}
	}
}

func (c *checker) expect(e spec.Entry) {
	fields := c.fields(e.Value, "expect", "refused", "status", "steps")
	if r, ok := fields["refused"]; ok {
		for _, other := range []string{"status", "steps"} {
			if f, both := fields[other]; both {
				c.diags.Errorf(f.Key.Pos, diag.InvalidCase, "a run that is refused has no %s", other).WithNote(r.Key.Pos, "refused")
			}
		}
		return
	}
	if f, ok := fields["status"]; ok {
		c.out.Expect.Status = c.choice(f, "succeeded", "failed")
	}
	for _, entry := range c.entries(fields["steps"].Value, "steps") {
		if step := c.step(entry.Key); step != nil {
			c.expectStep(step, entry)
		}
	}
}

func (c *checker) expectStep(step *ir.Step, e spec.Entry) {
	if in := c.standIn(step.Name); in != nil {
		d := c.diags.Errorf(e.Key.Pos, diag.InvalidCase, "nothing can be expected of %q, which does not run", step.Name)
		if in.pos.IsValid() {
			d.WithNote(in.pos, "its stand-in")
		} else {
			d.WithHelp("add it to only")
		}
		return
	}
	x := ExpectedStep{Step: step.Name}
	fields := c.fields(e.Value, "an expected step", "state", "attempts", "outputs", "error")
	if f, ok := fields["state"]; ok {
		x.State = c.choice(f, "succeeded", "failed", "skipped", "upstream_failed")
	}
	if f, ok := fields["attempts"]; ok {
		if n := c.typed(f.Value, ir.Int); n != nil {
			attempts, _ := f.Value.Int64()
			x.Attempts = &attempts
		}
	}
	if f, ok := fields["error"]; ok {
		x.Error = c.text(f)
	}
	if f, ok := fields["outputs"]; ok {
		x.Outputs = c.outputs(step, f, true)
	}
	c.out.Expect.Steps = append(c.out.Expect.Steps, x)
}
