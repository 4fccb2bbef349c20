package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		{"nothing below", "flavors: # ours\n\ncode: src\n", "flavors: # ours\n  new: ./new\n\ncode: src\n"},
		{"null", "flavors: null\ncode: src # c\n", "flavors:\n  new: ./new\ncode: src # c\n"},
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
			p, err := readProject("zenc.yaml", ".", got)
			if err != nil {
				t.Fatal(err)
			}
			if last := p.flavors[len(p.flavors)-1]; last.Name != "new" || last.Path != "./new" {
				t.Error(last)
			}
		})
	}
	for _, path := range []string{"./it's a \"name\": {x} # y", "./" + strings.Repeat("long ", 40), "./true", "./ä\u2028", "./a\nb", "- x"} {
		got, err := addFlavor([]byte("code: src\n"), "new", path)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := readProject("zenc.yaml", ".", got); err != nil || p.flavors[0].Path != path {
			t.Errorf("%q becomes %q", path, got)
		}
	}
}
