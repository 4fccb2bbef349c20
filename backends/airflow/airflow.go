// Package airflow emits one DAG file of PythonOperators for Apache Airflow, 3 or 2.10 and later.
//
// Each step is a function that a reviewer can follow and an operator around it. No Jinja is rendered, user modules are
// imported where they are called and never at parse time, and what the functions share lies in a package beside the file.
package airflow

import (
	"net/url"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/templates"
)

// runtimePackage is the package that generated files import. Its number changes when it changes incompatibly, so that
// pipelines built by different versions of zenc can share a DAGs folder.
const runtimePackage = "zenc_runtime_1"

// ignoreAll is the content of an .airflowignore: as a glob (Airflow 3) and as a regular expression (Airflow 2) alike it
// keeps Airflow from looking for DAGs in the folder.
// https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#airflowignore
const ignoreAll = "[a-zA-Z0-9_.-]*\n"

type backend struct{}

// New returns the airflow flavor.
func New() backends.Backend { return backend{} }

func (backend) Flavor() string { return "airflow" }

var optionSpecs = []backends.OptionSpec{
	{Key: "airflow", Kind: ir.StringValue, Choices: []string{"3", "2"}},
	{Key: "artifacts", Kind: ir.StringValue},
	{Key: "max_map_length", Kind: ir.IntValue},
	{Key: "executor", Kind: ir.StringValue, Choices: []string{"kubernetes"}},
	{Key: "code", Kind: ir.StringValue, Choices: []string{"copy", "installed"}},
	{Key: "python", Kind: ir.StringValue},
}

// settings are the options of the flavor, read.
type settings struct {
	artifacts string // URL that file outputs are stored below
	python    string // interpreter that runs the steps; "": the worker's own
	copyCode  bool
	version   version
	// onKubernetes says that each task has a pod of its own.
	onKubernetes bool
	// maxMapLength is how many instances a mapped task may have.
	maxMapLength int
}

func read(o backends.Options) settings {
	return settings{
		artifacts: strings.TrimSuffix(o.Text("artifacts", ""), "/"),
		python:    o.Text("python", ""),
		copyCode:  o.Text("code", "copy") == "copy",
		version:   versions[o.Text("airflow", "3")],

		onKubernetes: o.Text("executor", "") == "kubernetes",
		maxMapLength: o.Int("max_map_length", maxMapLength),
	}
}

func (backend) Check(p *ir.Pipeline, o backends.Options) diag.List {
	c := &checker{p: p, settings: read(o)}
	backends.CheckOptions("airflow", o, optionSpecs, &c.diags)
	if c.settings.artifacts != "" {
		if u, err := url.Parse(c.settings.artifacts); err != nil || u.Scheme == "" {
			c.diags.Errorf(diag.Pos{}, diag.UnknownOption, "the option \"artifacts\" must be a URL, not %q", c.settings.artifacts).
				WithHelp("such as s3://bucket/prefix, gs://bucket, or file:///srv/artifacts on one machine")
		}
	}
	c.check()
	return c.diags
}

func (backend) Emit(p *ir.Pipeline, o backends.Options) ([]backends.File, error) {
	s := read(o)
	files := []backends.File{
		{Path: p.Name + ".py", Data: []byte(dagFile(p, o, s)), Mode: 0o644},
		{Path: runtimePackage + "/.airflowignore", Data: ignoreFile(), Mode: 0o644, Marker: true},
		{Path: runtimePackage + "/__init__.py", Data: templates.AirflowRuntime, Mode: 0o644},
		{Path: runtimePackage + "/step.py", Data: templates.StepRunner, Mode: 0o644},
	}
	if shipsCode(p, s) {
		files = append(files, backends.File{Path: codeFolder(p) + "/.airflowignore", Data: ignoreFile(), Mode: 0o644, Marker: true})
		files = append(files, backends.CodeFiles(p, codeFolder(p))...)
	}
	return files, nil
}

func (backend) Next(p *ir.Pipeline, _ backends.Options, dir string) string {
	return "copy what is in " + dir + " to the top of your DAGs folder; then: airflow dags test " + p.Name
}

// codeFolder is where the shipped code lies. The dot keeps Python from taking it for a package.
func codeFolder(p *ir.Pipeline) string { return p.Name + ".code" }

func shipsCode(p *ir.Pipeline, s settings) bool { return s.copyCode && len(p.Code) > 0 }

func ignoreFile() []byte {
	return []byte("# " + backends.GeneratedBy + ": no DAG files in this folder.\n" + ignoreAll)
}
