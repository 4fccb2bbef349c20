package argotest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// schema is api/jsonschema/schema.json of Argo Workflows v4.1.2.
//
//go:embed schema.json
var schema []byte

// Validator holds manifests to Argo's schema. Unlike that, it refuses fields that are not in it, as a CRD prunes them.
type Validator struct{ byKind map[string]*jsonschema.Schema }

// NewValidator compiles the schema.
func NewValidator() (*Validator, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	for _, d := range doc.(map[string]any)["definitions"].(map[string]any) {
		d := d.(map[string]any)
		if _, isObject := d["properties"]; isObject {
			d["additionalProperties"] = false
		}
	}
	compiler := jsonschema.NewCompiler()
	const url = "argo.json"
	if err := compiler.AddResource(url, doc); err != nil {
		return nil, err
	}
	v := &Validator{byKind: map[string]*jsonschema.Schema{}}
	for _, kind := range []string{"WorkflowTemplate", "Workflow", "CronWorkflow"} {
		if v.byKind[kind], err = compiler.Compile(url + "#/definitions/io.argoproj.workflow.v1alpha1." + kind); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// maxConfigMap is what Kubernetes stores in one ConfigMap, in bytes.
const maxConfigMap = 1 << 20

var configMapKey = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)

// Validate checks every document of a manifest: Argo's objects and ConfigMaps.
func (v *Validator) Validate(manifest []byte) error {
	for dec := yaml.NewDecoder(bytes.NewReader(manifest)); ; {
		var doc map[string]any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		kind, _ := doc["kind"].(string)
		if kind == "ConfigMap" {
			err = validateConfigMap(text)
		} else if s := v.byKind[kind]; s != nil {
			value, _ := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			err = s.Validate(value)
		} else {
			err = errors.New("a kind that zenc does not emit")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
}

func validateConfigMap(text []byte) error {
	var c struct {
		APIVersion, Kind string
		Metadata         struct {
			Name, Namespace     string
			Labels, Annotations map[string]string
		}
		Immutable  bool
		Data       map[string]string
		BinaryData map[string][]byte
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return err
	}
	size := 0
	for key, value := range c.Data {
		size += len(key) + len(value)
	}
	for key, value := range c.BinaryData {
		size += len(key) + len(value)
		c.Data[key] = ""
	}
	for key := range c.Data {
		if !configMapKey.MatchString(key) {
			return fmt.Errorf("the key %q", key)
		}
	}
	if size > maxConfigMap {
		return fmt.Errorf("%d bytes", size)
	}
	return nil
}
