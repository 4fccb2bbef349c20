package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/schema"
)

// yamlKeys are the keys that a struct is read from.
func yamlKeys(of any) []string {
	var out []string
	for i := range reflect.TypeOf(of).NumField() {
		key, _, _ := strings.Cut(reflect.TypeOf(of).Field(i).Tag.Get("yaml"), ",")
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// TestProjectKeys holds the schema of zenc.yaml to the keys that its reader takes.
func TestProjectKeys(t *testing.T) {
	project := schema.Project().Properties
	stack := project[slices.Index(project.Keys(), "stacks")].Value.Additional.(*schema.Schema).Properties
	for _, c := range []struct {
		reader any
		keys   schema.Properties
	}{{projectDoc{}, project}, {stackDoc{}, stack}} {
		if diff := cmp.Diff(yamlKeys(c.reader), slices.Sorted(slices.Values(c.keys.Keys()))); diff != "" {
			t.Errorf("the schema has other keys (-reader +schema):\n%s", diff)
		}
	}
}
