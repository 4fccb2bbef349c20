package argotest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// group runs a task once for each item of its withParam. https://argo-workflows.readthedocs.io/en/latest/walk-through/loops/
func (c *controller) group(ctx context.Context, k task, files map[string]string) *Node {
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(k.WithParam), &items); err != nil {
		return &Node{Phase: Error, Message: fmt.Sprintf("withParam value could not be parsed as a JSON list: %s: %v", k.WithParam, err)}
	}
	n := &Node{Phase: Skipped}
	for i, item := range items {
		args, err := withItem(k.Arguments, item)
		if err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
		instance := c.template(ctx, k.Template, args, files)
		instance.Task = fmt.Sprintf("%s(%d:%s)", k.Name, i, item)
		c.result.Log += fmt.Sprintf("%s: %s %s\n", instance.Task, instance.Phase, instance.Message)
		n.Instances, n.Attempts = append(n.Instances, instance), n.Attempts+instance.Attempts
		if n.Phase != Failed {
			n.Phase = Succeeded
		}
		if instance.Phase == Failed || instance.Phase == Error {
			n.Phase = Failed
		}
	}
	n.Outputs = aggregate(n.Instances)
	return n
}

// withItem substitutes {{item}}: a text is bare, everything else as it is written.
func withItem(args arguments, item json.RawMessage) (arguments, error) {
	text := string(item)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(item, &text); err != nil {
			return args, err
		}
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return args, err
	}
	done, err := substitute(string(raw), scope{"item": text}, "item")
	if err != nil {
		return args, err
	}
	var out arguments
	return out, json.Unmarshal([]byte(done), &out)
}

// aggregate collects the outputs of those that succeeded: texts, or what they are as JSON where all are objects or lists.
func aggregate(instances []*Node) map[string]string {
	texts := map[string][]string{}
	for _, n := range instances {
		if n.Phase == Succeeded {
			for name, text := range n.Outputs {
				texts[name] = append(texts[name], text)
			}
		}
	}
	out := map[string]string{}
	for name, all := range texts {
		values, parsed := make([]any, len(all)), true
		for i, text := range all {
			if err := json.Unmarshal([]byte(text), &values[i]); err != nil {
				parsed = false
				break
			}
			switch values[i].(type) {
			case map[string]any, []any:
			default:
				parsed = false
			}
		}
		if !parsed {
			for i, text := range all {
				values[i] = text
			}
		}
		out[name] = must(json.Marshal(values))
	}
	return out
}

func must(text []byte, err error) string {
	if err != nil {
		panic("unreachable: what was read from JSON: " + strconv.Quote(err.Error()))
	}
	return string(text)
}
