package outline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/lsp/outline"
)

// specs are the files that the project's tests have anyway.
func specs(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../../golden/*/pipeline.yaml", "../../golden/errors/*/pipeline.yaml", "../../examples/*/*.yaml", "../../conformance/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		out = append(out, files...)
	}
	return out
}

// TestLikeYAML compares what is read of every spec that is YAML with what the compiler's reader gives.
func TestLikeYAML(t *testing.T) {
	compared := 0
	for _, file := range specs(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		switch filepath.Base(filepath.Dir(file)) {
		case "deep-nesting", "wrong-keys": // over what is read, and a list as a key
			continue
		}
		if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
			continue
		}
		compared++
		want, got := lines(t, ofYAML(doc.Content[0])), lines(t, ofOutline(outline.Parse(string(data))))
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != got[i] {
				t.Errorf("%s: yaml.v3 has\n%s\noutline has\n%s", file, strings.Join(want[max(i-2, 0):min(i+3, len(want))], "\n"),
					strings.Join(got[max(i-2, 0):min(i+3, len(got))], "\n"))
				break
			}
		}
	}
	if compared < 100 {
		t.Errorf("compared %d files only", compared)
	}
}

func lines(t *testing.T, tree any) []string {
	t.Helper()
	data, err := json.MarshalIndent(tree, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(data), "\n")
}

// ofYAML is a tree as plain data, without the differences of folding and of line ends.
func ofYAML(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := []any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out = append(out, n.Content[i].Value, ofYAML(n.Content[i+1]))
		}
		return out
	case yaml.SequenceNode:
		out := []any{"-"}
		for _, item := range n.Content {
			out = append(out, ofYAML(item))
		}
		return out
	case yaml.AliasNode:
		return "*" + n.Value
	}
	return strings.Join(strings.Fields(n.Value), " ")
}

func ofOutline(n *outline.Node) any {
	switch {
	case n == nil:
		return ""
	case n.Kind == outline.Mapping:
		out := []any{}
		for _, e := range n.Entries {
			out = append(out, e.Key.Text, ofOutline(e.Value))
		}
		return out
	case n.Kind == outline.Sequence:
		out := []any{"-"}
		for _, item := range n.Items {
			out = append(out, ofOutline(item))
		}
		return out
	case n.Kind == outline.Alias:
		return "*" + n.Text
	}
	return strings.Join(strings.Fields(n.Text), " ")
}

// TestBroken is about texts that are being typed: where the cursor | is, as a path, and what stands there.
func TestBroken(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"key", "steps:\n  a:\n    ru|\n  b:\n    run: x\n", "steps a (value) ru"},
		{"key among keys", "steps:\n  a:\n    run: x\n    wi|\n    needs: [b]\n", "steps a wi (key) wi"},
		{"key above keys", "steps:\n  a:\n    wi|\n    run: x\n", "steps a wi (key) wi"},
		{"last key", "steps:\n  a:\n    run: x\n    wi|", "steps a wi (key) wi"},
		{"open quote", "steps:\n  a:\n    with:\n      x: \"${{ steps.|\n      y: \"b\"\n", "steps a with x (value) ${{ steps."},
		{"open quote in braces", "steps:\n  a:\n    with: {x: \"${{ steps.|\n    run: y\n", "steps a with x (value) ${{ steps."},
		{"open brace", "steps:\n  a: {run: x, ti|\n  b: {run: y}\n", "steps a ti (key) ti"},
		{"open bracket", "steps:\n  a:\n    needs: [b, c|\n  b:\n    run: x\n", "steps a needs - (value) c"},
		{"no quotes in braces", "steps:\n  a: {with: {x: ${{ steps.b.o| }}, y: 1}, run: x}\n", "steps a with x (value) ${{ steps.b.o }}"},
		{"dash", "steps:\n  a:\n    needs:\n      - b|\n", "steps a needs - (value) b"},
		{"dash at the key's column", "steps:\n  a:\n    needs:\n    - x\n    - b|\n", "steps a needs - (value) b"},
		{"wrong indentation", "steps:\n  a:\n    run: x\n   nee|:\n", "steps nee (key) nee"},
		{"indented as a whole", "  name: x\nst|:\n", "st (key) st"},
		{"tab", "steps:\n  a:\n\trun: x\n  b: {run|: x}\n", "b run (key) run"},
		{"CRLF", "steps:\r\n  a:\r\n    run: \"x|\r\n    needs: [b]\r\n", "steps a run (value) x"},
		{"comment", "steps:\n  a: # no|\n    run: x\n", "steps (in) "},
		{"block text", "steps:\n  a:\n    run: |-\n      echo: 1\n      echo| 2\n    needs: []\n", "steps a run (value) echo: 1\necho 2\n"},
		{"second document", "a: 1\n---\nb|: 2\n", ""},
		{"alias", "a: &x {b: 1}\nc: *x|\n", "c (value) x"},
		{"quoted key", "\"a\": {'b': c|}\n", "a b (value) c"},
		{"escapes", `a: "\u00e9\"${{ x| }}"`, `a (value) é"${{ x }}`},
		{"emoji", "a: 😀 b|\n", "a (value) 😀 b"},
	} {
		offset := strings.LastIndex(c.text, "|")
		text := c.text[:offset] + c.text[offset+1:]
		loc := outline.Parse(text).Locate(offset)
		got := ""
		if loc.Node != nil {
			kind := "(value)"
			if loc.InKey {
				kind = "(key)"
			} else if loc.Node.Kind == outline.Mapping {
				kind = "(in)"
			}
			got = strings.TrimLeft(strings.Join(loc.Path, " ")+" "+kind+" "+loc.Node.Text, " ")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSource holds the places of a scalar's text to the source: an expression in it is found where it stands.
func TestSource(t *testing.T) {
	for _, text := range []string{
		`a: "é \"x\" ${{ q }}"`, "a: 'it''s ${{ q }}'", "a: |\n  one\n  two ${{ q }}\n", "a: >-\n   ${{ q }}\n", "a: x\n  y ${{ q }}\n",
		"a: \"x\r\n   ${{ q }}\"", "{a: \"\\U0001F600 ${{ q }}\"}", "\uFEFFa: ${{ q }}",
	} {
		n := outline.Parse(text).Get("a").Value
		i := strings.Index(n.Text, "${{")
		if at := n.Source(i); i < 0 || !strings.HasPrefix(text[at:], "${{ q }}") {
			t.Errorf("%q: %q stands at %d", text, n.Text, at)
		} else if n.Offset(at) != i {
			t.Errorf("%q: offset %d, want %d", text, n.Offset(at), i)
		}
	}
}

// TestWrite holds what is written of a broken text to being YAML.
func TestWrite(t *testing.T) {
	for text, want := range map[string]string{
		"a: \"b\nc: [1, 012, x y\nd: -\n": `{"a": "b", "c": [1, 012, "x y", ], "d": "-", }`,
		"a: &x {b: 1}\nc: *x\n<<: *x\n":   `{"a": {"b": 1, }, "c": {"b": 1, }, }`,
		"a: &x [*x]\n":                    "",
		"a: 1\na: 2\nb\n":                 `{"a": 1, "b": null, }`,
	} {
		got := outline.Parse(text).YAML()
		if want != "" && got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		var doc any
		if err := yaml.Unmarshal([]byte(got), &doc); err != nil {
			t.Errorf("%q: %s: %v", text, got, err)
		}
	}
}

// FuzzParse: any text is read, its places lie in it, and what is written of it is YAML.
func FuzzParse(f *testing.F) {
	for _, file := range specs(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("[[[[[[{{{{{{")
	f.Add("- - - - a: - b")
	f.Add("a: \"\\")
	f.Fuzz(func(t *testing.T, text string) {
		root := outline.Parse(text)
		if root == nil {
			return
		}
		if err := inside(root, text); err != nil {
			t.Error(err)
		}
		for i := 0; i <= len(text); i += 1 + len(text)/50 {
			root.Locate(i)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(root.YAML()), &doc); err != nil {
			t.Errorf("%q: %v", root.YAML(), err)
		}
	})
}

func inside(n *outline.Node, text string) error {
	if n == nil {
		return nil
	}
	if n.Start < 0 || n.End < n.Start || n.End > len(text) {
		return fmt.Errorf("%+v lies outside of the text", n)
	}
	for i := range len(n.Text) + 1 {
		if at := n.Source(i); n.Kind == outline.Scalar && (at < n.Start || at > n.End) {
			return fmt.Errorf("byte %d of %q stands at %d, outside of %d to %d", i, n.Text, at, n.Start, n.End)
		}
	}
	for _, e := range n.Entries {
		if err := inside(e.Key, text); err != nil {
			return err
		}
		if err := inside(e.Value, text); err != nil {
			return err
		}
	}
	for _, item := range n.Items {
		if err := inside(item, text); err != nil {
			return err
		}
	}
	return nil
}
