package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
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

var docsBlock = regexp.MustCompile("(?ms)^```(yaml|sh|text)\n(.*?)^```")

// TestLocalDocs runs each command of docs/local.md, in their order, with the pipeline that the page shows. A comment that begins with
// an exit code says that the command fails.
func TestLocalDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/local.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	archive := &txtar.Archive{}
	add := func(name, content string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
	}
	commands := 0
	for _, block := range docsBlock.FindAllStringSubmatch(string(text), -1) {
		switch kind, content := block[1], block[2]; kind {
		case "yaml":
			add("pipeline.yaml", content)
		case "text": // a command and what it prints
			command, output, _ := strings.Cut(content, "\n")
			add("output.txt", output)
			fmt.Fprintf(&script, "exec %s\ncmp stdout output.txt\n", strings.TrimPrefix(command, "$ "))
		case "sh":
			for line := range strings.Lines(content) {
				commands++
				name, not := fmt.Sprintf("command-%d.sh", commands), ""
				if strings.Contains(line, "# exit code 1") {
					not = "! "
				}
				add(name, line)
				fmt.Fprintf(&script, "%sexec sh -e %s\n", not, name)
			}
		}
	}
	if commands < 10 {
		t.Fatalf("%d commands in the page", commands)
	}
	archive.Comment = []byte(script.String())
	file := filepath.Join(t.TempDir(), "local.txtar")
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}
