package argotest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// inputTag and stepTag are where artifacts come from in a template with steps.
var (
	inputTag = regexp.MustCompile(`^\{\{inputs\.artifacts\.([-\w]+)\}\}$`)
	stepTag  = regexp.MustCompile(`^\{\{steps\.([-a-zA-Z0-9]+)\.outputs\.artifacts\.([-\w]+)\}\}$`)
)

// steps runs a template whose steps come one after another, and gives it the outputs that it has of them.
func (c *controller) steps(ctx context.Context, t *template, files map[string]string) *Node {
	n := &Node{Phase: Succeeded, Outputs: map[string]string{}, Artifacts: map[string]string{}}
	s := scope{}
	nodes := map[string]*Node{}
	for _, group := range t.Steps {
		if len(group) != 1 {
			return &Node{Phase: Error, Message: "steps beside each other are not known here"}
		}
		k := group[0]
		given := map[string]string{}
		for _, a := range k.Arguments.Artifacts {
			m := inputTag.FindStringSubmatch(a.From)
			if m == nil || files[m[1]] == "" {
				return &Node{Phase: Error, Message: fmt.Sprintf("unable to resolve the artifact %q", a.From)}
			}
			given[a.Name] = files[m[1]]
		}
		inner := c.template(ctx, k.Template, k.Arguments, given)
		c.result.Log += fmt.Sprintf("%s/%s: %s %s\n", t.Name, k.Name, inner.Phase, inner.Message)
		nodes[k.Name], n.Attempts = inner, n.Attempts+inner.Attempts
		s["steps."+k.Name+".status"] = string(inner.Phase)
		for name, value := range inner.Outputs {
			s["steps."+k.Name+".outputs.parameters."+name] = value
		}
		if inner.Phase == Failed && !k.ContinueOn.Failed || inner.Phase == Error && !k.ContinueOn.Error {
			return &Node{Phase: inner.Phase, Message: inner.Message, Attempts: n.Attempts}
		}
	}
	for _, p := range t.Outputs.Parameters {
		value, err := evaluate(p.ValueFrom.Expression, s)
		if text, isText := value.(string); isText {
			n.Outputs[p.Name] = text
			continue
		}
		return &Node{Phase: Error, Message: fmt.Sprintf("the output %q: %v, %v", p.Name, value, err)}
	}
	for _, a := range t.Outputs.Artifacts {
		m := stepTag.FindStringSubmatch(strings.TrimSpace(a.From))
		if m == nil || nodes[m[1]] == nil {
			return &Node{Phase: Error, Message: fmt.Sprintf("unable to resolve the artifact %q", a.From)}
		}
		if path := nodes[m[1]].Artifacts[m[2]]; path != "" {
			n.Artifacts[a.Name] = path
		} else if !a.Optional {
			return &Node{Phase: Error, Message: fmt.Sprintf("unable to resolve the artifact %q", a.From)}
		}
	}
	return n
}
