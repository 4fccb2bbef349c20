// Package cases reads test files: cases of a pipeline, with parameters, stand-ins for some of its steps, and what is expected of
// the others. What is wrong in one is found before anything runs, with its place.
package cases

import (
	"bytes"
	"io/fs"
	"slices"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// File is a test file whose cases have not been held against the pipeline yet.
type File struct {
	Pipeline    string // the path of the pipeline as it is written, relative to the file; "" for the file of the same name
	PipelinePos diag.Pos
	cases       []spec.Entry
}

// Case is a run of the pipeline, and what is expected of it.
type Case struct {
	Name     string
	Params   []Param
	Secrets  map[string]string // values by store/key
	StandIns []StandIn         // in the order of the file, then those that Only leaves out
	Expect   Expectation
}

// Param is the value of a parameter. In a case that expects a refusal it may be of another type.
type Param struct {
	Name  string
	Type  ir.Type // as it is declared
	Value *ir.Value
}

// StandIn is the end of a step that does not run.
type StandIn struct {
	Step    string
	State   string // succeeded, failed or skipped
	Error   string
	Outputs []Output
	NotRun  bool     // since it is not in only
	written []string // the names of outputs that are there, right or wrong
	pos     diag.Pos
}

// Expectation is what must come of a run. What is empty is not compared.
type Expectation struct {
	Refused string // a part of why the run is refused
	Status  string // succeeded unless it is written
	Steps   []ExpectedStep
}

// ExpectedStep is what must come of a step.
type ExpectedStep struct {
	Step     string
	State    string
	Attempts *int64
	Error    string // a part of it
	Outputs  []Output
}

// Output is the value of an output. Of a step with instances it is a list of those of the instances.
type Output struct {
	Name    string
	Type    ir.Type // of one instance
	Content Content
}

// Content is exactly one of its fields; if none is set, it is null.
type Content struct {
	Value *ir.Value
	Path  string    // of a file or folder, relative to the test file
	Text  *string   // of a file
	Items []Content // of instances; not nil
}

// Parse reads a test file; nil if it is none.
func Parse(data []byte, diags *diag.List) *File {
	if len(bytes.TrimSpace(data)) == 0 {
		diags.Errorf(diag.Pos{}, diag.BadFile, "the file is empty").WithHelp("a test file has cases")
		return nil
	}
	root := spec.ParseValue(data, diags)
	if root == nil {
		return nil
	}
	r := reader{diags}
	if root.Kind != spec.Mapping {
		diags.Errorf(root.Pos, diag.WrongShape, "a test file is a mapping with cases, not %s", shape(root))
		return nil
	}
	f := &File{}
	fields := r.fields(root, "a test file", "pipeline", "cases")
	if e, ok := fields["pipeline"]; ok {
		f.Pipeline, f.PipelinePos = r.text(e), e.Value.Pos
	}
	e, ok := fields["cases"]
	if !ok {
		diags.Errorf(root.Pos, diag.MissingKey, "the test file has no \"cases\"")
		return nil
	}
	f.cases = r.entries(e.Value, "cases")
	if len(f.cases) == 0 && !diags.HasErrors() {
		diags.Errorf(e.Key.Pos, diag.MissingKey, "cases is empty").WithHelp("write a case by its name")
	}
	return f
}

// Stat finds a file or folder that a case names.
type Stat func(name string) (fs.FileInfo, error)

// Check holds the cases against the pipeline. They are complete only if diags has no errors.
func (f *File) Check(p *ir.Pipeline, stat Stat, diags *diag.List) []*Case {
	steps := map[string]*ir.Step{}
	for _, s := range p.Steps {
		steps[s.Name] = s
	}
	var out []*Case
	for _, e := range f.cases {
		c := &checker{reader: reader{diags}, pipeline: p, steps: steps, stat: stat, out: &Case{Name: e.Key.Value}}
		c.check(e)
		out = append(out, c.out)
	}
	return out
}

// checker checks one case.
type checker struct {
	reader
	pipeline *ir.Pipeline
	steps    map[string]*ir.Step
	stat     Stat
	out      *Case
}

func (c *checker) check(e spec.Entry) {
	if e.Key.Value == "" {
		c.diags.Errorf(e.Key.Pos, diag.BadName, "a case needs a name")
	}
	fields := c.fields(e.Value, "a case", "description", "params", "secrets", "only", "steps", "expect")
	if d, ok := fields["description"]; ok {
		c.text(d)
	}
	if x, ok := fields["expect"]; ok { // before the others, which depend on it
		c.refusal(x)
	}
	c.params(e.Key, fields["params"])
	if s, ok := fields["steps"]; ok {
		c.standIns(s)
	}
	if o, ok := fields["only"]; ok {
		c.only(o)
	}
	c.secrets(e.Key, fields["secrets"])
	c.complete()
	if x, ok := fields["expect"]; ok {
		c.expect(x)
	}
	if c.out.Expect.Status == "" && c.out.Expect.Refused == "" {
		c.out.Expect.Status = "succeeded"
	}
}

func (c *checker) params(name spec.String, e spec.Entry) {
	var names []string
	types := map[string]ir.Type{}
	for _, p := range c.pipeline.Params {
		names = append(names, p.Name)
		types[p.Name] = p.Type
	}
	given := map[string]bool{}
	for _, entry := range c.entries(e.Value, "params") {
		typ, ok := types[entry.Key.Value]
		if !ok {
			c.diags.Errorf(entry.Key.Pos, diag.UnknownName, "the pipeline has no parameter %q", entry.Key.Value).Suggest(entry.Key.Value, names)
			continue
		}
		given[entry.Key.Value] = true
		read := typ
		if c.out.Expect.Refused != "" {
			read = ir.JSON
		}
		if v := c.typed(entry.Value, read); v != nil {
			c.out.Params = append(c.out.Params, Param{entry.Key.Value, typ, v})
		}
	}
	for _, p := range c.pipeline.Params {
		if p.Default == nil && !given[p.Name] && c.out.Expect.Refused == "" {
			c.diags.Errorf(name.Pos, diag.MissingKey, "the case %q gives no value to the parameter %q, which has no default", name.Value, p.Name).
				WithHelp("write params: {%s: …}", p.Name)
		}
	}
}

// secrets reads the values. Every secret of a step that runs has one: a case does not depend on what the machine has.
func (c *checker) secrets(name spec.String, e spec.Entry) {
	var refs []string
	for _, s := range c.pipeline.Steps {
		for _, secret := range s.Secrets {
			refs = append(refs, secret.Ref())
		}
	}
	c.out.Secrets = map[string]string{}
	for _, entry := range c.entries(e.Value, "secrets") {
		if !slices.Contains(refs, entry.Key.Value) {
			c.diags.Errorf(entry.Key.Pos, diag.UnknownName, "no step has the secret %q", entry.Key.Value).Suggest(entry.Key.Value, refs)
			continue
		}
		c.out.Secrets[entry.Key.Value] = c.text(entry)
	}
	if c.out.Expect.Refused != "" {
		return
	}
	for _, s := range c.pipeline.Steps {
		for _, secret := range s.Secrets {
			if _, given := c.out.Secrets[secret.Ref()]; given || c.standIn(s.Name) != nil {
				continue
			}
			c.out.Secrets[secret.Ref()] = "" // said once
			c.diags.Errorf(name.Pos, diag.MissingKey, "the step %q needs the secret %q, which the case %q does not give", s.Name, secret.Ref(), name.Value).
				WithHelp("write secrets: {%s: …}, or give the step a stand-in", secret.Ref())
		}
	}
}
