package kubeflow

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// maxObject is what Kubernetes stores of one object, with room for what it adds itself, in bytes.
const maxObject = 1_400_000

type checker struct {
	p        *ir.Pipeline
	settings settings
	names    *manifest // with the names of tasks alone
	diags    diag.List
}

func (backend) Check(p *ir.Pipeline, o backends.Options) diag.List {
	names := newNames(p)
	p = names.p
	c := &checker{p: p, settings: read(o), names: names}
	backends.CheckOptions(flavor, o, optionSpecs, &c.diags)
	c.stack()
	c.schedule()
	c.failFast()
	c.labels()
	c.options(p.Options, specFields, ownSpecFields, "the workflow's spec")
	for _, s := range p.Steps {
		c.step(s)
	}
	c.requirements()
	if !c.diags.HasErrors() {
		c.sizes()
	}
	return c.diags
}

func (c *checker) cannot(pos ir.Pos, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(diag.Pos(pos), diag.EngineCannot, flavor+": "+format, args...)
}

func (c *checker) option(format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(diag.Pos{}, diag.UnknownOption, format, args...)
}

// maxLabel is the length of a label, a namespace and the name in a label's key.
const maxLabel = 63

// The names of Kubernetes, whatever their length. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
var (
	namespaceName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	subdomainName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	labelText     = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
	imageName     = regexp.MustCompile(`^[A-Za-z0-9][-A-Za-z0-9_./:@]*$`)
)

func isLabelText(s string) bool { return len(s) <= maxLabel && labelText.MatchString(s) }

func isLabelValue(s string) bool { return s == "" || isLabelText(s) }

// isLabelKey takes a name with an optional prefix: a DNS subdomain and a slash.
func isLabelKey(s string) bool {
	if prefix, name, ok := strings.Cut(s, "/"); ok {
		return len(prefix) <= 253 && subdomainName.MatchString(prefix) && isLabelText(name)
	}
	return isLabelText(s)
}

// stack checks the options of the flavor.
func (c *checker) stack() {
	s := c.settings
	if s.namespace != "" && (len(s.namespace) > maxLabel || !namespaceName.MatchString(s.namespace)) {
		c.option("the option \"namespace\" must be the name of a Kubernetes namespace, not %q", s.namespace).
			WithHelp("small letters, digits and '-', at most 63")
	}
	if s.serviceAccount != "" && !subdomainName.MatchString(s.serviceAccount) {
		c.option("the option \"service_account\" must be the name of a service account, not %q", s.serviceAccount).
			WithHelp("small letters, digits, '-' and '.'")
	}
	if s.image != "" && !imageName.MatchString(s.image) {
		c.option("the option \"image\" must be the name of an image, not %q", s.image).WithHelp("such as ghcr.io/acme/churn:1.4")
	}
	if s.codeInImage() && s.image == "" {
		c.option("the option \"code\" is \"image\", but no image is named that will have the code").
			WithHelp("say what it is called once it is built: --option image=registry.example.com/team/%s:1", c.p.Name)
	}
	if s.kind == kindWorkflow && c.p.Schedule != nil {
		c.cannot(c.p.Schedule.Pos, "a Workflow is one run, and has no schedule").
			WithHelp("leave out the option kind: a WorkflowTemplate comes with a CronWorkflow")
	}
}

func (c *checker) failFast() {
	if c.p.FailFast {
		c.cannot(c.p.Pos.FailFast, "fail_fast: Argo goes on with what does not depend on the failed step").
			WithHelp("leave it out: what needs a failed step does not start")
	}
}

func (c *checker) schedule() {
	s := c.p.Schedule
	if s == nil {
		return
	}
	if s.Every != 0 && !isCron(s.Every) {
		c.cannot(s.EveryPos, "every: a CronWorkflow knows cron expressions alone, and none fires at such an interval").
			WithHelp("use an interval that divides an hour or a day, or cron:")
	}
	if s.Start != "" {
		c.cannot(s.StartPos, "start: a CronWorkflow fires from the moment it is applied").
			WithHelp("leave start out, and apply the manifest when the runs are to begin")
	}
	if s.End != "" {
		c.cannot(s.EndPos, "end: a CronWorkflow has no last day").
			WithHelp("leave end out, and suspend the CronWorkflow or delete it then")
	}
	if s.Catchup {
		c.cannot(s.CatchupPos, "catchup: a CronWorkflow does not make up for ticks before it was applied").
			WithHelp("leave catchup out, and start such runs with argo submit or argo cron backfill")
	}
}

func isCron(seconds int64) bool {
	_, ok := backends.EveryAsCron(seconds)
	return ok
}

func (c *checker) labels() {
	for _, l := range c.p.Labels {
		if !isLabelKey(l.Key) {
			c.cannot(l.Pos, "Kubernetes takes no label %q", l.Key).
				WithHelp("a key has letters, digits, '-', '_' and '.' (at most 63), and begins and ends with a letter or digit")
		}
	}
}

func (c *checker) step(s *ir.Step) {
	if c.settings.codeInImage() && s.Image != c.p.Defaults.Image {
		c.cannot(s.Pos, "the step %q has the image %q, which does not have the code", s.Name, s.Image).
			WithHelp("leave the step's image out, or use the option code=configmap")
	}
	if s.Kind == ir.Operator {
		c.cannot(s.Body, "an operator is Airflow's own").WithHelp("use python:, run: or command:")
	}
	c.conditions(s)
	c.outputsAfterFailure(s)
	for _, secret := range s.Secrets {
		switch {
		case secret.Conn:
			c.cannot(secret.Pos, "%s: a connection is Airflow's own", secret.Ref()).WithHelp("name a Kubernetes Secret and its key")
		case !subdomainName.MatchString(secret.Store):
			c.cannot(secret.Pos, "%q cannot be the name of a Kubernetes Secret", secret.Store).WithHelp("small letters, digits, '-' and '.'")
		}
	}
	r := s.Retries
	if r.Limit > 0 && r.Delay > 0 && (r.Backoff != math.Trunc(r.Backoff) || r.Backoff > math.MaxInt32) {
		c.cannot(r.Pos, "backoff: Argo takes a whole number as the factor between delays, not %s", ir.FloatText(r.Backoff)).
			WithHelp("use backoff: 2, and max_delay to bound the delays")
	}
	if s.Resources.GPUType != "" {
		c.cannot(s.Resources.Pos, "gpu_type: what the GPUs of a node are called differs from cluster to cluster").
			WithHelp("name the nodes: options: {kubeflow: {nodeSelector: {cloud.google.com/gke-accelerator: %s}}}", s.Resources.GPUType)
	}
	s.Exprs(func(e *ir.Expr) {
		if isInterval(e) && c.p.Schedule != nil {
			c.cannot(e.Pos, "run.%s: Argo does not tell a run when the one before it was due", e.Name).
				WithHelp("use run.date, and reckon with the schedule in the step")
		}
	})
	c.options(s.Options, templateFields, ownTemplateFields, "the template")
	if f := ir.Lookup(ir.For(s.Options, flavor), "script"); f != nil {
		c.script(*f)
	}
}

// conditions refuses what the controller would evaluate to something else, or could not.
func (c *checker) conditions(s *ir.Step) {
	p := newConditionPrinter(c.names, s, nil)
	if s.When != nil && !isPerItem(s) {
		if p.print(s.When); p.cannot != nil {
			c.cannot(p.cannot.Pos, "when: the controller evaluates it, and this would have another meaning there").
				WithHelp("let a step compute it, with an output of the type bool")
			return
		}
	}
	if len(s.Foreach) == 0 {
		return
	}
	if p.product(s); p.cannot != nil {
		c.cannot(p.cannot.Pos, "foreach: the controller evaluates how many elements there are, and cannot do so here").
			WithHelp("let a step make the list, with an output of its own")
		return
	}
	if p.withParam(s); p.cannot != nil {
		c.cannot(p.cannot.Pos, "when: the controller evaluates it for each element, and this would have another meaning there").
			WithHelp("let a step leave out the elements that are not wanted")
	}
}

// requirements warns of steps in an image that cannot have the packages.
func (c *checker) requirements() {
	if len(c.p.Requirements) == 0 || c.settings.codeInImage() || c.settings.image != "" {
		return
	}
	for _, s := range c.p.Steps {
		if s.Kind == ir.Python && s.Image == "" {
			c.diags.Warnf(diag.Pos(c.p.Pos.Requirements), diag.NotApplied,
				"kubeflow: the step %q runs in %s, which does not have the packages of requirements", s.Name, c.settings.defaultImage()).
				WithHelp("name an image that has them (image:, or the option image), or build one with the option code=image")
			return
		}
	}
}

func (c *checker) options(all []ir.Options, legal, own []string, what string) {
	t := backends.Target{Flavor: flavor, Name: what, Member: "field", Own: own, Legal: legal}
	t.CheckFields(ir.For(all, flavor), &c.diags)
	for _, f := range ir.For(all, flavor) {
		c.pythonNames(&f.Value)
	}
}

// pythonNames refuses Python objects by name, which only a DAG file of Airflow has.
func (c *checker) pythonNames(v *ir.Value) {
	for i := range v.Items {
		c.pythonNames(&v.Items[i])
	}
	for i := range v.Map {
		if v.Map[i].Key == "$python" {
			c.diags.Errorf(diag.Pos(v.Map[i].Pos), diag.UnknownOption, "kubeflow: a manifest has no Python objects; $python is for Airflow")
		}
		c.pythonNames(&v.Map[i].Value)
	}
}

// script keeps what the container runs from being replaced.
func (c *checker) script(f ir.Field) {
	if f.Value.Kind != ir.MapValue {
		c.diags.Errorf(diag.Pos(f.Pos), diag.UnknownOption, "kubeflow: script must be a map, not a %s", f.Value.Kind).
			WithHelp("its entries are merged into the container: script: {imagePullPolicy: Always}")
		return
	}
	c.options([]ir.Options{{Flavor: flavor, Fields: f.Value.Map}}, scriptFields, ownScriptFields, "the script")
}

// sizes holds the objects against what Kubernetes stores.
func (c *checker) sizes() {
	m := newManifest(c.p, c.settings)
	if size := m.code.size(); size > maxConfigMap && !c.settings.codeInImage() {
		largest := slices.MaxFunc(m.code.files, func(a, b mounted) int { return len(a.content) - len(b.content) })
		c.diags.Errorf(diag.Pos(c.p.Pos.Name), diag.EngineLimit,
			"kubeflow: the code has %d bytes, and a ConfigMap holds %d; the largest file is %q with %d", size, maxConfigMap,
			strings.TrimPrefix(largest.path, "code/"), len(largest.content)).
			WithHelp("put the code into an image: --option code=image --option image=registry.example.com/team/%s:1", c.p.Name)
	}
	if m.isTooLarge() {
		c.diags.Warnf(diag.Pos(c.p.Pos.Name), diag.EngineLimit,
			"kubeflow: the workflow has more than the %d bytes that Kubernetes stores in one object", maxObject).
			WithHelp("use fewer, larger steps, or split the pipeline")
	}
}

// isTooLarge does not write a workflow out that has so many steps that it must be.
func (m *manifest) isTooLarge() bool {
	const shortestStep = 400 // bytes of a task and its template
	if len(m.p.Steps) > maxObject/shortestStep {
		return true
	}
	var b bytes.Buffer
	m.workflow().document(&b)
	return b.Len() > maxObject
}
