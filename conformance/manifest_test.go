package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/kubeflow/argotest"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// runManifest reads the manifest of every case as an Argo controller would, and runs its pods as processes.
func runManifest(t *testing.T, cases []*testCase) map[string]result {
	results := map[string]result{}
	for _, c := range cases {
		r, err := c.runManifest(t)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		results[c.name] = r
	}
	return results
}

func (c *testCase) runManifest(t *testing.T) (result, error) {
	backend, o := kubeflow.New(), backends.Options{Source: c.source.Name}
	if err := c.findings(backend.Check(c.pipeline, o)); err != nil {
		return result{}, err
	}
	files, err := backend.Emit(c.pipeline, o)
	if err != nil {
		return result{}, err
	}
	folder, params := t.TempDir(), map[string]string{}
	for name, text := range c.params {
		params[name] = strings.ReplaceAll(text, temporary, folder)
	}
	ran, err := argotest.Run(t.Context(), files[0].Data, argotest.Options{Dir: t.TempDir(), Parameters: params, Secrets: c.secrets})
	if err != nil {
		return result{}, err
	}
	if ran.Phase == argotest.Failed && isEmpty(t, folder) && strings.Contains(ran.Log, "zenc: parameter ") {
		return result{log: ran.Log, outcome: outcome{Status: "refused"}}, nil
	}
	r := result{log: ran.Log, outcome: outcome{Status: status(ran.Phase), Steps: map[string]stepOutcome{}}}
	for _, s := range c.pipeline.Steps {
		node := c.node(ran, s)
		if node == nil {
			return result{}, fmt.Errorf("no task ran the step %q:\n%s", s.Name, ran.Log)
		}
		outputs, err := manifestOutputs(s, node)
		if !hasRun(node) {
			outputs = nil
		} else if s.HasInstances() {
			outputs, err = c.instanceOutputs(s, node)
		}
		if err != nil {
			return result{}, fmt.Errorf("step %q: %w", s.Name, err)
		}
		r.outcome.Steps[s.Name] = stepOutcome{State: c.state(s.Name, node), Attempts: attempts(node), Outputs: outputs}
	}
	return r, nil
}

// node is that of a step's task. Of a step of a mapped group it is made up of those that it has in the group's DAGs.
func (c *testCase) node(ran *argotest.Result, s *ir.Step) *argotest.Node {
	taskOf := strings.NewReplacer("_", "-", ".", "-").Replace
	if s.Along == "" {
		return ran.Node(taskOf(s.Name))
	}
	group := ran.Node(taskOf(s.Along))
	if group == nil || len(group.Instances) == 0 {
		return group
	}
	whole := &argotest.Node{Phase: argotest.Skipped}
	phases := map[argotest.Phase]bool{}
	for _, place := range group.Instances {
		instance := place.Node(taskOf(s.Name))
		if instance == nil {
			return place
		}
		phases[instance.Phase] = true
		whole.Instances = append(whole.Instances, placed(instance, place.Task))
	}
	for _, p := range []argotest.Phase{argotest.Error, argotest.Failed, argotest.Omitted, argotest.Succeeded} {
		if phases[p] {
			whole.Phase = p
			break
		}
	}
	if whole.Phase == argotest.Omitted && phases[argotest.Succeeded] && c.want.Steps[s.Name].State == "succeeded" {
		whole.Phase = argotest.Succeeded // the others were skipped: it is Argo that does not tell
	}
	return whole
}

// placed is a step of a mapped group, as an instance of a fan-out is: its outputs tell their place, which is in the name of the
// group's instance.
func placed(n *argotest.Node, instance string) *argotest.Node {
	_, item, _ := strings.Cut(strings.TrimSuffix(instance, ")"), ":")
	out := *n
	out.Outputs = map[string]string{}
	if n.Phase != argotest.Succeeded {
		return &out
	}
	if out.Outputs["RAN"] = "{}"; !hasRun(n) {
		return &out
	}
	out.Outputs["RAN"] = `{"i":` + item + `}`
	for name, text := range n.Outputs {
		if name != "RAN" {
			quoted, _ := json.Marshal(text)
			out.Outputs[name] = `{"i":` + item + `,"v":` + string(quoted) + `}`
		}
	}
	return &out
}

func status(p argotest.Phase) string {
	if p == argotest.Succeeded {
		return "succeeded"
	}
	return "failed"
}

// state returns a node's phase in zenc's words. Argo tells nobody whether what it omitted was skipped or failed upstream.
func (c *testCase) state(step string, n *argotest.Node) string {
	p := n.Phase
	switch want := c.want.Steps[step].State; {
	case p == argotest.Succeeded && !hasRun(n):
		return "skipped"
	case p == argotest.Succeeded:
		return "succeeded"
	case p == argotest.Omitted && (want == "skipped" || want == "upstream_failed"):
		return want
	case p == argotest.Skipped:
		return "skipped"
	case p == argotest.Omitted:
		return "omitted"
	}
	return "failed"
}

// hasRun reports whether a task that ended well did so by running: one that skipped itself says so.
func hasRun(n *argotest.Node) bool {
	if len(n.Instances) > 0 {
		return slices.ContainsFunc(n.Instances, hasRun)
	}
	return n.Outputs["RAN"] != "false" && n.Outputs["RAN"] != "{}"
}

// attempts are those of the instances that were not skipped.
func attempts(n *argotest.Node) int {
	if len(n.Instances) == 0 {
		return n.Attempts
	}
	total := 0
	for _, instance := range n.Instances {
		if hasRun(instance) {
			total += instance.Attempts
		}
	}
	return total
}

// manifestOutputs reads the outputs as the steps that need them do: by their declared types.
func manifestOutputs(s *ir.Step, n *argotest.Node) (map[string]any, error) {
	out := map[string]any{}
	for _, o := range s.Outputs {
		text, isValue := n.Outputs[o.Name]
		path, isFile := n.Artifacts[o.Name]
		switch {
		case isFile:
			content, err := contentOf(path, o.Type)
			if err != nil {
				return nil, err
			}
			out[o.Name] = content
		case isValue:
			value, err := valueOf(o, text)
			if err != nil {
				return nil, err
			}
			out[o.Name] = value
		}
	}
	return out, nil
}

func valueOf(o ir.Output, text string) (value any, err error) {
	if o.Type == ir.String {
		return text, nil
	}
	if err := decodeJSON(json.RawMessage(text), &value); err != nil {
		return nil, fmt.Errorf("the output %q: %w", o.Name, err)
	}
	return value, nil
}

// instanceOutputs puts the outputs of a fan-out's instances to their places. How many places there are only those know that
// read them: here it is as many as are expected.
func (c *testCase) instanceOutputs(s *ir.Step, n *argotest.Node) (map[string]any, error) {
	out := map[string]any{}
	if n.Phase != argotest.Succeeded {
		return out, nil
	}
	for _, o := range s.Outputs {
		expected, _ := c.want.Steps[s.Name].Outputs[o.Name].([]any)
		values := make([]any, len(expected))
		for _, instance := range n.Instances {
			if instance.Phase != argotest.Succeeded || !hasRun(instance) {
				continue
			}
			name, isFile := o.Name, o.Type.IsArtifact()
			if isFile {
				name = "RAN"
			}
			var placed struct {
				I int
				V string
			}
			if err := json.Unmarshal([]byte(instance.Outputs[name]), &placed); err != nil || placed.I >= len(values) {
				return nil, fmt.Errorf("the output %q of an instance: %s, %v", o.Name, instance.Outputs[name], err)
			}
			var err error
			if isFile {
				files, readErr := manifestOutputs(&ir.Step{Outputs: []ir.Output{o}}, instance)
				values[placed.I], err = files[o.Name], readErr
			} else {
				values[placed.I], err = valueOf(o, placed.V)
			}
			if err != nil {
				return nil, err
			}
		}
		out[o.Name] = values
	}
	return out, nil
}
