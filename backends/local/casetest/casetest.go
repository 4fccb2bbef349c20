// Package casetest runs the cases of a test file by the local runtime, and compares what comes of them with what is expected.
package casetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/templates"
)

// Suite is a pipeline whose cases are run.
type Suite struct {
	pipeline *runtime.Pipeline
	code     runtime.Code
	secrets  map[string]string // references by name of the variable
	folder   string            // of the test file: paths in it are relative to that
	python   string
}

// New returns the suite of a pipeline and the folder of its test file. python is the interpreter of the python steps; "": see
// [runtime.Options].
func New(p *ir.Pipeline, folder, python string) *Suite {
	s := &Suite{pipeline: local.Pipeline(p), code: local.Code(p), secrets: map[string]string{}, folder: folder, python: python}
	for _, step := range p.Steps {
		for _, secret := range step.Secrets {
			s.secrets[secret.Name] = secret.Ref()
		}
	}
	return s
}

// Result is what came of a case: it is fine if there are no problems.
type Result struct {
	Problems []Problem
	Failures []Failure // steps that failed, but for those that were to
	Duration time.Duration
}

// Problem is one thing that is not as expected.
type Problem struct {
	Where   string `json:"where"` // status, refused, steps.train.outputs.loss …
	Message string `json:"message"`
}

// Failure is why a step failed, with the end of its log.
type Failure struct {
	Step  string   `json:"step"`
	Error string   `json:"error"`
	Log   []string `json:"log,omitempty"`
}

// Run runs a case. All files that it makes are below dir.
func (s *Suite) Run(ctx context.Context, c *cases.Case, dir string) *Result {
	started := time.Now()
	out := &Result{}
	if err := s.run(ctx, c, dir, out); err != nil {
		out.add("run", err.Error())
	}
	out.Duration = time.Since(started)
	return out
}

func (r *Result) add(where, message string) {
	r.Problems = append(r.Problems, Problem{where, message})
}

func (s *Suite) run(ctx context.Context, c *cases.Case, dir string, out *Result) error {
	o := runtime.Options{Dir: dir, Python: s.python, StepRunner: templates.StepRunner, Params: map[string]string{}, Secrets: map[string]string{}}
	for _, p := range c.Params {
		text, err := paramText(p)
		if err != nil {
			return err
		}
		o.Params[p.Name] = text
	}
	for name, ref := range s.secrets {
		if value, ok := c.Secrets[ref]; ok {
			o.Secrets[name] = value
		}
	}
	if c.Expect.Refused != "" {
		return s.refused(c.Expect.Refused, o, out)
	}
	var err error
	if o.Given, err = s.given(c, filepath.Join(dir, "given")); err != nil {
		return err
	}
	result, err := runtime.Run(ctx, s.pipeline, s.code, o)
	if err != nil {
		return err
	}
	s.compare(c, result, out)
	return nil
}

// refused expects that the parameters do not let a run begin.
func (s *Suite) refused(why string, o runtime.Options, out *Result) error {
	_, err := runtime.DryRun(s.pipeline, s.code, o)
	var bad *runtime.ParamError
	switch {
	case err == nil:
		out.add("refused", "the run is not refused")
	case !errors.As(err, &bad):
		return err
	case !strings.Contains(err.Error(), why):
		out.add("refused", "got "+strconv.Quote(err.Error())+", want "+strconv.Quote(why)+" in it")
	}
	return nil
}

// paramText is a parameter as it is given to a run.
func paramText(p cases.Param) (string, error) {
	if p.Value.Kind == ir.StringValue && p.Type != ir.JSON {
		return p.Value.Text, nil
	}
	text, err := runtime.Literal{Any: local.Data(p.Value)}.MarshalJSON()
	return string(text), err
}

// given are the stand-ins as the runtime takes them; texts of files are written below dir.
func (s *Suite) given(c *cases.Case, dir string) (map[string]runtime.StepResult, error) {
	out := map[string]runtime.StepResult{}
	for _, in := range c.StandIns {
		r := runtime.StepResult{State: runtime.State(in.State), Error: in.Error, Outputs: runtime.Values{}}
		for _, o := range in.Outputs {
			var err error
			if r.Outputs[o.Name], err = s.value(o.Content, filepath.Join(dir, in.Step, o.Name)); err != nil {
				return nil, err
			}
		}
		out[in.Step] = r
	}
	return out, nil
}

// value is a content as the runtime has it; the text of a file is written to path.
func (s *Suite) value(c cases.Content, path string) (any, error) {
	switch {
	case c.Value != nil:
		return local.Data(c.Value), nil
	case c.Path != "":
		return filepath.Abs(s.path(c.Path))
	case c.Text != nil:
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		return path, os.WriteFile(path, []byte(*c.Text), 0o644)
	case c.Items == nil:
		return nil, nil
	}
	items := make([]any, len(c.Items))
	for i, item := range c.Items {
		var err error
		if items[i], err = s.value(item, filepath.Join(path, strconv.Itoa(i))); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// path is one that the test file names.
func (s *Suite) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.folder, name)
}
