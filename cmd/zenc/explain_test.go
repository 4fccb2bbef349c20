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

// TestDiagnosticsDocs runs the commands of docs/diagnostics.md, and compares what zenc check says of its spec with what the page shows.
func TestDiagnosticsDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]string{} // of each language
	for _, block := range docsBlock.FindAllStringSubmatch(string(text), -1) {
		if _, seen := first[block[1]]; !seen {
			first[block[1]] = block[2]
		}
	}
	script := "! exec zenc check pipeline.yaml\ncmp stderr findings.txt\n"
	archive := &txtar.Archive{Files: []txtar.File{
		{Name: "pipeline.yaml", Data: []byte(first["yaml"])}, {Name: "findings.txt", Data: []byte(first["text"])},
	}}
	for line := range strings.Lines(first["sh"]) {
		name := fmt.Sprintf("command-%d.sh", len(archive.Files))
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(line)})
		script += "exec sh -e " + name + "\nstdout unknown-key\n! stderr .\n"
	}
	archive.Comment = []byte(script)
	file := filepath.Join(t.TempDir(), "diagnostics.txtar")
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{file}, RequireExplicitExec: true})
}
