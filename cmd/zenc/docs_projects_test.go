package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestProjectsDocs goes through docs/projects.md from top to bottom: a block of YAML is written to the file that its first line
// names, each command is run, and what it prints is compared with what the page shows. A comment with an exit code says that the
// command fails.
func TestProjectsDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/projects.md")
	if err != nil {
		t.Fatal(err)
	}
	archive := &txtar.Archive{}
	var script strings.Builder
	add := func(content string) string {
		name := fmt.Sprintf("block-%d", len(archive.Files))
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(content)})
		return name
	}
	command := func(line string) {
		if _, code, fails := strings.Cut(line, "# exit code "); fails {
			line = fmt.Sprintf("set +e\n%s\ntest $? -eq %s", line, code[:1])
		}
		fmt.Fprintf(&script, "exec sh -e %s\n", add(line+"\n"))
	}
	for _, block := range docsBlock.FindAllStringSubmatch(string(text), -1) {
		first, rest, _ := strings.Cut(block[2], "\n")
		switch block[1] {
		case "yaml":
			name, ok := strings.CutPrefix(first, "# ")
			if !ok {
				t.Fatalf("a block does not name its file: %s", first)
			}
			fmt.Fprintf(&script, "mkdir %s\ncp %s %s\n", filepath.Dir(name), add(block[2]), name)
		case "sh":
			for line := range strings.Lines(block[2]) {
				command(strings.TrimSuffix(line, "\n"))
			}
		case "text":
			command(strings.TrimPrefix(first, "$ "))
			stream := "stdout"
			if strings.HasPrefix(rest, "error[") {
				stream = "stderr"
			}
			fmt.Fprintf(&script, "cmp %s %s\n", stream, add(strings.ReplaceAll(rest, "VERSION", zencVersion())))
		}
	}
	if len(archive.Files) < 25 {
		t.Fatalf("%d files and commands in the page", len(archive.Files))
	}
	archive.Comment = []byte(script.String())
	file := filepath.Join(t.TempDir(), "projects.txtar")
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
