package project

import (
	"slices"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// param is a default that a stack gives a parameter.
type param struct {
	name  string
	value *spec.Value
	place place // of the name
	used  bool  // a pipeline has it
}

// WithParams returns a pipeline with the defaults that the stack gives to its parameters. What does not fit the parameter is added
// to the findings; src is the spec.
func (p *Project) WithParams(s *Stack, src diag.Source, pipeline *ir.Pipeline) *ir.Pipeline {
	if len(s.params) == 0 {
		return pipeline
	}
	out := *pipeline
	out.Params = slices.Clone(pipeline.Params)
	for i := range s.params {
		given := &s.params[i]
		at := slices.IndexFunc(out.Params, func(declared *ir.Param) bool { return declared.Name == given.name })
		if at < 0 {
			continue
		}
		given.used = true
		declared := *out.Params[at]
		var found diag.List
		value := check.Argument(&declared, given.value, &found)
		for _, d := range found.Sorted() {
			pos := diag.Pos(declared.Pos)
			d.WithNoteIn(src.Name, Line(src, pos), pos, "the parameter of %s", pipeline.Name)
		}
		p.origin[given.value].Diags.Append(found)
		if value != nil {
			moveTo(value, declared.Pos)
			declared.Default = value
			out.Params[at] = &declared
		}
	}
	return &out
}

// moveTo gives a value a place in the spec: its own is in another file.
func moveTo(v *ir.Value, pos ir.Pos) {
	v.Pos = pos
	for i := range v.Items {
		moveTo(&v.Items[i], pos)
	}
	for i := range v.Map {
		v.Map[i].Pos = pos
		moveTo(&v.Map[i].Value, pos)
	}
}

// Unused reports params of the stack that none of the pipelines has which WithParams has seen: an error if those are all that the
// stack has. Otherwise another pipeline may have it, and where the project does not say which there are, that is a warning.
func (p *Project) Unused(s *Stack, complete bool, seen []*ir.Pipeline) {
	var names []string
	for _, pipeline := range seen {
		for _, declared := range pipeline.Params {
			names = append(names, declared.Name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, given := range s.params {
		switch {
		case given.used:
		case complete:
			given.place.errorf(diag.UnknownName, "no pipeline of the stack %q has a parameter %q", s.Name, given.name).Suggest(given.name, names)
		case !p.HasPipelines():
			given.place.file.Diags.Warnf(given.place.pos, diag.UnknownName, "%s has no parameter %q", pipelineNames(seen), given.name).
				Suggest(given.name, names)
		}
	}
}

func pipelineNames(all []*ir.Pipeline) string {
	if len(all) == 1 {
		return "the pipeline " + all[0].Name
	}
	return "none of the pipelines"
}
