package conformance

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
)

var (
	fuzzFrom    = flag.Uint64("fuzz.from", 1, "the first seed of TestFuzz")
	fuzzSeeds   = flag.Int("fuzz.seeds", 20, "how many seeds TestFuzz runs")
	fuzzEngines = flag.String("fuzz.engines", "manifest,airflow3", "what TestFuzz holds to zenc run; airflow2 and program are the others")
)

// fuzzBatch is how many pipelines meet in one process of Airflow, which reads the files of all of them for every run.
const fuzzBatch = 20

// TestFuzz makes pipelines, one of each seed, and holds the other engines to what zenc run makes of them.
func TestFuzz(t *testing.T) {
	for from := 0; from < *fuzzSeeds; from += fuzzBatch {
		var cases []*testCase
		for i := from; i < min(from+fuzzBatch, *fuzzSeeds); i++ {
			seed := *fuzzFrom + uint64(i)
			name := fmt.Sprintf("fuzz-%d", seed)
			text, err := generate(name, seed)
			if err != nil {
				t.Fatal(err)
			}
			c, err := compileFuzzed(name, text)
			if err != nil {
				t.Errorf("seed %d: the generator makes no legal spec: %v\n%s", seed, err, text)
				continue
			}
			cases = append(cases, c)
		}
		for _, d := range differences(t, cases) {
			t.Errorf("%s: %s differs from zenc run (-zenc run, +%s):\n%s\n%s\nlog of zenc run:\n%s\nlog of %s:\n%s",
				d.c.name, d.engine, d.engine, d.diff, d.c.source.Data, d.want.log, d.engine, d.got.log)
		}
	}
}

// compileFuzzed compiles a generated spec.
func compileFuzzed(name string, text []byte) (*testCase, error) {
	folder := os.DirFS("testdata/fuzz")
	p, diags := compiler.Compile(compiler.Source{Data: text, Code: folder, Folder: folder})
	c := &testCase{name: name, source: diag.Source{Name: name + ".yaml", Data: text}, pipeline: p, params: map[string]string{"folder": temporary}}
	return c, c.findings(diags)
}

// difference is a case of which an engine makes something else than zenc run.
type difference struct {
	c         *testCase
	engine    string
	want, got result
	diff      string
}

func differences(t *testing.T, cases []*testCase) []difference {
	var out []difference
	wanted := runInProcess(t, cases)
	for _, c := range cases {
		c.want = c.onlySteps(wanted[c.name].outcome)
		c.want = digested(c.want, c.want)
	}
	for _, e := range engines {
		if !slices.Contains(strings.Split(*fuzzEngines, ","), e.name) {
			continue
		}
		takes := slices.DeleteFunc(slices.Clone(cases), func(c *testCase) bool {
			return e.backend.Flavor() == "kubeflow" && c.findings(e.backend.Check(c.pipeline, backends.Options{})) != nil
		})
		if len(takes) == 0 {
			continue
		}
		results := e.run(t, takes)
		for _, c := range takes {
			got := results[c.name]
			if diff := cmp.Diff(c.want, digested(c.want, c.onlySteps(got.outcome)), cmpopts.EquateEmpty()); diff != "" {
				out = append(out, difference{c, e.name, wanted[c.name], got, diff})
			}
		}
	}
	return out
}
