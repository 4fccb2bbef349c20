package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestNeovim sets Neovim up as docs/lsp.md says and edits a spec with its client: typing, findings and a fix, hover, completion,
// definition, renaming, the outline, and the end.
func TestNeovim(t *testing.T) {
	nvim := os.Getenv("ZENC_NEOVIM")
	if nvim == "" {
		nvim = "../../.venv/lsp/bin/nvim"
	}
	nvim, err := filepath.Abs(nvim)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/lsp.md")
	if err != nil {
		t.Fatal(err)
	}
	config := regexp.MustCompile("(?ms)^```lua\n(.*?)^```").FindSubmatch(page)
	if config == nil {
		t.Fatal("docs/lsp.md does not show how to set up Neovim")
	}
	archive := &txtar.Archive{
		Comment: []byte("# make venvs installs Neovim\nexec $NVIM --headless -n pipeline.yaml -S drive.lua\ncmp stdout want.txt\n"),
		Files:   []txtar.File{{Name: "config/nvim/init.lua", Data: config[1]}},
	}
	for _, name := range []string{"pipeline.yaml", "steps.py", "drive.lua", "want.txt"} {
		data, err := os.ReadFile(filepath.Join("testdata", "neovim", name))
		if err != nil {
			t.Fatal(err)
		}
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: data})
	}
	file := filepath.Join(t.TempDir(), "neovim.txtar")
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NVIM", nvim)
			env.Setenv("HOME", env.WorkDir)
			for _, name := range []string{"config", "data", "state", "cache"} {
				env.Setenv("XDG_"+strings.ToUpper(name)+"_HOME", filepath.Join(env.WorkDir, name))
			}
			return nil
		},
	})
}

// TestEditorSettings holds the settings that docs/lsp.md shows for VS Code to being JSON, with the command that there is.
func TestEditorSettings(t *testing.T) {
	page, err := os.ReadFile("../../docs/lsp.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```json\n(.*?)^```").FindSubmatch(page)
	if block == nil {
		t.Fatal("docs/lsp.md does not show how to set up VS Code")
	}
	var settings struct {
		Command   string   `json:"glspc.server.command"`
		Arguments []string `json:"glspc.server.commandArguments"`
	}
	if err := json.Unmarshal(block[1], &settings); err != nil {
		t.Fatal(err)
	}
	root := newRoot(streams{})
	if found, _, err := root.Find(settings.Arguments); settings.Command != root.Name() || err != nil || found.Name() != "lsp" {
		t.Errorf("%+v starts %v: %v", settings, found.Name(), err)
	}
}
