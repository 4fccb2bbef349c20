package main

import (
	"os"
	"strings"
	"testing"
)

// TestUnreleased holds the version of working trees to the file that releases are named by.
func TestUnreleased(t *testing.T) {
	text, err := os.ReadFile("../../VERSION")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(text)) + "-dev"; unreleased != want {
		t.Errorf("unreleased is %q, and VERSION says %q", unreleased, want)
	}
}

func TestVersion(t *testing.T) {
	if got := zencVersion(); got != unreleased { // a test binary has no version
		t.Errorf("zencVersion() = %q", got)
	}
	version = "1.2.3"
	defer func() { version = unreleased }()
	if got := zencVersion(); got != "1.2.3" {
		t.Errorf("zencVersion() = %q of a release", got)
	}
}
