package cases

import (
	"errors"
	"io/fs"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// outputs reads values of outputs by their declared types; expected ones are compared with what a step makes.
func (c *checker) outputs(step *ir.Step, e spec.Entry, expected bool) []Output {
	var names []string
	types := map[string]ir.Type{}
	for _, o := range step.Outputs {
		names = append(names, o.Name)
		types[o.Name] = o.Type
	}
	var out []Output
	for _, entry := range c.entries(e.Value, "outputs") {
		name := entry.Key.Value
		typ, ok := types[name]
		if !ok {
			c.diags.Errorf(entry.Key.Pos, diag.UnknownName, "the step %q has no output %q", step.Name, name).Suggest(name, names)
			continue
		}
		if typ == ir.Object && expected {
			c.diags.Errorf(entry.Key.Pos, diag.InvalidCase, "%q is an object: pickles are not compared", name).WithHelp("compare another output, or one of a step that reads it")
			continue
		}
		read := c.content
		if step.HasInstances() {
			read = c.instances
		}
		if content, ok := read(entry.Value, typ); ok {
			out = append(out, Output{name, typ, content})
		}
	}
	return out
}

// instances reads an output of a step with instances: a list with null for an instance that has not succeeded.
func (c *checker) instances(v *spec.Value, t ir.Type) (Content, bool) {
	if v.Kind != spec.Sequence {
		c.diags.Errorf(v.Pos, diag.TypeMismatch, "want a list of %s, one for each instance, not %s", t, shape(v)).WithHelp("write […]")
		return Content{}, false
	}
	out := Content{Items: []Content{}}
	for _, item := range v.Items {
		one, ok := Content{}, true
		if !isNull(item) {
			one, ok = c.content(item, t)
		}
		if !ok {
			return Content{}, false
		}
		out.Items = append(out.Items, one)
	}
	return out, true
}

func (c *checker) content(v *spec.Value, t ir.Type) (Content, bool) {
	if !t.IsArtifact() {
		value := c.typed(v, t)
		return Content{Value: value}, value != nil
	}
	if v.Kind == spec.Scalar {
		return c.path(v, t)
	}
	fields := c.fields(v, "a "+string(t), "path", "text")
	path, hasPath := fields["path"]
	text, hasText := fields["text"]
	switch {
	case hasPath && hasText:
		c.diags.Errorf(text.Key.Pos, diag.InvalidCase, "path and text exclude each other").WithNote(path.Key.Pos, "path")
	case hasPath:
		return c.path(path.Value, t)
	case hasText && t != ir.File:
		c.diags.Errorf(text.Key.Pos, diag.InvalidCase, "a %s cannot be given as text", t).WithHelp("write the path of one")
	case hasText:
		if s := c.typed(text.Value, ir.String); s != nil {
			return Content{Text: &s.Text}, true
		}
	case v.Kind == spec.Mapping:
		c.diags.Errorf(v.Pos, diag.MissingKey, "a %s needs a path", t).WithHelp("write {path: …}, or of a file {text: …}")
	}
	return Content{}, false
}

// path reads the path of a file or folder that is there.
func (c *checker) path(v *spec.Value, t ir.Type) (Content, bool) {
	s := c.typed(v, ir.String)
	if s == nil {
		return Content{}, false
	}
	info, err := c.stat(s.Text)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.diags.Errorf(v.Pos, diag.BadFile, "there is no %q, seen from the test file", s.Text)
	case err != nil:
		c.diags.Errorf(v.Pos, diag.BadFile, "cannot read %q: %v", s.Text, err)
	case info.IsDir() != (t == ir.Dir):
		c.diags.Errorf(v.Pos, diag.BadFile, "%q is not a %s", s.Text, map[bool]string{true: "folder", false: "file"}[t == ir.Dir])
	default:
		return Content{Path: s.Text}, true
	}
	return Content{}, false
}
