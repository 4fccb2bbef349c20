package cases_test

import (
	"os"
	"testing"

	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/diag"
)

// FuzzCheck holds that no test file is too broken to be told so, at places that are in it.
func FuzzCheck(f *testing.F) {
	data, err := os.ReadFile("testdata/wrong.test.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("cases: {a: {steps: {train: {outputs: {loss: [null, 1]}}}, only: [region], expect: {refused: x}}}")
	f.Fuzz(func(t *testing.T, text string) {
		var diags diag.List
		if file := cases.Parse([]byte(text), &diags); file != nil {
			file.Check(pipeline(t), stat, &diags)
		}
		lines := len(diag.Lines(text))
		for _, d := range diags.Sorted() {
			if d.Pos.Line > lines {
				t.Errorf("line %d of %d: %s", d.Pos.Line, lines, d.Message)
			}
		}
	})
}
