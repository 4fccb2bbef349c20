package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTestingDocs runs the test file that docs/testing.md shows, and compares what is printed with what it says.
func TestTestingDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, block := range regexp.MustCompile("(?ms)^```yaml\n# (\\S+)\n(.*?)^```").FindAllSubmatch(doc, -1) {
		if err := os.WriteFile(filepath.Join(dir, string(block[1])), block[2], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	if code := run([]string{"test"}, strings.NewReader(""), &stdout, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	want := regexp.MustCompile("(?ms)^```text\n(.*?)^```").FindSubmatch(doc)
	if want == nil {
		t.Fatal("the document does not show what is printed")
	}
	seconds := regexp.MustCompile(`\(\d+\.\ds\)`)
	if diff := cmp.Diff(seconds.ReplaceAllString(string(want[1]), "(…)"), seconds.ReplaceAllString(stdout.String(), "(…)")); diff != "" {
		t.Errorf("it prints something else (-document +now):\n%s", diff)
	}
}
