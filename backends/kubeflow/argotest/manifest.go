// Package argotest reads an Argo Workflows manifest as the controller does and runs it on this machine, without a cluster: the
// substitution of tags, the order and the phases of a DAG, retries, and what Kubernetes makes of environment variables and
// ConfigMaps. The container of a script becomes a process of this machine.
//
// It is written after the controller's sources and documentation, and knows what zenc's manifests use; anything else is an
// error. https://argo-workflows.readthedocs.io/en/latest/fields/
package argotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// Phase is what became of a node or of the workflow.
type Phase string

// The phases that a node ends in.
const (
	Succeeded Phase = "Succeeded"
	Failed    Phase = "Failed"
	Error     Phase = "Error"
	Skipped   Phase = "Skipped"
	Omitted   Phase = "Omitted"
)

// Result is what became of a workflow.
type Result struct {
	Phase Phase
	Nodes []*Node // in the order in which they ended
	Log   string
}

// Node is what became of one task.
type Node struct {
	Task      string
	Phase     Phase
	Attempts  int
	Message   string
	Outputs   map[string]string // parameters
	Artifacts map[string]string // name to the path of a copy
	Instances []*Node           // of a task with withParam
	Tasks     []*Node           // of a DAG, in the order in which they ended
}

// Node returns the node of a task of the entrypoint's DAG or of the exit handler, or nil.
func (r *Result) Node(task string) *Node { return find(r.Nodes, task) }

// Node returns the node of a task of a DAG, or nil.
func (n *Node) Node(task string) *Node { return find(n.Tasks, task) }

func find(nodes []*Node, task string) *Node {
	i := slices.IndexFunc(nodes, func(n *Node) bool { return n.Task == task })
	if i < 0 {
		return nil
	}
	return nodes[i]
}

// Options say how to run a workflow.
type Options struct {
	Dir        string            // an empty folder for what containers read and write
	Parameters map[string]string // arguments of the run
	Python     string            // interpreter for python3 in a container
	Secrets    map[string]string // of the cluster, by name/key
	// ScheduledTime is the tick of the CronWorkflow that started the run, RFC 3339; "" for a run by hand.
	ScheduledTime string
}

type workflow struct {
	Kind     string
	Metadata struct{ Name, GenerateName string }
	Spec     struct {
		Entrypoint string
		OnExit     string
		Arguments  arguments
		Volumes    []volume
		Templates  []json.RawMessage
	}
}

type configMap struct {
	Metadata   struct{ Name string }
	Data       map[string]string
	BinaryData map[string][]byte
}

type volume struct {
	Name      string
	ConfigMap struct {
		Name  string
		Items []struct {
			Key, Path string
			Mode      int
		}
	}
}

type arguments struct {
	Parameters []parameter `json:"parameters,omitempty"`
	Artifacts  []artifact  `json:"artifacts,omitempty"`
}

type parameter struct {
	Name      string     `json:"name"`
	Value     *string    `json:"value,omitempty"`
	Enum      []string   `json:"enum,omitempty"`
	ValueFrom *valueFrom `json:"valueFrom,omitempty"`
}

type valueFrom struct {
	Path            string `json:"path,omitempty"`
	Expression      string `json:"expression,omitempty"`
	ConfigMapKeyRef *struct {
		Name string `json:"name"`
		Key  string `json:"key"`
	} `json:"configMapKeyRef,omitempty"`
}

type artifact struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
	From string `json:"from,omitempty"`
	// Optional says that it need not be there.
	Optional bool `json:"optional,omitempty"`
	S3       *struct {
		Key string `json:"key"`
	} `json:"s3,omitempty"`
}

type template struct {
	Name            string         `json:"name"`
	Inputs          arguments      `json:"inputs,omitzero"`
	Outputs         arguments      `json:"outputs,omitzero"`
	DAG             *dag           `json:"dag,omitempty"`
	Steps           [][]task       `json:"steps,omitempty"`
	Script          *script        `json:"script,omitempty"`
	RetryStrategy   *retryStrategy `json:"retryStrategy,omitempty"`
	Synchronization *struct {
		Mutexes []struct {
			Name string `json:"name"`
		} `json:"mutexes"`
	} `json:"synchronization,omitempty"`
	ActiveDeadlineSeconds json.Number `json:"activeDeadlineSeconds,omitempty"`
}

type dag struct {
	FailFast *bool             `json:"failFast,omitempty"`
	Tasks    []json.RawMessage `json:"tasks"`
}

type task struct {
	Name      string    `json:"name"`
	Template  string    `json:"template"`
	Depends   string    `json:"depends,omitempty"`
	When      string    `json:"when,omitempty"`
	WithParam string    `json:"withParam,omitempty"`
	Arguments arguments `json:"arguments,omitzero"`
	// ContinueOn is of a step of a template with steps.
	ContinueOn struct {
		Failed bool `json:"failed"`
		Error  bool `json:"error"`
	} `json:"continueOn,omitzero"`
}

type script struct {
	Image        string           `json:"image"`
	Command      []string         `json:"command"`
	Source       string           `json:"source"`
	Env          []envVar         `json:"env,omitempty"`
	WorkingDir   string           `json:"workingDir,omitempty"`
	VolumeMounts []map[string]any `json:"volumeMounts,omitempty"`
}

type envVar struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	ValueFrom struct {
		SecretKeyRef struct {
			Name string `json:"name"`
			Key  string `json:"key"`
		} `json:"secretKeyRef,omitzero"`
	} `json:"valueFrom,omitzero"`
}

type retryStrategy struct {
	Limit       string `json:"limit"`
	RetryPolicy string `json:"retryPolicy"`
	Expression  string `json:"expression,omitempty"`
}

// manifest is a file, read.
type manifest struct {
	workflow   workflow
	configMaps map[string]configMap
}

// read decodes the documents by way of JSON, as kubectl does.
func read(data []byte) (*manifest, error) {
	m := &manifest{configMaps: map[string]configMap{}}
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc map[string]any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(doc)
		if err != nil {
			return nil, err
		}
		switch kind := doc["kind"]; kind {
		case "ConfigMap":
			var c configMap
			if err := json.Unmarshal(text, &c); err != nil {
				return nil, fmt.Errorf("ConfigMap: %w", err)
			}
			m.configMaps[c.Metadata.Name] = c
		case "WorkflowTemplate", "Workflow":
			if err := json.Unmarshal(text, &m.workflow); err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
		case "CronWorkflow":
		default:
			return nil, fmt.Errorf("a document of the kind %v", kind)
		}
	}
	if m.workflow.Kind == "" {
		return nil, errors.New("no workflow in the manifest")
	}
	return m, nil
}

// parameters returns the run's: what the caller gives, over the defaults. One without either, or that is not one of its
// enum, refuses the run, as argo submit does.
func (m *manifest) parameters(given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	rest := maps.Clone(given)
	for _, p := range m.workflow.Spec.Arguments.Parameters {
		value, ok := given[p.Name]
		delete(rest, p.Name)
		switch {
		case ok:
		case p.Value != nil:
			value = *p.Value
		case p.ValueFrom != nil && p.ValueFrom.ConfigMapKeyRef != nil:
			ref := p.ValueFrom.ConfigMapKeyRef
			if value, ok = m.configMaps[ref.Name].Data[ref.Key]; !ok {
				return nil, fmt.Errorf("the parameter %q: no key %q in the ConfigMap %q", p.Name, ref.Key, ref.Name)
			}
		default:
			return nil, fmt.Errorf("the parameter %q has no value", p.Name)
		}
		if len(p.Enum) > 0 && !slices.Contains(p.Enum, value) {
			return nil, fmt.Errorf("the parameter %q is none of its enum: %q", p.Name, value)
		}
		out[p.Name] = value
	}
	for name := range rest {
		return nil, fmt.Errorf("there is no parameter %q", name)
	}
	return out, nil
}
