package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zenc-dev/zenc/backends/external"
)

var (
	anyBlock  = regexp.MustCompile("(?ms)^```(yaml|python|sh|text|json)\n(.*?)^```")
	nameOfDoc = regexp.MustCompile(`(?m)\A(?:#!.*\n)?# (\S+)\n`)
)

// TestPluginDocs runs each command of docs/plugins.md with the files that the page shows, and holds each message to the schema.
func TestPluginDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	archive := &txtar.Archive{}
	var script strings.Builder
	blocks := map[string]int{}
	for _, block := range anyBlock.FindAllStringSubmatch(string(page), -1) {
		kind, content := block[1], block[2]
		blocks[kind]++
		switch kind {
		case "yaml", "python":
			name := nameOfDoc.FindStringSubmatch(content)
			if name == nil {
				t.Fatalf("a block does not begin with the name of its file:\n%s", content)
			}
			archive.Files = append(archive.Files, txtar.File{Name: name[1], Data: []byte(content)})
		case "sh":
			for line := range strings.Lines(content) {
				fmt.Fprintf(&script, "exec %s", line)
			}
		case "text":
			command, printed, _ := strings.Cut(content, "\n")
			name := fmt.Sprintf("printed-%d", blocks[kind])
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(printed)})
			if strings.HasPrefix(printed, "error") {
				fmt.Fprintf(&script, "! exec %s\ncmp stderr %s\n", strings.TrimPrefix(command, "$ "), name)
			} else {
				fmt.Fprintf(&script, "exec %s\ncmp stdout %s\n", strings.TrimPrefix(command, "$ "), name)
			}
		case "json":
			checkMessage(t, content)
		}
	}
	if blocks["sh"] != 1 || blocks["text"] != 2 || blocks["json"] != 4 || blocks["python"] != 1 {
		t.Fatalf("the blocks of the page: %v", blocks)
	}
	fmt.Fprintf(&script, "grep '^# Steps$' lists/hello.md\ngrep '^# hello$' dist/step-list/hello.md\ngrep '^- shout$' lists/hello.md\n")
	archive.Comment = []byte(script.String())
	file := filepath.Join(t.TempDir(), "plugins.txtar")
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{file}, RequireExplicitExec: true})
}

// checkMessage holds a message to the schema.
func checkMessage(t *testing.T, text string) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(external.Schema))
	if err != nil {
		t.Fatal(err)
	}
	message, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	if err := c.MustCompile("schema.json").Validate(message); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
