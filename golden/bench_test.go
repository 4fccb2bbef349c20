package golden

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler"
)

// large returns a spec of n steps: a wide DAG with values, arithmetic, text, retries and timeouts.
func large(n int) []byte {
	var b strings.Builder
	b.WriteString("name: large\nparams: {region: eu, epochs: 10}\nsteps:\n")
	for i := range n {
		fmt.Fprintf(&b, "  step_%d:\n    description: Step number %d.\n    python: jobs.work:train\n    with:\n      region: ${{ params.region }}\n      epochs: ${{ params.epochs * 2 }}\n", i, i)
		if i >= 10 {
			fmt.Fprintf(&b, "      before: ${{ steps.step_%d.score }}\n      label: run ${{ run.id }} of ${{ params.region }}\n", i-10)
		}
		b.WriteString("    outputs: {score: float, note: string}\n    retries: {limit: 2, delay: 30s}\n    timeout: 10m\n")
	}
	return []byte(b.String())
}

// BenchmarkLarge compiles 10,000 steps for each flavor. The first line, yaml.v3 reading the same file into a Node, is what
// the others are measured against.
func BenchmarkLarge(b *testing.B) {
	data := large(10_000)
	b.Run("yaml.v3", func(b *testing.B) {
		for b.Loop() {
			var n yaml.Node
			if err := yaml.Unmarshal(data, &n); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, f := range flavors {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				p, diags := compiler.Compile(compiler.Source{Data: data})
				if diags.HasErrors() {
					b.Fatal(diags.Sorted()[0].Message)
				}
				o := backends.Options{Source: "large.yaml", Fields: f.options}
				if found := f.backend.Check(p, o); found.HasErrors() {
					b.Fatal(found.Sorted()[0].Message)
				}
				if _, err := f.backend.Emit(p, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
