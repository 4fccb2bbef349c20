// Package changes tells what differs in meaning between two versions of a pipeline.
//
// It compares compiled pipelines, so that comments, the order of keys, anchors and other matters of spelling do not count. Both
// versions are taken apart into facts (facts.go), and what is a fact of one version alone, or another one there, is a change.
// Steps and groups that have another name are recognised before that (match.go), so that those that need them have not changed.
package changes

import "github.com/zenc-dev/zenc/compiler/ir"

// Action says what happened to the subject of a change.
type Action string

// The actions. A subject that is renamed may have other changes besides.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
	Renamed Action = "renamed"
)

// The keys of changes to a whole step, group or pipeline; any other Key is one of the language, or Code.
const (
	KeyStep     = "step"
	KeyGroup    = "group"
	KeyPipeline = "pipeline"
	KeyCode     = "code" // a file that is shipped
)

// Change is one difference. The names of its JSON are stable.
type Change struct {
	Action Action `json:"action"`
	// Step or Group is whose change it is: the name in the new version, and of what was removed the one it had. Both are empty for
	// the pipeline's own.
	Step  string `json:"step,omitempty"`
	Group string `json:"group,omitempty"`
	// Key is the key of the spec (retries, outputs, schedule), Name the entry below it (of an output, say) and Field a part of
	// either (delay, type).
	Key   string `json:"key"`
	Name  string `json:"name,omitempty"`
	Field string `json:"field,omitempty"`
	// Old and New are the two sides in words. Where one side has nothing it is empty. They may hold any character.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Breaking is what may fail or be lost by the change; empty: nothing that is known.
	Breaking string `json:"breaking,omitempty"`
	// Steps are those that a changed file is known to belong to.
	Steps []string `json:"steps,omitempty"`
	// Diff is the change of a script as lines that begin with blank, -, + or @@.
	Diff string `json:"diff,omitempty"`
}

// Changes are the differences between two versions: those of the pipeline, then those of groups and steps in the order of the new
// version, then what was removed.
type Changes []Change

// Compare tells what differs in meaning. A nil pipeline is one that there is not: the other one was added or removed.
func Compare(before, after *ir.Pipeline) Changes {
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil:
		return Changes{{Action: Added, Key: KeyPipeline, Name: after.Name, New: describePipeline(after)}}
	case after == nil:
		return Changes{{Action: Removed, Key: KeyPipeline, Name: before.Name, Old: describePipeline(before),
			Breaking: "it is no longer deployed"}}
	}
	c := &comparison{old: before, new: after, names: match(before, after)}
	c.pipeline()
	c.groups()
	c.steps()
	c.removed()
	return c.out
}

// IsBreaking reports whether one of the changes is.
func (c Changes) IsBreaking() bool {
	for _, x := range c {
		if x.Breaking != "" {
			return true
		}
	}
	return false
}

// comparison is one run of Compare.
type comparison struct {
	old, new *ir.Pipeline
	names    *names
	out      Changes
}

func (c *comparison) pipeline() {
	for _, x := range differences(pipelineFacts(c.old), pipelineFacts(c.new)) {
		if x.Key == KeyCode {
			x.Steps = stepsOfFile(c.new, x.Name)
			if x.Action == Removed {
				x.Steps = stepsOfFile(c.old, x.Name)
			}
		}
		c.out = append(c.out, x)
	}
}

// groups compares the groups of the new version with those they were, each with its gate.
func (c *comparison) groups() {
	oldGates, newGates := gates(c.old), gates(c.new)
	for _, g := range c.new.Groups {
		before := c.names.oldGroup(g.Name)
		was := findGroup(c.old, before)
		if was == nil {
			c.out = append(c.out, Change{Action: Added, Group: g.Name, Key: KeyGroup, New: describeGroup(newGates[g.Name])})
			continue
		}
		if before != g.Name && !c.names.followsGroup(before, g.Name) {
			c.out = append(c.out, Change{Action: Renamed, Group: g.Name, Key: KeyGroup, Old: before, New: g.Name,
				Breaking: "Airflow begins a new history for its steps"})
		}
		for _, x := range differences(groupFacts(was, oldGates[before], c.names), groupFacts(&g, newGates[g.Name], nil)) {
			x.Group = g.Name
			c.out = append(c.out, x)
		}
	}
}

// steps compares the steps of the new version with those they were.
func (c *comparison) steps() {
	oldSteps := map[string]*ir.Step{}
	for _, s := range c.old.Steps {
		oldSteps[s.Name] = s
	}
	oldEdges, edges := newEdges(c.old), newEdges(c.new)
	for _, s := range c.new.Steps {
		if s.Kind == ir.Gate {
			continue
		}
		before := c.names.oldStep(s.Name)
		was := oldSteps[before]
		if was == nil || was.Kind == ir.Gate {
			c.out = append(c.out, Change{Action: Added, Step: s.Name, Key: KeyStep, New: describeStep(s, edges.of(s))})
			continue
		}
		if before != s.Name && !c.names.followsGroup(before, s.Name) {
			c.out = append(c.out, Change{Action: Renamed, Step: s.Name, Key: KeyStep, Old: before, New: s.Name,
				Breaking: "Airflow begins a new history under the new name"})
		}
		for _, x := range differences(stepFacts(was, oldEdges, c.names), stepFacts(s, edges, nil)) {
			x.Step = s.Name
			c.out = append(c.out, x)
		}
	}
}

// removed tells what the new version no longer has.
func (c *comparison) removed() {
	oldGates := gates(c.old)
	for _, g := range c.old.Groups {
		if findGroup(c.new, c.names.newGroup(g.Name)) == nil {
			c.out = append(c.out, Change{Action: Removed, Group: g.Name, Key: KeyGroup, Old: describeGroup(oldGates[g.Name])})
		}
	}
	there := map[string]bool{}
	for _, s := range c.new.Steps {
		there[s.Name] = s.Kind != ir.Gate
	}
	edges := newEdges(c.old)
	for _, s := range c.old.Steps {
		if s.Kind != ir.Gate && !there[c.names.newStep(s.Name)] {
			c.out = append(c.out, Change{Action: Removed, Step: s.Name, Key: KeyStep, Old: describeStep(s, edges.of(s)),
				Breaking: "its outputs and its history on Airflow are gone"})
		}
	}
}

// gates are the steps that stand for groups, by the name of the group.
func gates(p *ir.Pipeline) map[string]*ir.Step {
	out := map[string]*ir.Step{}
	for _, s := range p.Steps {
		if s.Kind == ir.Gate {
			out[s.Name] = s
		}
	}
	return out
}

func findGroup(p *ir.Pipeline, name string) *ir.Group {
	for i := range p.Groups {
		if p.Groups[i].Name == name {
			return &p.Groups[i]
		}
	}
	return nil
}
