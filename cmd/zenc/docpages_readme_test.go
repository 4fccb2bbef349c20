package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestReadme does README.md as its reader would, with the module that its example names, and holds its table to the commands.
func TestReadme(t *testing.T) {
	s := newPageSession(t)
	if err := s.write("demo/greeting.py", "def greet(name):\n    return f\"hello, {name}\"\n"); err != nil {
		t.Fatal(err)
	}
	s.doPage(t, "../README.md")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range newRoot(streams{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}}).Commands() {
		if cmd.IsAvailableCommand() && cmd.Name() != "help" && !strings.Contains(string(text), "`zenc "+cmd.Name()+"`") {
			t.Errorf("README.md does not have the command %q", cmd.Name())
		}
	}
}
