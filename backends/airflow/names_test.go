package airflow

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/templates"
)

// TestHelperNames keeps a step from being called in a DAG file as a function that the file imports.
func TestHelperNames(t *testing.T) {
	_, all, _ := strings.Cut(string(templates.AirflowRuntime), "__all__ = [")
	all, _, _ = strings.Cut(all, "]")
	for _, m := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(all, -1) {
		if !slices.Contains(helperNames, m[1]) {
			t.Errorf("a step may be called %s, as a helper is", m[1])
		}
	}
}
