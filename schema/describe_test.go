package schema

import (
	"testing"

	"github.com/zenc-dev/zenc/compiler/spec"
)

// TestDescribe: every key of the language is described.
func TestDescribe(t *testing.T) {
	for _, key := range spec.Keys() {
		if Describe(key) == "" {
			t.Errorf("the key %s is not described", key)
		}
	}
	if got := Describe("steps.nope"); got != "" {
		t.Errorf("what is no key is described: %s", got)
	}
}
