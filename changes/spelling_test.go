package changes_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/changes"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// TestSpelling compares each golden and conformance case with itself in other spellings: keys in another order, anchors and merge
// keys written out, other quotes, flow style for block style and back, no comments.
func TestSpelling(t *testing.T) {
	specs, err := filepath.Glob("../golden/*/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../conformance/*/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	specs = append(specs, more...)
	if len(specs) < 50 {
		t.Fatalf("only %d specs", len(specs))
	}
	for _, spec := range specs {
		t.Run(filepath.Base(filepath.Dir(spec)), func(t *testing.T) {
			data, err := os.ReadFile(spec)
			if err != nil {
				t.Fatal(err)
			}
			original := compileIn(t, filepath.Dir(spec), data)
			if got := changes.Compare(original, compileIn(t, filepath.Dir(spec), data)); len(got) > 0 {
				t.Errorf("it differs from itself: %v", briefs(got))
			}
			for seed := range uint64(3) {
				text := respell(t, data, seed)
				if got := changes.Compare(original, compileIn(t, filepath.Dir(spec), text)); len(got) > 0 {
					t.Errorf("another spelling differs: %v\n%s", briefs(got), text)
				}
			}
		})
	}
}

// TestOthers compares each case with the next one: they have other names at least, and every change has two sides or one.
func TestOthers(t *testing.T) {
	specs, err := filepath.Glob("../golden/*/pipeline.yaml")
	if err != nil || len(specs) < 20 {
		t.Fatal(specs, err)
	}
	var before *ir.Pipeline
	for _, spec := range specs {
		data, err := os.ReadFile(spec)
		if err != nil {
			t.Fatal(err)
		}
		p := compileIn(t, filepath.Dir(spec), data)
		if before != nil {
			forth, back := changes.Compare(before, p), changes.Compare(p, before)
			if len(forth) == 0 || len(forth) != len(back) {
				t.Errorf("%s: %d changes forth and %d back\n%s\n%s", spec, len(forth), len(back), strings.Join(briefs(forth), "\n"), strings.Join(briefs(back), "\n"))
			}
		}
		before = p
	}
}

func compileIn(t *testing.T, dir string, data []byte) *ir.Pipeline {
	t.Helper()
	folder := os.DirFS(dir)
	p, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
	if diags.HasErrors() {
		var out strings.Builder
		diag.Render(&out, diag.Source{Name: dir, Data: data}, diags, diag.Style{})
		t.Fatalf("%s\n%s", out.String(), data)
	}
	return p
}

// respell writes a spec in another way.
func respell(t *testing.T, data []byte, seed uint64) []byte {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	s := &speller{rand.New(rand.NewPCG(seed, 1))}
	out := s.node(&doc, "")
	var text bytes.Buffer
	text.WriteString("# another spelling\n")
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(3)
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

type speller struct{ random *rand.Rand }

// node returns a copy in another spelling; key is the one that it is the value of.
func (s *speller) node(n *yaml.Node, key string) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return s.node(n.Alias, key)
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Value == "" && n.ShortTag() == "!!null" { // which the encoder would put in quotes
			out.Value = "null"
		}
		if n.ShortTag() == "!!str" && n.Style&yaml.TaggedStyle == 0 {
			out.Style = []yaml.Style{yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle}[s.random.IntN(2)]
		}
		return out
	case yaml.MappingNode:
		out.Content = s.pairs(n)
		if key != "foreach" { // in which the last name varies fastest
			s.shuffle(out.Content)
		}
	default:
		for _, x := range n.Content {
			out.Content = append(out.Content, s.node(x, key))
		}
	}
	if s.random.IntN(2) == 0 {
		out.Style ^= yaml.FlowStyle
	}
	return out
}

// pairs are keys and values, with those that merge keys bring in.
func (s *speller) pairs(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	has := func(key string) bool {
		for i := 0; i < len(out); i += 2 {
			if out[i].Value == key {
				return true
			}
		}
		return false
	}
	var merged []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.ShortTag() == "!!merge" {
			if v.Kind == yaml.AliasNode {
				v = v.Alias
			}
			if v.Kind == yaml.SequenceNode {
				merged = append(merged, v.Content...)
			} else {
				merged = append(merged, v)
			}
			continue
		}
		out = append(out, s.node(k, ""), s.node(v, k.Value))
	}
	for _, m := range merged {
		if m.Kind == yaml.AliasNode {
			m = m.Alias
		}
		pairs := s.pairs(m)
		for i := 0; i < len(pairs); i += 2 {
			if !has(pairs[i].Value) {
				out = append(out, pairs[i], pairs[i+1])
			}
		}
	}
	return out
}

func (s *speller) shuffle(pairs []*yaml.Node) {
	before := slices.Clone(pairs)
	for i, at := range s.random.Perm(len(pairs) / 2) {
		pairs[2*i], pairs[2*i+1] = before[2*at], before[2*at+1]
	}
}
