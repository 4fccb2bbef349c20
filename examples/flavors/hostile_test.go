package flavors

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestTextsStayTexts holds what a reader of YAML finds in a workflow to the texts of the spec, and the lines of a Makefile to its form.
func TestTextsStayTexts(t *testing.T) {
	c := readCase(t, "testdata/hostile-texts")
	dir := t.TempDir()
	for _, program := range []string{githubFlavor, "makefile/makefile.pl"} {
		if refused := emit(t, open(t, program), c, dir); refused != "" {
			t.Fatal(refused)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, ".github/workflows/hostile-texts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w struct {
		On struct {
			Dispatch struct {
				Inputs map[string]struct {
					Description, Type string
					Default           any
					Options           []string
				}
			} `yaml:"workflow_dispatch"`
		}
		Jobs map[string]any
		Rest map[string]any `yaml:",inline"`
	}
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	inputs := w.On.Dispatch.Inputs
	evaluated := strings.ReplaceAll(c.pipeline.Description, "${{", "${{ '${{' }}")
	if got := inputs["text"].Description; got != evaluated {
		t.Errorf("the description is %q, not %q", got, evaluated)
	}
	if inputs["text"].Default != nil || inputs["tricky"].Type != "string" {
		t.Errorf("GitHub may evaluate %v", inputs)
	}
	if want := []string{"no", "1", "y: {", "'", "${x}"}; inputs["word"].Default != "no" || !slices.Equal(inputs["word"].Options, want) {
		t.Errorf("%v", inputs["word"])
	}
	if len(w.Jobs) != 3 || len(w.Rest) != 2 {
		t.Errorf("%d jobs, and beside them %v", len(w.Jobs), w.Rest)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "github.token") && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			t.Errorf("a text of the spec is in the workflow: %s", line)
		}
	}
	makefile, err := os.ReadFile(filepath.Join(dir, "hostile-texts.mk"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(makefile)) {
		isText := strings.Contains(line, "secrets.A") || strings.Contains(line, "end ")
		if isText && (!strings.HasPrefix(line, "# \"") || !strings.HasSuffix(line, "\"\n")) {
			t.Errorf("a text leaves its comment: %s", line)
		}
	}
}
