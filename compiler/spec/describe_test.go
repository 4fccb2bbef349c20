package spec

import "testing"

// TestDescribe: every key of the language is described, and nothing else.
func TestDescribe(t *testing.T) {
	keys := Keys()
	for _, key := range keys {
		if Describe(key) == "" {
			t.Errorf("the key %s is not described in describe.go", key)
		}
	}
	if len(descriptions) != len(keys) {
		t.Errorf("%d descriptions of %d keys", len(descriptions), len(keys))
	}
}
