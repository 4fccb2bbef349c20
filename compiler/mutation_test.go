package compiler_test

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
)

var (
	mutations   = flag.Int("mutations", 20, "single-token mutations of each kind and spec in TestMutations")
	mutateFrom  = flag.Int64("mutations.from", 1, "seed of TestMutations")
	mutateShown = flag.Bool("mutations.show", false, "show each mutation that is not found as it should be")
)

// What TestMutations asks for, in per cent: the finding is the only one and its caret is on the mutated token; it names the original.
const (
	wantCaret   = 95
	wantSuggest = 80
)

// TestMutations changes one token of a spec that is right, as a slip of the fingers does, and holds the finding to be a single one, at
// that token, that names what stood there.
func TestMutations(t *testing.T) {
	kinds := map[string]*tally{}
	random := rand.New(rand.NewSource(*mutateFrom))
	for _, file := range specsToMutate(t) {
		spec := readMutable(t, file)
		for _, kind := range tokenKinds {
			tokens := spec.tokens[kind]
			random.Shuffle(len(tokens), func(i, j int) { tokens[i], tokens[j] = tokens[j], tokens[i] })
			for _, token := range tokens[:min(len(tokens), *mutations)] {
				mutated, ok := token.mutate(random)
				if !ok {
					continue
				}
				if kinds[kind] == nil {
					kinds[kind] = &tally{}
				}
				kinds[kind].add(t, spec, token, mutated)
			}
		}
	}
	all := &tally{}
	for _, kind := range tokenKinds {
		if k := kinds[kind]; k != nil {
			t.Logf("%-12s %s", kind, k)
			all.total, all.caret, all.suggest = all.total+k.total, all.caret+k.caret, all.suggest+k.suggest
		}
	}
	t.Logf("%-12s %s", "all", all)
	if all.total < 100 || all.caret*100 < wantCaret*all.total || all.suggest*100 < wantSuggest*all.total {
		t.Errorf("%s; want %d %% and %d %% of at least 100", all, wantCaret, wantSuggest)
	}
}

// tally counts what came of mutations.
type tally struct{ total, caret, suggest int }

func (k *tally) String() string {
	return fmt.Sprintf("%d mutations: %d (%d %%) with one finding at the token, %d (%d %%) name the original",
		k.total, k.caret, k.caret*100/max(1, k.total), k.suggest, k.suggest*100/max(1, k.total))
}

func (k *tally) add(t *testing.T, spec *mutable, token token, mutated string) {
	text := spec.replaced(token, mutated)
	if token.kind == "indentation" && sameYAML(text, strings.Join(spec.lines, "\n")) {
		return
	}
	found := findings(t, spec.file, text)
	k.total++
	caret, suggest := false, false
	if len(found) == 1 {
		d := found[0]
		end := token.col + len([]rune(mutated))
		caret = d.Pos.Line == token.line && d.Pos.Col < end+1 && max(d.Pos.End, d.Pos.Col+1) > token.col
		suggest = strings.Contains(d.Help, token.want) || d.Fix != nil && strings.Contains(d.Fix.Text, token.want)
	}
	if caret {
		k.caret++
	}
	if suggest {
		k.suggest++
	}
	if *mutateShown && (!caret || !suggest) {
		t.Logf("%s:%d:%d: %s %q -> %q: caret %v, original named %v", spec.file, token.line, token.col, token.kind, token.text, mutated, caret, suggest)
		for _, d := range found {
			t.Logf("    %d:%d: %s: %s; help: %s", d.Pos.Line, d.Pos.Col, d.Code, d.Message, d.Help)
		}
	}
}

func specsToMutate(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../golden/*/pipeline.yaml", "../examples/*/pipeline.yaml", "testdata/mutations/*/pipeline.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, files...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(out, func(file string) bool { // what is right but for its warnings
		return len(findings(t, file, "")) > 0
	})
}

// sameYAML reports texts that mean the same: blanks have been added where they do not matter.
func sameYAML(a, b string) bool {
	var x, y any
	return yaml.Unmarshal([]byte(a), &x) == nil && yaml.Unmarshal([]byte(b), &y) == nil && cmp.Equal(x, y)
}

// findings compiles a text in place of a file, or the file.
func findings(t *testing.T, file, text string) []*diag.Diagnostic {
	t.Helper()
	data := []byte(text)
	if text == "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	folder := os.DirFS(filepath.Dir(file))
	_, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
	return diags.Sorted()
}
