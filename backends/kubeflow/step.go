package kubeflow

import (
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// noRetry is the exit code of the step runner for a bad parameter or an expression without a value.
const noRetry = 97

// wire finds out what a step is handed, asks its conditions, and writes its work file.
func (m *manifest) wire(w *wiring) *wiring {
	s := w.reader
	if s.Kind != ir.Gate {
		w.work = m.workFile(s, w)
	}
	p := newConditionPrinter(m, s, w.outer)
	if len(s.Foreach) > 0 {
		w.places = p.withParam(s)
	} else {
		w.condition = p.condition(s)
	}
	w.names, w.taken = nil, nil
	return w
}

func (m *manifest) task(s *ir.Step, w *wiring) *node {
	name := m.tasks[s.Name]
	task := object().set("name", str(name))
	if depends := m.depends(s); depends != "" {
		task.set("depends", str(depends))
	}
	if w.places != "" {
		task.set("withParam", str("{{="+w.places+"}}"))
	} else if w.condition != "" {
		task.set("when", str("{{="+w.condition+"}}"))
	}
	task.set("template", str(name))
	params, artifacts := list(), list()
	for _, in := range w.inputs {
		switch {
		case in.key != "": // the template says where it lies
		case in.path != "":
			n := object().set("name", str(in.name)).set("from", str(in.argument))
			if in.optional && len(s.Foreach) > 0 { // Argo looks for it before it finds that there are no items
				n.set("optional", boolean(true))
			}
			artifacts.add(n)
		default:
			params.add(object().set("name", str(in.name)).set("value", str(in.argument)))
		}
	}
	return task.set("arguments", object().set("parameters", params).set("artifacts", artifacts))
}

// gate returns the template of a step that does nothing: a DAG whose only task is skipped has succeeded, without a pod.
func (m *manifest) gate(s *ir.Step) *node {
	name := str(m.tasks[s.Name])
	never := object().set("name", name).set("template", str(m.shape.never)).set("when", str("false"))
	return object().set("name", name).set("dag", object().set("tasks", list(never)))
}

func (m *manifest) template(s *ir.Step, w *wiring) *node {
	if s.Kind == ir.Gate {
		return m.gate(s)
	}
	t := object().set("name", str(m.inner(s))).spread()
	if s.Description != "" && isTagFree(s.Description) {
		t.set("annotations", object().set("workflows.argoproj.io/description", str(s.Description)))
	} else {
		t.commented(s.Description) // where Argo does not look for tags
	}
	t.set("metadata", object().set("labels", object().set("zenc.dev/step", str(stepLabel(s, m.tasks)))))
	t.set("inputs", inputs(w))
	t.set("retryStrategy", retryStrategy(s.Retries, w.hasExpr || w.isRoot))
	if s.Timeout > 0 {
		t.set("activeDeadlineSeconds", str(strconv.FormatInt(s.Timeout, 10)))
	}
	t.set("synchronization", lock(s, m.tasks[s.Name]))
	t.set("script", m.script(s, w.work))
	t.set("outputs", m.outputs(s, w))
	return merge(t, ir.For(s.Options, flavor))
}

// stepLabel is the step's name where that may be the value of a label, and else the name of its task.
func stepLabel(s *ir.Step, tasks map[string]string) string {
	if isLabelValue(s.Name) {
		return s.Name
	}
	return strings.TrimRight(tasks[s.Name][:min(len(tasks[s.Name]), 63)], "-")
}

func inputs(w *wiring) *node {
	params, artifacts := list(), list()
	for _, in := range w.inputs {
		switch {
		case in.key != "": // where no instance succeeded there is nothing
			artifacts.add(object().set("name", str(in.name)).set("path", str(in.path)).set("optional", boolean(true)).set("s3", s3(in.key)))
		case in.path != "":
			artifacts.add(object().set("name", str(in.name)).set("path", str(in.path)))
		default:
			params.add(object().set("name", str(in.name)))
		}
	}
	if w.cacheKey != "" {
		artifacts.add(entryArtifact(inFolder, w.cacheKey))
	}
	return object().set("parameters", params).set("artifacts", artifacts)
}

func (m *manifest) outputs(s *ir.Step, w *wiring) *node {
	params, artifacts := list(), list()
	task := m.tasks[s.Name]
	if hasRan(s) {
		params.add(object().set("name", str(ranOutput)).set("valueFrom", object().set("path", str(outFolder+"/"+ranOutput))))
	}
	for _, o := range s.Outputs {
		path := str(outFolder + "/" + o.Name)
		if o.Type.IsArtifact() {
			isPlaced, isPacked := len(s.Foreach) > 0 || m.isExported(s, o.Name), o.Type == ir.Dir && len(s.Foreach) == 0
			add := func(name string, isPlaced, isPacked bool) {
				n := object().set("name", str(name)).set("path", path)
				if !isPacked { // a folder of a step is packed, and so may have empty folders in it
					n.set("archive", asIs())
				}
				if s.MaySkipItself() {
					n.set("optional", boolean(true))
				}
				if isPlaced {
					n.set("s3", s3(fileKey(task, o.Name)+"/{{inputs.parameters."+itemInput+"}}"))
				}
				artifacts.add(n)
			}
			add(o.Name, isPlaced && !isPacked, isPacked)
			if isPlaced && isPacked { // within the group as a folder of a step, and outside of it as one of an instance
				add(o.Name+"-placed", true, false)
			}
		} else {
			params.add(object().set("name", str(o.Name)).set("valueFrom", object().set("path", path)))
		}
	}
	if w.cacheKey != "" {
		artifacts.add(entryArtifact(outFolder, w.cacheKey))
	}
	return object().set("parameters", params).set("artifacts", artifacts)
}

// s3 is a place in the artifact repository that the cluster has as its default.
func s3(key string) *node { return object().set("key", str(key)) }

// asIs is an artifact's archive that packs nothing, and keeps a file that is an archive itself from being unpacked.
func asIs() *node { return object().put("none", object()) }

func (m *manifest) script(s *ir.Step, work string) *node {
	script := object().set("image", str(m.imageOf(s))).set("command", strs([]string{"python3", runnerPath}))
	env := list()
	for _, v := range s.Env {
		if isContainerEnv(v) {
			env.add(object().set("name", str(v.Name)).set("value", str(escapeEnv(v.Value.Value.Text))))
		}
	}
	for _, secret := range s.Secrets {
		ref := object().set("name", str(secret.Store)).set("key", str(secret.Key))
		env.add(object().set("name", str(secret.Name)).set("valueFrom", object().set("secretKeyRef", ref)))
	}
	script.set("env", env)
	script.set("resources", resources(s.Resources))
	if len(m.p.Code) == 0 {
		script.set("workingDir", str("/tmp")) // the image's own may not be writable
	}
	if m.settings.codeInImage() {
		return script.set("source", block(work))
	}
	mount := object().set("name", str(volumeName)).set("mountPath", str(homeFolder))
	return script.set("volumeMounts", list(mount)).set("source", block(work))
}

// escapeEnv keeps Kubernetes from expanding $(NAME), and from reading $$ as one $.
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func escapeEnv(value string) string {
	if !strings.Contains(value, "$(") && !strings.Contains(value, "$$") {
		return value
	}
	return strings.ReplaceAll(value, "$", "$$")
}

// retryStrategy returns nil for a step that is not retried. The policy includes what Argo calls an error: a missing output
// is one.
func retryStrategy(r ir.Retries, mayNotRetry bool) *node {
	if r.Limit == 0 {
		return nil
	}
	n := object().set("limit", str(strconv.Itoa(r.Limit))).set("retryPolicy", str("Always"))
	if r.Delay > 0 {
		backoff := object().set("duration", str(duration(r.Delay)))
		if r.Backoff > 1 {
			backoff.set("factor", str(strconv.FormatFloat(r.Backoff, 'f', -1, 64)))
		}
		if r.MaxDelay > 0 {
			backoff.set("cap", str(duration(r.MaxDelay))) // maxDuration would bound all attempts together
		}
		n.set("backoff", backoff)
	}
	if len(r.OnExitCodes) > 0 { // a pod that was killed at its deadline has one as well
		codes := make([]string, len(r.OnExitCodes))
		for i, code := range r.OnExitCodes {
			codes[i] = strconv.Itoa(code)
		}
		n.set("expression", str("asInt(lastRetry.exitCode) in ["+strings.Join(codes, ", ")+"]"))
	} else if mayNotRetry {
		n.set("expression", str("asInt(lastRetry.exitCode) != "+strconv.Itoa(noRetry)))
	}
	return n
}

// duration returns seconds as Argo reads them, in the largest unit that fits.
func duration(seconds int64) string {
	switch {
	case seconds%3600 == 0:
		return strconv.FormatInt(seconds/3600, 10) + "h"
	case seconds%60 == 0:
		return strconv.FormatInt(seconds/60, 10) + "m"
	}
	return strconv.FormatInt(seconds, 10) + "s"
}

// resources returns what a step asks for. What it would be killed or evicted for without is its limit as well.
func resources(r ir.Resources) *node {
	requests, limits := object(), object()
	if r.CPU != "" {
		requests.set("cpu", str(r.CPU))
	}
	if r.Memory != "" {
		requests.set("memory", str(r.Memory))
		limits.set("memory", str(r.Memory))
	}
	if r.Disk != "" {
		requests.set("ephemeral-storage", str(r.Disk))
		limits.set("ephemeral-storage", str(r.Disk))
	}
	if r.GPU > 0 {
		limits.set("nvidia.com/gpu", str(strconv.Itoa(r.GPU)))
	}
	return object().set("requests", requests).set("limits", limits)
}
