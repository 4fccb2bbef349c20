package argotest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// controller runs one workflow.
type controller struct {
	options   Options
	manifest  *manifest
	globals   scope
	templates map[string]json.RawMessage
	result    *Result
	volumes   map[string]string // folder of each
	pods      int
}

// Run runs the workflow of a manifest. An error is a manifest or arguments that a cluster would refuse.
func Run(ctx context.Context, data []byte, o Options) (*Result, error) {
	m, err := read(data)
	if err != nil {
		return nil, err
	}
	params, err := m.parameters(o.Parameters)
	if err != nil {
		return nil, err
	}
	c := &controller{options: o, manifest: m, templates: map[string]json.RawMessage{}, result: &Result{}, volumes: map[string]string{}}
	c.globals = scope{
		"workflow.name":                      m.workflow.Metadata.Name + m.workflow.Metadata.GenerateName + "x7k2p",
		"workflow.namespace":                 "default",
		"workflow.uid":                       "3f0c9a3e-8f0c-4b7e-9d59-0e8a3c1d2b4f",
		"workflow.creationTimestamp":         "2026-01-02 03:04:05 +0100 CET",
		"workflow.creationTimestamp.RFC3339": "2026-01-02T03:04:05+01:00",
	}
	if o.ScheduledTime != "" {
		c.globals["workflow.scheduledTime"] = o.ScheduledTime
	}
	for name, value := range params {
		c.globals["workflow.parameters."+name] = value
	}
	for _, raw := range m.workflow.Spec.Templates {
		var t template
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("template: %w", err)
		}
		if !legalName.MatchString(t.Name) || c.templates[t.Name] != nil {
			return nil, fmt.Errorf("the template's name %q is not legal, or not the only one", t.Name)
		}
		c.templates[t.Name] = raw
	}
	if err := c.mountVolumes(); err != nil {
		return nil, err
	}
	main := c.template(ctx, m.workflow.Spec.Entrypoint, arguments{}, nil)
	c.result.Phase, c.result.Nodes = main.Phase, main.Tasks
	if main.Message != "" {
		c.result.Log += "workflow: " + main.Message + "\n"
	}
	if exit := m.workflow.Spec.OnExit; exit != "" {
		c.globals["workflow.status"] = string(main.Phase)
		handler := c.template(ctx, exit, arguments{}, nil)
		if handler.Phase != Succeeded && c.result.Phase == Succeeded {
			c.result.Phase = handler.Phase
		}
		c.result.Nodes = append(c.result.Nodes, handler.Tasks...)
	}
	return c.result, ctx.Err()
}

var legalName = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

// template runs a template with its arguments. files are where the artifacts among them lie, by name.
func (c *controller) template(ctx context.Context, name string, args arguments, files map[string]string) *Node {
	t, err := c.instantiate(name, args)
	switch {
	case err != nil:
		return &Node{Phase: Error, Message: err.Error()}
	case t.DAG != nil:
		return c.dag(ctx, t, files)
	case t.Steps != nil:
		return c.steps(ctx, t, files)
	case t.Script != nil:
		return c.retried(ctx, t, files)
	}
	return &Node{Phase: Error, Message: "a template that is neither a dag nor a script"}
}

// instantiate gives the inputs their values, then substitutes: the globals first, in those values as well.
func (c *controller) instantiate(name string, args arguments) (*template, error) {
	raw := c.templates[name]
	if raw == nil {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	var generic map[string]any
	var t template
	if err := errors.Join(json.Unmarshal(raw, &generic), json.Unmarshal(raw, &t)); err != nil {
		return nil, err
	}
	if err := giveInputs(generic, t.Inputs, args); err != nil {
		return nil, err
	}
	text, err := json.Marshal(generic)
	if err != nil {
		return nil, err
	}
	global, err := substitute(string(text), c.globals, "")
	if err != nil {
		return nil, err
	}
	t = template{}
	if err := json.Unmarshal([]byte(global), &t); err != nil {
		return nil, err
	}
	inputs := scope{}
	for _, p := range t.Inputs.Parameters {
		inputs["inputs.parameters."+p.Name] = *p.Value
	}
	done, err := substitute(global, inputs, "")
	if err != nil {
		return nil, err
	}
	t = template{}
	return &t, json.Unmarshal([]byte(done), &t)
}

// giveInputs sets the values of the parameters among a template's inputs.
func giveInputs(t map[string]any, inputs, args arguments) error {
	if len(inputs.Parameters) == 0 {
		return nil
	}
	declared := t["inputs"].(map[string]any)["parameters"].([]any)
	for i, p := range inputs.Parameters {
		at := slices.IndexFunc(args.Parameters, func(a parameter) bool { return a.Name == p.Name })
		if at < 0 || args.Parameters[at].Value == nil {
			return fmt.Errorf("inputs.parameters.%s was not supplied", p.Name)
		}
		declared[i].(map[string]any)["value"] = *args.Parameters[at].Value
	}
	return nil
}

// dagRun is a DAG while it runs.
type dagRun struct {
	tasks  []task
	raw    map[string]json.RawMessage
	nodes  map[string]*Node
	inputs scope             // parameters of the template
	given  map[string]string // artifacts among its inputs
}

// dag runs the tasks one after another, in an order that depends allows.
func (c *controller) dag(ctx context.Context, t *template, files map[string]string) *Node {
	d := &dagRun{raw: map[string]json.RawMessage{}, nodes: map[string]*Node{}, inputs: scope{}, given: files}
	for _, p := range t.Inputs.Parameters {
		d.inputs["inputs.parameters."+p.Name] = *p.Value
	}
	whole := &Node{Outputs: map[string]string{}}
	for _, raw := range t.DAG.Tasks {
		var k task
		if err := json.Unmarshal(raw, &k); err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
		if !legalName.MatchString(k.Name) || d.raw[k.Name] != nil {
			return &Node{Phase: Error, Message: fmt.Sprintf("the task's name %q is not legal, or not the only one", k.Name)}
		}
		d.tasks, d.raw[k.Name] = append(d.tasks, k), raw
	}
	for len(d.nodes) < len(d.tasks) {
		started := false
		for _, k := range d.tasks {
			if d.nodes[k.Name] == nil && d.isReady(k) {
				n := c.task(ctx, d, k)
				n.Task = k.Name
				d.nodes[k.Name] = n
				whole.Tasks, whole.Attempts = append(whole.Tasks, n), whole.Attempts+n.Attempts
				c.result.Log += fmt.Sprintf("%s: %s %s\n", k.Name, n.Phase, n.Message)
				started = true
			}
		}
		if !started {
			return &Node{Phase: Error, Message: "tasks wait for tasks that are not there"}
		}
	}
	if whole.Phase = d.phase(); whole.Phase != Succeeded { // without outputs
		return whole
	}
	s := maps.Clone(d.inputs)
	for name, n := range d.nodes {
		maps.Copy(s, outputsOf(name, n))
	}
	for _, p := range t.Outputs.Parameters {
		value, err := evaluate(p.ValueFrom.Expression, s)
		text, isText := value.(string)
		if !isText {
			return &Node{Phase: Error, Message: fmt.Sprintf("the output %q: %v, %v", p.Name, value, err), Tasks: whole.Tasks}
		}
		whole.Outputs[p.Name] = text
	}
	return whole
}

// outputsOf are the variables that tell of a task.
func outputsOf(task string, n *Node) scope {
	s := scope{"tasks." + task + ".status": string(n.Phase)}
	for key, value := range n.Outputs {
		s["tasks."+task+".outputs.parameters."+key] = value
	}
	if len(n.Instances) > 0 && len(n.Outputs) == 0 {
		s["tasks."+task+".outputs.parameters"] = "[]"
	}
	return s
}

func (d *dagRun) isReady(k task) bool {
	for _, name := range dependsOn(k.Depends) {
		if d.nodes[name] == nil {
			return false
		}
	}
	return true
}

// phase is that of the leaves; an omitted or skipped one has the phase of what it depends on, a failure first.
func (d *dagRun) phase() Phase {
	inner := map[string]bool{}
	for _, k := range d.tasks {
		for _, name := range dependsOn(k.Depends) {
			inner[name] = true
		}
	}
	for _, k := range d.tasks {
		if !inner[k.Name] {
			if p := d.branch(k); p == Failed || p == Error {
				return p
			}
		}
	}
	return Succeeded
}

func (d *dagRun) branch(k task) Phase {
	phase := d.nodes[k.Name].Phase
	if phase != Omitted && phase != Skipped {
		return phase
	}
	for _, above := range d.tasks {
		if slices.Contains(dependsOn(k.Depends), above.Name) {
			if p := d.branch(above); p == Failed || p == Error {
				return p
			}
		}
	}
	return Succeeded
}

func (c *controller) task(ctx context.Context, d *dagRun, k task) *Node {
	phases := map[string]Phase{}
	for _, name := range dependsOn(k.Depends) {
		phases[name] = d.nodes[name].Phase
	}
	if k.Depends != "" {
		holds, err := Holds(k.Depends, phases)
		if err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
		if !holds {
			return &Node{Phase: Omitted}
		}
	}
	k, err := c.resolve(d, k)
	if err != nil {
		return &Node{Phase: Error, Message: err.Error()}
	}
	if k.When != "" {
		holds, err := evaluate(k.When, scope{})
		if isTrue, isBool := holds.(bool); err != nil || !isBool {
			return &Node{Phase: Error, Message: fmt.Sprintf("invalid 'when' expression %q: %v", k.When, err)}
		} else if !isTrue {
			return &Node{Phase: Skipped}
		}
	}
	files, err := d.files(k) // not before it is clear that the task runs
	if err != nil {
		return &Node{Phase: Error, Message: err.Error()}
	}
	if k.WithParam != "" {
		return c.group(ctx, k, files)
	}
	return c.template(ctx, k.Template, k.Arguments, files)
}

var artifactTag = regexp.MustCompile(`^\{\{tasks\.([-a-zA-Z0-9]+)\.outputs\.artifacts\.([-\w]+)\}\}$`)

// resolve substitutes what a task refers to, of those that it depends on, directly or not.
func (c *controller) resolve(d *dagRun, k task) (task, error) {
	s := maps.Clone(c.globals)
	maps.Copy(s, d.inputs)
	for name := range d.above(k.Name) {
		maps.Copy(s, outputsOf(name, d.nodes[name]))
	}
	text, err := substitute(string(d.raw[k.Name]), s, "tasks")
	if err != nil {
		return k, err
	}
	k = task{}
	return k, json.Unmarshal([]byte(text), &k)
}

// files returns where the artifacts among a task's arguments lie.
func (d *dagRun) files(k task) (map[string]string, error) {
	files := map[string]string{}
	for _, a := range k.Arguments.Artifacts {
		if m := inputTag.FindStringSubmatch(a.From); m != nil && d.given[m[1]] != "" {
			files[a.Name] = d.given[m[1]]
			continue
		}
		m := artifactTag.FindStringSubmatch(a.From)
		if m != nil && a.Optional && d.above(k.Name)[m[1]] && d.nodes[m[1]].Artifacts[m[2]] == "" {
			continue
		}
		if m == nil || !d.above(k.Name)[m[1]] || d.nodes[m[1]].Artifacts[m[2]] == "" {
			return nil, fmt.Errorf("unable to resolve the artifact %q", a.From)
		}
		files[a.Name] = d.nodes[m[1]].Artifacts[m[2]]
	}
	return files, nil
}

// above are the tasks that one depends on, directly or not.
func (d *dagRun) above(name string) map[string]bool {
	out := map[string]bool{}
	var add func(string)
	add = func(name string) {
		for _, k := range d.tasks {
			if k.Name == name {
				for _, need := range dependsOn(k.Depends) {
					if !out[need] {
						out[need] = true
						add(need)
					}
				}
			}
		}
	}
	add(name)
	return out
}

// retried runs the pods of a template until one succeeds or the strategy says that it is enough.
func (c *controller) retried(ctx context.Context, t *template, files map[string]string) *Node {
	limit := 0
	if t.RetryStrategy != nil {
		var err error
		if limit, err = strconv.Atoi(t.RetryStrategy.Limit); err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
	}
	for attempt := 1; ; attempt++ {
		c.pods++
		n, exitCode := c.pod(ctx, t, files, filepath.Join(c.options.Dir, "pods", fmt.Sprintf("%d-%s", c.pods, t.Name)))
		n.Attempts = attempt
		if n.Phase == Succeeded || attempt > limit || !c.retries(t.RetryStrategy, n.Phase, exitCode) {
			return n
		}
	}
}

func (c *controller) retries(r *retryStrategy, phase Phase, exitCode string) bool {
	switch r.RetryPolicy {
	case "Always":
	case "OnError":
		if phase != Error {
			return false
		}
	default:
		if phase != Failed {
			return false
		}
	}
	if r.Expression == "" {
		return true
	}
	value, err := evaluate(r.Expression, scope{"lastRetry.exitCode": exitCode, "lastRetry.status": string(phase)})
	again, isBool := value.(bool)
	if err != nil || !isBool {
		c.result.Log += fmt.Sprintf("retryStrategy.expression %q: %v\n", r.Expression, err)
	}
	return again
}

// oneNewline cuts what valueFrom.path cuts.
func oneNewline(s string) string { return strings.TrimSuffix(s, "\n") }
