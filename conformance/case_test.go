package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// testCase is one folder.
type testCase struct {
	name     string // of the folder and of the pipeline
	rule     string // the first line of expect.yaml: what the case proves
	source   diag.Source
	pipeline *ir.Pipeline
	params   map[string]string // text forms; temporary stands for a folder
	want     outcome
	secrets  map[string]string // values by store/key
	// refusedBy are the flavors that cannot do it and say so.
	refusedBy []string
}

// temporary, in a parameter of expect.yaml, is a folder that is new for every run.
const temporary = "@TMP@"

// expectation is expect.yaml.
type expectation struct {
	Params map[string]string `yaml:"params"`
	Status string            `yaml:"status"`
	// Secrets are values by store/key.
	Secrets map[string]string `yaml:"secrets"`
	// RefusedBy are the flavors that refuse the spec.
	RefusedBy []string `yaml:"refused_by"`
	Steps     map[string]struct {
		State    string               `yaml:"state"`
		Attempts int                  `yaml:"attempts"`
		Outputs  map[string]yaml.Node `yaml:"outputs"`
	} `yaml:"steps"`
}

// readCases reads every folder; one that is not a whole case fails the test.
func readCases(t *testing.T) []*testCase {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var out []*testCase
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "__pycache__" || e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		c, err := readCase(e.Name())
		if err != nil {
			t.Errorf("%s: %v", e.Name(), err)
			continue
		}
		out = append(out, c)
	}
	if t.Failed() {
		t.FailNow()
	}
	return out
}

func readCase(name string) (*testCase, error) {
	c := &testCase{name: name}
	if err := c.compile(); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(name, "expect.yaml"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	rule, isComment := strings.CutPrefix(first, "# ")
	if !isComment {
		return nil, fmt.Errorf("the first line of expect.yaml must be a comment that says which rule the case proves, not %q", first)
	}
	c.rule = rule
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var e expectation
	if err := dec.Decode(&e); err != nil {
		return nil, fmt.Errorf("expect.yaml: %w", err)
	}
	c.params, c.refusedBy, c.secrets = e.Params, e.RefusedBy, e.Secrets
	c.want, err = e.outcome()
	return c, err
}

func (c *testCase) compile() error {
	path := filepath.Join(c.name, "pipeline.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	folder := os.DirFS(c.name)
	p, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
	c.source = diag.Source{Name: path, Data: data}
	if err := c.findings(diags); err != nil {
		return err
	}
	if p.Name != c.name {
		return fmt.Errorf("the pipeline is called %q; it must be called as its folder, so that no two are the same", p.Name)
	}
	c.pipeline = p
	return nil
}

// findings is an error that shows the errors among the findings, nil if there are none.
func (c *testCase) findings(diags diag.List) error {
	if !diags.HasErrors() {
		return nil
	}
	var b bytes.Buffer
	diag.Render(&b, c.source, diags, diag.Style{})
	return fmt.Errorf("the spec has errors:\n%s", b.String())
}

// conf returns the parameters of a run as JSON, with the folder in place of temporary.
func (c *testCase) conf(folder string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for name, text := range c.params {
		kind, err := c.paramType(name)
		if err != nil {
			return nil, err
		}
		text = strings.ReplaceAll(text, temporary, folder)
		if kind != ir.String {
			if !json.Valid([]byte(text)) {
				return nil, fmt.Errorf("the parameter %q is of the type %s, but %q is not JSON", name, kind, text)
			}
			out[name] = json.RawMessage(text)
			continue
		}
		if out[name], err = json.Marshal(text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *testCase) paramType(name string) (ir.Type, error) {
	for _, p := range c.pipeline.Params {
		if p.Name == name {
			return p.Type, nil
		}
	}
	return "", fmt.Errorf("expect.yaml gives the parameter %q, which the pipeline does not have", name)
}

// steps are the names of the steps.
func (c *testCase) steps() []string {
	var out []string
	for _, s := range c.pipeline.Steps {
		if s.Kind != ir.Gate {
			out = append(out, s.Name)
		}
	}
	return out
}

// artifacts are the types of the outputs that are artifacts, by step and name.
func (c *testCase) artifacts() map[string]map[string]ir.Type {
	out := map[string]map[string]ir.Type{}
	for _, s := range c.pipeline.Steps {
		for _, o := range s.Artifacts() {
			if out[s.Name] == nil {
				out[s.Name] = map[string]ir.Type{}
			}
			out[s.Name][o.Name] = o.Type
		}
	}
	return out
}

// contentOf is an artifact as expect.yaml has it: {file: text}, {dir: {path: text}} or {object: true}.
func contentOf(path string, typ ir.Type) (any, error) {
	if typ != ir.Dir {
		content, err := os.ReadFile(path)
		if typ == ir.Object {
			return map[string]any{"object": bytes.HasPrefix(content, []byte{0x80})}, err
		}
		return map[string]any{"file": string(content)}, err
	}
	files := map[string]any{}
	err := filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, path+"/")] = latin1(content)
		return err
	})
	return map[string]any{"dir": files}, err
}

// latin1 makes a character of each byte.
func latin1(content []byte) string {
	var b strings.Builder
	for _, c := range content {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func (e *expectation) outcome() (outcome, error) {
	out := outcome{Status: e.Status, Steps: map[string]stepOutcome{}}
	for name, s := range e.Steps {
		step := stepOutcome{State: s.State, Attempts: s.Attempts, Outputs: map[string]any{}}
		for key, node := range s.Outputs {
			value, err := yamlValue(&node)
			if err != nil {
				return outcome{}, fmt.Errorf("expect.yaml: step %q: output %q: %w", name, key, err)
			}
			step.Outputs[key] = value
		}
		out.Steps[name] = step
	}
	return out, nil
}

// yamlValue returns a node as decodeJSON does its value: numbers by the text that is written, so that 1.0 is not 1.
func yamlValue(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return yamlValue(n.Alias)
	case n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float"):
		return json.Number(n.Value), nil
	case n.Kind == yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			value, err := yamlValue(item)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		return out, nil
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			value, err := yamlValue(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			out[n.Content[i].Value] = value
		}
		return out, nil
	}
	var value any
	err := n.Decode(&value)
	return value, err
}

// decodeJSON decodes and keeps the digits of numbers.
func decodeJSON(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}
