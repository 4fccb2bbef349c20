package external

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"

	"github.com/zenc-dev/zenc/compiler/ir"
)

var update = flag.Bool("update", false, "rewrite schema.json")

// makeSchema makes the schema of the Go types and their comments.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{Anonymous: true, Mapper: func(typ reflect.Type) *jsonschema.Schema {
		switch typ {
		case reflect.TypeFor[ir.Pos]():
			return &jsonschema.Schema{Type: "string", Pattern: `^[1-9][0-9]*:[1-9][0-9]*(-[1-9][0-9]*)?$`,
				Description: "A place in the spec: line:column-end, columns counted in runes from 1, the end behind the last rune."}
		case reflect.TypeFor[Options]():
			return &jsonschema.Schema{Type: "object"}
		}
		return nil
	}}
	for _, dir := range []string{"compiler/ir", "backends/external"} {
		t.Chdir("../..") // comments are found by the folder of their package
		err := r.AddGoComments("github.com/zenc-dev/zenc", dir)
		t.Chdir("backends/external")
		if err != nil {
			t.Fatal(err)
		}
	}
	for key, text := range r.CommentMap {
		r.CommentMap[key] = strings.Join(strings.Fields(text), " ")
	}
	root := &jsonschema.Schema{Version: jsonschema.Version, Title: "zenc custom flavor protocol",
		Description: "Every message is one JSON object: a request on standard input, its answer on standard output.",
		Definitions: jsonschema.Definitions{}}
	for _, message := range []any{DescribeRequest{}, Description{}, EmitRequest{}, Answer{}} {
		for name, definition := range r.Reflect(message).Definitions {
			root.Definitions[name] = definition
		}
		root.AnyOf = append(root.AnyOf, &jsonschema.Schema{Ref: "#/$defs/" + reflect.TypeOf(message).Name()})
	}
	for name, definition := range root.Definitions {
		if !slices.Contains([]string{"Description", "Answer", "File", "Diagnostic"}, name) {
			definition.AdditionalProperties = nil // zenc may come to send more within the same version
		}
	}
	constant(root, "DescribeRequest", "request", describe)
	constant(root, "EmitRequest", "request", emit)
	constant(root, "Pipeline", "version", ir.Version)
	for _, message := range []string{"DescribeRequest", "Description", "EmitRequest", "Answer"} {
		constant(root, message, "version", Version)
	}
	compact, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

func constant(root *jsonschema.Schema, definition, property string, value any) {
	p, _ := root.Definitions[definition].Properties.Get(property)
	p.Const = value
}

// TestSchema holds schema.json to the Go types.
func TestSchema(t *testing.T) {
	text := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(Schema), string(text)); diff != "" {
		t.Errorf("schema.json is not what the Go types say; go test ./backends/external -update (-on disk +now):\n%s", diff)
	}
}
