package airflow

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/backends/py"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// withOptions adds what the spec says of Airflow's own object.
func (f *file) withOptions(n py.Node, all []ir.Options) py.Node {
	for i := range ir.For(all, "airflow") {
		o := &ir.For(all, "airflow")[i]
		n = n.Kw(o.Key, f.option(&o.Value))
	}
	return n
}

// option prints a value of the spec, in which {$python: "module:name"} is a Python object by its name.
func (f *file) option(v *ir.Value) py.Node {
	if m := pythonName(v); m != nil {
		return py.Atom(f.imports(m[1], m[2]))
	}
	switch v.Kind {
	case ir.ListValue:
		n := py.List()
		for i := range v.Items {
			n = n.Arg(f.option(&v.Items[i]))
		}
		return n
	case ir.MapValue:
		n := py.Dict()
		for i := range v.Map {
			n = n.Entry(v.Map[i].Key, f.option(&v.Map[i].Value))
		}
		return n
	}
	return py.Literal(v)
}

// pythonKey is the key of a map that names a Python object.
const pythonKey = "$python"

var pythonObject = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*):([A-Za-z_][A-Za-z0-9_]*)$`)

// pythonName returns module and name of {$python: "module:name"} as its second and third element; nil for anything else.
func pythonName(v *ir.Value) []string {
	if v.Kind != ir.MapValue || len(v.Map) != 1 || v.Map[0].Key != pythonKey {
		return nil
	}
	return pythonObject.FindStringSubmatch(v.Map[0].Value.Text)
}

// pythonNames reports names of Python objects that cannot be imported.
func (c *checker) pythonNames(v *ir.Value) {
	for i := range v.Items {
		c.pythonNames(&v.Items[i])
	}
	for i := range v.Map {
		entry := &v.Map[i]
		if entry.Key != pythonKey {
			c.pythonNames(&entry.Value)
			continue
		}
		m := pythonName(v)
		switch {
		case m == nil:
			c.diags.Errorf(diag.Pos(entry.Pos), diag.UnknownOption, "airflow: %s names a Python object, \"module:name\", and stands alone in its map", pythonKey)
		case c.isShipped(m[1]):
			c.diags.Errorf(diag.Pos(entry.Value.Pos), diag.EngineCannot, "airflow: %s is shipped with the steps, and the DAG file itself cannot import it", m[1]).
				WithHelp("put it where Airflow finds it: among its plugins, or installed beside it")
		}
		for _, word := range strings.FieldsFunc(entry.Value.Text, func(r rune) bool { return r == '.' || r == ':' }) {
			if ir.IsPythonKeyword(word) {
				c.diags.Errorf(diag.Pos(entry.Value.Pos), diag.UnknownOption, "airflow: %q cannot be imported: %s is a keyword of Python", entry.Value.Text, word)
			}
		}
	}
}

// isShipped reports a module that is part of the steps' code.
func (c *checker) isShipped(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	for _, f := range c.p.Code {
		if f.Path == top+".py" || strings.HasPrefix(f.Path, top+"/") {
			return c.settings.copyCode
		}
	}
	return false
}

// pod is the executor_config that asks for resources.
func (f *file) pod(r ir.Resources) py.Node {
	f.helpers["pod"] = true
	n := py.Call("pod")
	for _, q := range []struct{ name, text string }{{"cpu", r.CPU}, {"memory", r.Memory}, {"disk", r.Disk}} {
		if q.text != "" {
			n = n.Kw(q.name, py.Str(q.text))
		}
	}
	if r.GPU > 0 {
		n = n.Kw("gpu", py.Atom(strconv.Itoa(r.GPU)))
	}
	return n
}

// resources reports what becomes of the resources of a step.
func (c *checker) resources(s *ir.Step) {
	r := s.Resources
	if !r.Pos.IsValid() {
		return
	}
	if !c.settings.onKubernetes {
		c.diags.Notef(diag.Pos(r.Pos), diag.NotApplied, "airflow: the resources of %q are not applied: the worker that runs it decides", s.Name).
			WithHelp("with the Kubernetes executor, say so: --option executor=kubernetes")
		return
	}
	if r.GPUType != "" {
		c.cannot(r.Pos, "gpu_type: what the GPUs of a node are called differs from cluster to cluster").
			WithHelp("give the task a pod of its own: options: {airflow: {executor_config: {$python: \"module:name\"}}}, without resources")
	}
	if f := ir.Lookup(ir.For(s.Options, "airflow"), "executor_config"); f != nil {
		c.cannot(f.Pos, "executor_config: the resources of the step make one already").WithHelp("leave one of them out")
	}
}
