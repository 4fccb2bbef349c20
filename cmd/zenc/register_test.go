package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/project"
)

// TestAddFlavor puts an entry into every form of a zenc.yaml.
func TestAddFlavor(t *testing.T) {
	tests := []struct{ name, before, after string }{
		{"no file", "", "flavors:\n  new: ./new\n"},
		{"comments alone", "# mine\n", "# mine\nflavors:\n  new: ./new\n"},
		{"no flavors", "code: src\n\n# stacks\nstacks: {}   # none\n# end\n", "code: src\n\n# stacks\nstacks: {}   # none\n# end\nflavors:\n  new: ./new\n"},
		{"no final line break", "code: src", "code: src\nflavors:\n  new: ./new\n"},
		{"flavors", "flavors:\n    # first\n    a: ./a # A\n\n# code\ncode: src\n", "flavors:\n    # first\n    a: ./a # A\n    new: ./new\n\n# code\ncode: src\n"},
		{"flavors at the end", "flavors:\n  a: ./a", "flavors:\n  a: ./a\n  new: ./new\n"},
		{"braces", "flavors: {a: ./a} # ours\ncode: src # c\n", "flavors: {a: ./a, new: ./new} # ours\ncode: src # c\n"},
		{"all in braces", "{code: src}\n", "{code: src, flavors: {new: ./new}}\n"},
		{"quoted", "\"flavors\":\n  'a': \"./a\"\n", "\"flavors\":\n  'a': \"./a\"\n  new: ./new\n"},
		{"a value that is called so", "default: flavors\nstacks: {flavors: {flavor: local}}\n",
			"default: flavors\nstacks: {flavors: {flavor: local}}\nflavors:\n  new: ./new\n"},
		{"the end of a document", "code: src\n...\n", "code: src\nflavors:\n  new: ./new\n"},
		{"long text", "flavors:\n  a: >-\n    ./a\n  b: ./b\n", "flavors:\n  a: >-\n    ./a\n  b: ./b\n  new: ./new\n"},
		{"long text at the end", "flavors:\n  a: >-\n    ./a\n", "flavors:\n  a: >-\n    ./a\n  new: ./new\n"},
		{"Windows", "code: src\r\n", "code: src\r\nflavors:\n  new: ./new\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := addFlavor([]byte(test.before), "new", "./new")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, string(got)); diff != "" {
				t.Error(diff)
			}
			if !hasEntry(t, got, "./new") {
				t.Error("zenc does not read it")
			}
		})
	}
	for _, path := range []string{"./it's a \"name\": {x} # y", "./" + strings.Repeat("long ", 40), "./true", "./ä\u2028", "./a\nb", "- x"} {
		got, err := addFlavor([]byte("code: src\n"), "new", path)
		if err != nil {
			t.Fatal(err)
		}
		if !hasEntry(t, got, path) {
			t.Errorf("%q becomes %q", path, got)
		}
	}
}

// hasEntry reports whether zenc reads the flavor new of a zenc.yaml.
func hasEntry(t *testing.T, text []byte, path string) bool {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zenc.yaml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := project.Find(dir, project.Config{})
	return err == nil && slices.ContainsFunc(p.Flavors, func(f project.Flavor) bool { return f.Name == "new" && f.Path == path })
}
