// Package kubeflow emits an Argo Workflows manifest: a WorkflowTemplate, a CronWorkflow that starts it, and a ConfigMap with
// the code, so that a stock Python image runs it.
//
// Argo substitutes {{…}} in every text of a template, also in values that it has substituted before. So no text of the spec
// stands in a template where Argo would look for tags: scripts and code are in the ConfigMap, literals in the work file of
// the step runner with their braces escaped, and values travel as base64.
package kubeflow

import (
	"bytes"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

const flavor = "kubeflow"

const (
	kindTemplate = "WorkflowTemplate"
	kindWorkflow = "Workflow"
)

type backend struct{}

// New returns the kubeflow flavor.
func New() backends.Backend { return backend{} }

func (backend) Flavor() string { return flavor }

var optionSpecs = []backends.OptionSpec{
	{Key: "code", Kind: ir.StringValue, Choices: []string{"configmap", "image"}},
	{Key: "image", Kind: ir.StringValue},
	{Key: "kind", Kind: ir.StringValue, Choices: []string{kindTemplate, kindWorkflow}},
	{Key: "namespace", Kind: ir.StringValue},
	{Key: "service_account", Kind: ir.StringValue},
}

// settings are the options of the flavor, read.
type settings struct {
	kind           string
	code           string
	image          string // of steps that name none; with code: image, the one that has the code
	namespace      string
	serviceAccount string
}

func read(o backends.Options) settings {
	return settings{
		kind:           o.Text("kind", kindTemplate),
		code:           o.Text("code", "configmap"),
		image:          o.Text("image", ""),
		namespace:      o.Text("namespace", ""),
		serviceAccount: o.Text("service_account", ""),
	}
}

func (s settings) codeInImage() bool { return s.code == "image" }

// defaultImage is what a step runs in that names no image, and what an image with the code is built from.
func (s settings) defaultImage() string {
	if s.image == "" || s.codeInImage() {
		return "python:3.12-slim"
	}
	return s.image
}

func (backend) Emit(p *ir.Pipeline, o backends.Options) ([]backends.File, error) {
	m := newManifest(p, read(o))
	var files []backends.File
	support, main := m.support(), []*node{m.workflow()}
	if m.settings.kind == kindTemplate {
		main = append(append(main, m.cron()), support...)
	} else if len(support) > 0 {
		files = append(files, file(supportPath(p), o, nil, support))
	}
	files = append(files, file(p.Name+".yaml", o, m.notes(), main))
	if m.settings.codeInImage() {
		files = append(files, m.imageFiles(o)...)
	}
	return files, nil
}

// support returns what the workflow refers to. The code, which is long, is last: a reader begins with the workflow.
func (m *manifest) support() []*node {
	var out []*node
	if n := m.limits(); n != nil {
		out = append(out, n)
	}
	if n := m.defaults.node(m); n != nil {
		out = append(out, n)
	}
	if !m.settings.codeInImage() {
		out = append(out, m.code.node(m))
	}
	return out
}

// supportPath is the file of what a Workflow refers to. That is applied, while each run is created anew.
func supportPath(p *ir.Pipeline) string { return p.Name + ".support.yaml" }

// notes say what the manifest needs of a cluster.
func (m *manifest) notes() []string {
	argo := "3.6"
	if m.hasGuards() { // older ones take ?. and ?? for no guard, and let a workflow wait for ever
		argo = "3.7.16, 4.0.7, 4.1.0"
	}
	notes := []string{"Needs Argo Workflows " + argo + " or later, and in each image python3, 3.9 or later."}
	if !m.settings.codeInImage() && len(m.p.Requirements) > 0 {
		notes = append(notes, "The images of the Python steps need these packages:")
		for _, r := range m.p.Requirements {
			notes = append(notes, "- "+r)
		}
	}
	return notes
}

// hasGuards reports whether a step reads an output that may not be there.
func (m *manifest) hasGuards() bool {
	found := false
	for _, s := range m.p.Steps {
		found = found || s.AllowFailure || s.Along != "" && s.MaySkipItself()
		s.Exprs(func(e *ir.Expr) {
			found = found || e.Op == ir.OutputRef && (e.Nullable || e.FanIn && m.mayBeMissing(s, m.taskOf(e.Step).Name))
		})
	}
	return found
}

func file(path string, o backends.Options, notes []string, documents []*node) backends.File {
	var b bytes.Buffer
	const usual = 16 << 10 // bytes of a workflow and the step runner; more grow by themselves
	b.Grow(usual)
	writeComment(&b, strings.ReplaceAll(o.Header(), "\n", " "), 0)
	for _, note := range notes {
		writeComment(&b, strings.ReplaceAll(note, "\n", " "), 0)
	}
	first := true
	for _, d := range documents {
		if d == nil {
			continue
		}
		if !first {
			b.WriteString("---\n")
		}
		first = false
		d.document(&b)
	}
	return backends.File{Path: path, Data: b.Bytes(), Mode: 0o644}
}

// clientSideLimit is what kubectl apply takes without --server-side: it keeps the object in an annotation, in bytes.
const clientSideLimit = 262_144

// Next applies what a run refers to; a Workflow is then created, once a run.
func (backend) Next(p *ir.Pipeline, o backends.Options, dir string) string {
	m := newManifest(p, read(o))
	namespace := ""
	if m.settings.namespace != "" {
		namespace = " -n " + m.settings.namespace
	}
	manifestPath, apply := dir+"/"+p.Name+".yaml", "kubectl apply"
	var b bytes.Buffer
	m.workflow().document(&b)
	if max(m.code.size(), b.Len()) > clientSideLimit*3/4 { // JSON with its escapes is larger
		apply = "kubectl apply --server-side"
	}
	var steps []string
	if m.settings.codeInImage() {
		steps = append(steps, "docker build -t "+m.settings.image+" "+dir+"/"+imageFolder(p), "docker push "+m.settings.image)
	}
	switch {
	case m.settings.kind == kindTemplate:
		steps = append(steps, apply+namespace+" -f "+manifestPath)
	case len(m.support()) > 0:
		steps = append(steps, apply+namespace+" -f "+dir+"/"+supportPath(p))
	}
	if m.settings.kind == kindWorkflow {
		steps = append(steps, "kubectl create"+namespace+" -f "+manifestPath)
	}
	return strings.Join(steps, " && ")
}
