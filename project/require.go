package project

import (
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// requirement is one entry of require.
type requirement struct {
	*rule
	place place
}

// rule is something that a project may require.
type rule struct {
	name string
	// find tells what is lacking.
	find func(r *rule, s subject)
}

// subject is what rules are held against, and where they tell what is lacking.
type subject struct {
	pipeline *ir.Pipeline
	tree     *spec.Pipeline
	stack    *Stack // nil: none
	missing  func(pos ir.Pos, format string, args ...any) *diag.Diagnostic
}

// rules are sorted by name.
var rules = []rule{
	{"description", ofPipeline(func(p *ir.Pipeline) bool { return p.Description != "" })},
	{"image", ofSteps(hasImage)},
	{"labels", ofPipeline(func(p *ir.Pipeline) bool { return len(p.Labels) > 0 })},
	{"namespace", namespace},
	{"owner", ofPipeline(func(p *ir.Pipeline) bool { return p.Owner != "" })},
	{"resources", ofSteps(func(_ subject, s *ir.Step) bool { return s.Kind == ir.Operator || s.Resources.Pos.IsValid() })},
	{"retries", ofSteps(hasRetries)},
	{"schedule", ofPipeline(func(p *ir.Pipeline) bool { return p.Schedule != nil })},
	{"steps.description", ofSteps(func(_ subject, s *ir.Step) bool { return s.Description != "" })},
	{"steps.timeout", ofSteps(func(_ subject, s *ir.Step) bool { return s.Timeout > 0 })},
	{"timeout", ofSteps(func(at subject, s *ir.Step) bool { return at.pipeline.Timeout > 0 || s.Timeout > 0 })},
}

// labelPrefix begins the rule that a label must be there: labels.team.
const labelPrefix = "labels."

// findRule returns the rule of a name, or nil.
func findRule(name string) *rule {
	for i := range rules {
		if rules[i].name == name {
			return &rules[i]
		}
	}
	if label, ok := strings.CutPrefix(name, labelPrefix); ok && label != "" {
		return &rule{name, ofPipeline(func(p *ir.Pipeline) bool {
			for _, l := range p.Labels {
				if l.Key == label && l.Value != "" {
					return true
				}
			}
			return false
		})}
	}
	return nil
}

func ruleNames() []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	return append(names, labelPrefix+"NAME")
}

// Require adds what the project requires and the pipeline lacks; the stack may be nil. name is the path of the spec relative to the
// project, and data what is in it.
func (p *Project) Require(name string, data []byte, pipeline *ir.Pipeline, s *Stack, diags *diag.List) {
	if len(p.require) == 0 {
		return
	}
	tree := spec.Parse(data, &diag.List{}) // it has been compiled
	at := subject{pipeline: pipeline, stack: s, tree: tree.WithDefaults(p.Defaults(name))}
	for _, r := range p.require {
		at.missing = func(pos ir.Pos, format string, args ...any) *diag.Diagnostic {
			return diags.Errorf(diag.Pos(pos), diag.MissingKey, format, args...).
				WithNoteIn(r.place.file.Source.Name, r.place.line(), r.place.pos, "this project requires it")
		}
		r.find(r.rule, at)
	}
}

// ofPipeline is a rule that a pipeline fulfils as a whole.
func ofPipeline(has func(*ir.Pipeline) bool) func(*rule, subject) {
	return func(r *rule, at subject) {
		if has(at.pipeline) {
			return
		}
		d := at.missing(at.pipeline.Pos.Name, "the pipeline has no %q", r.name)
		if label, ok := strings.CutPrefix(r.name, labelPrefix); ok {
			d.WithHelp("write labels: {%s: …}", label)
		} else {
			d.WithHelp("write %s: …", r.name)
		}
	}
}

// ofSteps is a rule that each step fulfils.
func ofSteps(has func(subject, *ir.Step) bool) func(*rule, subject) {
	return func(r *rule, at subject) {
		key := strings.TrimPrefix(r.name, "steps.")
		for _, s := range at.pipeline.Steps {
			if s.Kind != ir.Gate && !has(at, s) {
				d := at.missing(s.Pos, "the step %q has no %q", s.Name, key)
				switch r.name {
				case "steps.description":
				case "timeout":
					d.WithHelp("give it one, or write one into the defaults, or give one to the pipeline as a whole")
				default:
					d.WithHelp("give it one, or write one into the defaults of the pipeline")
				}
			}
		}
	}
}

// hasImage reports a step that names its image, or whose stack names it.
func hasImage(at subject, s *ir.Step) bool {
	return s.Kind == ir.Operator || s.Image != "" || at.stack != nil && ir.Lookup(at.stack.Options, "image") != nil
}

// hasRetries reports a step that says how often it is tried again. The intermediate form does not tell retries: 0 from nothing.
func hasRetries(at subject, s *ir.Step) bool {
	if s.Retries.Limit > 0 {
		return true
	}
	if d := at.tree.Defaults; d != nil && d.Retries != nil {
		return true
	}
	steps := append(at.tree.Steps[:len(at.tree.Steps):len(at.tree.Steps)], at.tree.Finally...)
	for _, name := range strings.Split(s.Name, ".") {
		for _, t := range steps {
			if t.Name.Value != name {
				continue
			}
			if t.Retries != nil {
				return true
			}
			steps = t.Steps
			break
		}
	}
	return false
}

// namespace is a rule of stacks of the flavor kubeflow.
func namespace(r *rule, at subject) {
	if at.stack != nil && at.stack.Flavor == "kubeflow" && ir.Lookup(at.stack.Options, r.name) == nil {
		stack := at.stack.place
		at.missing(at.pipeline.Pos.Name, "the stack %q, for which this pipeline is compiled, has no option %q", at.stack.Name, r.name).
			WithNoteIn(stack.file.Source.Name, stack.line(), stack.pos, "the stack").
			WithHelp("write options: {namespace: …} into the stack")
	}
}
