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
	blanks    = regexp.MustCompile(" +")
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
			path := name[1]
			if path == "zenc.yaml" { // which is not there before the first commands
				path = "page/zenc.yaml"
				fmt.Fprintf(&script, "grep '^  step-list: ./flavors/step-list$' zenc.yaml\ncp page/zenc.yaml zenc.yaml\n")
			}
			archive.Files = append(archive.Files, txtar.File{Name: path, Data: []byte(content)})
		case "sh":
			for line := range strings.Lines(content) {
				fmt.Fprintf(&script, "exec %s", line)
			}
		case "text":
			command, printed, _ := strings.Cut(content, "\n")
			name := fmt.Sprintf("printed-%d", blocks[kind])
			printed = blanks.ReplaceAllString(strings.ReplaceAll(printed, "VERSION", zencVersion()), " ") // columns are as wide as the version
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(printed)})
			not := ""
			if strings.HasPrefix(printed, "error") {
				not = "! "
			}
			fmt.Fprintf(&script, "%sexec sh -c '%s > seen 2>&1'\nexec sh -c 'tr -s \" \" < seen'\ncmp stdout %s\n", not, strings.TrimPrefix(command, "$ "), name)
		case "json":
			checkMessage(t, content)
		}
	}
	if blocks["sh"] != 2 || blocks["text"] != 2 || blocks["json"] != 4 || blocks["python"] != 1 {
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
