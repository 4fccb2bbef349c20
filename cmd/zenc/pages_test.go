package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

var pageBlock = regexp.MustCompile("(?ms)^```(yaml|sh|text|json|mermaid)\n(.*?)^```")

// TestPages runs the pages that lead a reader through a session: all their blocks, in one shell. A text is a command with what it prints, a
// drawing is what zenc graph prints, a spec is one that zenc check takes, and the settings of an editor name files that are there.
func TestPages(t *testing.T) {
	for _, page := range []string{"start.md", "editors.md"} {
		t.Run(page, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../../docs", page))
			if err != nil {
				t.Fatal(err)
			}
			archive := &txtar.Archive{Comment: []byte("exec sh -e page.sh\n"), Files: []txtar.File{{Name: "pipeline.yaml", Data: []byte("name: x\nsteps: {a: {run: echo}}\n")}}}
			var script strings.Builder
			blocks := pageBlock.FindAllStringSubmatch(string(text), -1)
			if len(blocks) < 5 {
				t.Fatalf("%d blocks in the page", len(blocks))
			}
			for i, block := range blocks {
				file := fmt.Sprintf("block-%d", i)
				kind, content := block[1], block[2]
				switch kind {
				case "text":
					command, output, _ := strings.Cut(strings.TrimPrefix(content, "$ "), "\n")
					fmt.Fprintf(&script, "%s > got.txt\ndiff \"$WORK/%s\" got.txt\n", command, file)
					content = output
				case "mermaid":
					fmt.Fprintf(&script, "zenc graph pipeline.yaml | diff \"$WORK/%s\" -\n", file)
				case "yaml":
					fmt.Fprintf(&script, "zenc check \"$WORK/%s\"\n", file)
				case "json":
					for _, schema := range settingsSchemas(t, content) {
						fmt.Fprintf(&script, "test -s %s\n", schema)
					}
				case "sh":
					script.WriteString(untilBuilt(content))
				}
				archive.Files = append(archive.Files, txtar.File{Name: file, Data: []byte(content)})
			}
			archive.Files = append(archive.Files, txtar.File{Name: "page.sh", Data: []byte(script.String())})
			file := filepath.Join(t.TempDir(), strings.TrimSuffix(page, ".md")+".txtar")
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
			testscript.Run(t, testscript.Params{Files: []string{file}, RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
				env.Setenv("HOME", env.WorkDir)
				return nil
			}})
		})
	}
}

// untilBuilt ends a command that watches once it has built.
func untilBuilt(commands string) string {
	if !strings.Contains(commands, "--watch") {
		return commands
	}
	return strings.TrimSuffix(commands, "\n") + " > watch.log & pid=$!\nuntil grep -q '^built in ' watch.log; do sleep 0.1; done\nkill -TERM $pid\nwait $pid\n"
}

// settingsSchemas are the files that an editor's settings name.
func settingsSchemas(t *testing.T, settings string) []string {
	t.Helper()
	var s struct {
		Schemas map[string]any `json:"yaml.schemas"`
	}
	if err := json.Unmarshal([]byte(settings), &s); err != nil || len(s.Schemas) == 0 {
		t.Fatalf("the settings are %s: %v", settings, err)
	}
	var out []string
	for file := range s.Schemas {
		out = append(out, file)
	}
	return out
}
