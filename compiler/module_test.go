package compiler_test

import (
	"testing"
	"testing/fstest"

	"github.com/zenc-dev/zenc/compiler"
)

// TestModuleFix replaces the misspelt name of a module, and nothing beside it.
func TestModuleFix(t *testing.T) {
	code := fstest.MapFS{"etl/steps.py": {Data: []byte("def load(): ...\n")}}
	for _, entry := range []string{"etl.stpes:load", `"etl.stpes:load"`, "'etl.stpes:load'"} {
		line := "  load: {python: " + entry + "}"
		_, diags := compiler.Compile(compiler.Source{Data: []byte("name: nightly\nsteps:\n" + line + "\n"), Code: code})
		found := diags.Sorted()
		if len(found) != 1 || found[0].Fix == nil {
			t.Fatalf("%s: findings %v", entry, found)
		}
		fix := found[0].Fix
		if at := line[fix.Pos.Col-1 : fix.Pos.End-1]; fix.Pos.Line != 3 || at != "etl.stpes" || fix.Text != "etl.steps" || fix.Safe {
			t.Errorf("%s: %q in place of %q, safe %v", entry, fix.Text, at, fix.Safe)
		}
	}
	_, diags := compiler.Compile(compiler.Source{Data: []byte("name: nightly\nsteps:\n  load: {python: \"math:sqrt\"}\n"), Code: code})
	for _, d := range diags.Sorted() {
		t.Errorf("a module of the standard library: %s", d.Message)
	}
}
