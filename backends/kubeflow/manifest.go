package kubeflow

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// manifest is a pipeline's Argo objects while they are built.
type manifest struct {
	p        *ir.Pipeline
	settings settings
	tasks    map[string]string // name of each step's task and template
	inners   map[string]string // name of the template within that, of a step that has one
	code     codeMap
	defaults defaultsMap
	shape    dagShape
}

func newManifest(p *ir.Pipeline, s settings) *manifest {
	m := newNames(p)
	m.settings, m.inners, m.code, m.defaults = s, innerNames(p, m.tasks), newCodeMap(p), newDefaultsMap(p)
	return m
}

// newNames is a manifest with the names of tasks and the shape of the DAG alone.
func newNames(p *ir.Pipeline) *manifest {
	p = nest(p)
	tasks := taskNames(p)
	return &manifest{p: p, tasks: tasks, shape: newShape(p, tasks)}
}

// imageOf returns the image that a step runs in.
func (m *manifest) imageOf(s *ir.Step) string {
	switch {
	case m.settings.codeInImage():
		return m.settings.image
	case s.Image != "":
		return s.Image
	}
	return m.settings.defaultImage()
}

// workflow returns the WorkflowTemplate, or the Workflow.
func (m *manifest) workflow() *node {
	return object().
		set("apiVersion", str("argoproj.io/v1alpha1")).
		set("kind", str(m.settings.kind)).
		set("metadata", m.metadata(m.settings.kind == kindWorkflow, true)).
		set("spec", m.spec()).spread()
}

// metadata names an object and says whose it is. What cannot be a label's value is an annotation.
func (m *manifest) metadata(generate, describe bool) *node {
	meta := object().spread()
	if generate {
		meta.set("generateName", str(m.p.Name+"-"))
	} else {
		meta.set("name", str(m.p.Name))
	}
	if m.settings.namespace != "" {
		meta.set("namespace", str(m.settings.namespace))
	}
	labels, annotations := managedBy(), object()
	for _, l := range m.p.Labels {
		if isLabelValue(l.Value) {
			labels.set(l.Key, str(l.Value))
		} else {
			annotations.set(l.Key, str(l.Value))
		}
	}
	if describe {
		annotations.set("workflows.argoproj.io/title", str(m.p.Name))
		if m.p.Description != "" {
			annotations.set("workflows.argoproj.io/description", str(m.p.Description))
		}
	}
	if m.p.Owner != "" {
		annotations.set("zenc.dev/owner", str(m.p.Owner))
	}
	return meta.set("labels", labels).set("annotations", annotations)
}

func managedBy() *node { return object().set("app.kubernetes.io/managed-by", str("zenc")) }

func (m *manifest) spec() *node {
	entrypoint := entrypointName(m.p, m.tasks)
	spec := object().set("entrypoint", str(entrypoint))
	if len(m.shape.members(m.p, true)) > 0 {
		spec.set("onExit", str(m.exitHandler()))
	}
	if m.settings.serviceAccount != "" {
		spec.set("serviceAccountName", str(m.settings.serviceAccount))
	}
	if m.p.Timeout > 0 {
		spec.set("activeDeadlineSeconds", number(m.p.Timeout))
	}
	if m.p.MaxParallel > 0 {
		spec.set("parallelism", number(int64(m.p.MaxParallel)))
	}
	spec.set("synchronization", m.synchronization())
	spec.set("arguments", object().set("parameters", m.parameters()))
	if !m.settings.codeInImage() {
		spec.set("volumes", list(m.code.volume()))
	}
	merge(spec, ir.For(m.p.Options, flavor))

	wirings := m.wireAll()
	exit := m.shape.members(m.p, true)
	head := []*node{m.dag(entrypoint, m.shape.members(m.p, false), true, wirings)}
	if len(exit) > 0 {
		head = append(head, m.dag(m.exitHandler(), exit, false, wirings))
	}
	for _, name := range []string{m.shape.verdict, m.shape.never} {
		if name != "" {
			head = append(head, object().set("name", str(name)).put("suspend", object()))
		}
	}
	if m.shape.check != "" {
		_, template := m.checkTask()
		head = append(head, template)
	}
	var work []func() *node
	for _, s := range m.p.Steps {
		if s.AllowFailure {
			work = append(work, func() *node { return m.wrapper(s, wirings[s]) })
		}
		if g := m.shape.groups[s.Name]; g != nil {
			work = append(work, func() *node { return m.groupTemplate(g, wirings) })
			continue
		}
		work = append(work, func() *node { return m.template(s, wirings[s]) })
	}
	return spec.set("templates", sequence(len(head)+len(work), func(i int) *node {
		if i < len(head) {
			return head[i]
		}
		return work[i-len(head)]()
	}))
}

// wireAll wires the steps, which have nothing to do with each other but for those of a mapped group: it has what they are handed.
func (m *manifest) wireAll() map[*ir.Step]*wiring {
	all := make([][]*wiring, len(m.p.Steps))
	inParallel(len(all), func(i int) {
		s := m.p.Steps[i]
		if s.Along != "" {
			return
		}
		own := newWiring(m, s, nil)
		if g := m.shape.groups[s.Name]; g != nil {
			for _, member := range g.members {
				all[i] = append(all[i], m.wire(newWiring(m, member, own)))
			}
		}
		all[i] = append(all[i], m.wire(own))
	})
	out := make(map[*ir.Step]*wiring, len(all))
	for _, some := range all {
		for _, w := range some {
			out[w.reader] = w
		}
	}
	return out
}

// inParallel calls f for each i below n, on all processors.
func inParallel(n int, f func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	workers.Wait()
}

// dag returns the template of a DAG. failFast would let a run end before branches have started that do not depend on what
// failed.
func (m *manifest) dag(name string, steps []*ir.Step, isMain bool, wirings map[*ir.Step]*wiring) *node {
	var first, last []*node
	if isMain && m.shape.check != "" {
		task, _ := m.checkTask()
		first = append(first, task)
	}
	if isMain && m.shape.verdict != "" {
		last = append(last, m.verdictTask(m.shape.verdict, m.shape.verdict, m.shape.unheard))
	}
	tasks := sequence(len(first)+len(steps)+len(last), func(i int) *node {
		switch i -= len(first); {
		case i < 0:
			return first[i+len(first)]
		case i < len(steps):
			return m.task(steps[i], wirings[steps[i]])
		}
		return last[i-len(steps)]
	})
	return object().set("name", str(name)).set("dag", object().set("failFast", boolean(false)).set("tasks", tasks)).spread()
}

// exitHandler is the name of the template with the steps of finally.
func (m *manifest) exitHandler() string {
	return unique("finally", templatesOf(m.p, m.tasks))
}

// synchronization bounds the runs at a time: further ones wait.
func (m *manifest) synchronization() *node {
	switch {
	case m.p.MaxActiveRuns == 0:
		return nil
	case m.p.MaxActiveRuns == 1:
		return object().set("mutexes", list(object().set("name", str(m.p.Name))))
	}
	ref := object().set("name", str(limitsName(m.p))).set("key", str(limitsKey))
	return object().set("semaphores", list(object().set("configMapKeyRef", ref)))
}

// parameters are the run's, with defaults in their text form.
func (m *manifest) parameters() *node {
	all := list()
	for _, p := range m.p.Params {
		n := object().set("name", str(p.Name))
		if p.Default != nil {
			text := textForm(p.Default, p.Type)
			if isTagFree(text) {
				n.set("value", str(text))
			} else {
				n.set("valueFrom", m.defaults.ref(p))
			}
		}
		if hasNativeEnum(p) {
			enum := list()
			for i := range p.Enum {
				enum.add(str(textForm(&p.Enum[i], p.Type)))
			}
			n.set("enum", enum)
		}
		switch description := paramDescription(p); {
		case !isTagFree(description):
			n.commented(description)
		case description != "":
			n.set("description", str(description))
		}
		all.add(n)
	}
	return all
}

// paramDescription is the description with the type, unless that is a string.
func paramDescription(p *ir.Param) string {
	switch {
	case p.Type == ir.String:
		return p.Description
	case p.Description == "":
		return string(p.Type)
	}
	return p.Description + " (" + string(p.Type) + ")"
}

// hasNativeEnum reports whether Argo may offer the choices: texts without tags, of a parameter whose default it knows.
func hasNativeEnum(p *ir.Param) bool {
	tagged := func(v ir.Value) bool { return !isTagFree(v.Text) }
	return p.Type == ir.String && !slices.ContainsFunc(p.Enum, tagged) && (p.Default == nil || isTagFree(p.Default.Text))
}

// cron returns the CronWorkflow that starts the template, or nil without a schedule.
func (m *manifest) cron() *node {
	s := m.p.Schedule
	if s == nil {
		return nil
	}
	cron, zone := s.Cron, s.Timezone
	if s.Every != 0 {
		cron, _ = backends.EveryAsCron(s.Every)
		zone = "UTC"
	}
	policy := map[string]string{"allow": "Allow", "skip": "Forbid", "replace": "Replace"}[s.Overlap]
	ref := object().set("workflowTemplateRef", object().set("name", str(m.p.Name)))
	spec := object().
		set("schedules", list(str(cron))).
		set("timezone", str(zone)).
		set("concurrencyPolicy", str(policy)).
		set("workflowSpec", ref).spread()
	return object().
		set("apiVersion", str("argoproj.io/v1alpha1")).
		set("kind", str("CronWorkflow")).
		set("metadata", m.metadata(false, false)).
		set("spec", spec).spread()
}
