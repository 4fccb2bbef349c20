//go:build unix

package runtime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVenvThatCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	_, err := venvFor(context.Background(), dir, "false", []string{"pandas==2.0"}, func() {})
	if err == nil || !strings.Contains(err.Error(), "false -m venv") || !strings.Contains(err.Error(), ".log") {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 || filepath.Ext(left[0]) != ".log" {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestCancelledWhileAVenvIsMade(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := venvFor(ctx, t.TempDir(), "python3", []string{"pandas==2.0"}, cancel)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFindPython(t *testing.T) {
	base, venv := t.TempDir(), t.TempDir()
	for _, dir := range []string{filepath.Join(base, ".venv"), venv} {
		if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/bin/sh", filepath.Join(dir, "bin", "python")); err != nil {
			t.Fatal(err)
		}
	}
	find := func(base, given string) string {
		path, err := findPython(context.Background(), base, given, nil, func() { t.Error("an environment is made") })
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("VIRTUAL_ENV", venv)
	if got := find(base, "/bin/sh"); got != "/bin/sh" {
		t.Error(got)
	}
	if got := find(base, ""); got != filepath.Join(venv, "bin", "python") {
		t.Error(got)
	}
	t.Setenv("VIRTUAL_ENV", "")
	if got := find(base, ""); got != filepath.Join(base, ".venv", "bin", "python") {
		t.Error(got)
	}
	if got := find(t.TempDir(), ""); !strings.HasSuffix(got, "/python3") {
		t.Error(got)
	}
	if _, err := findPython(context.Background(), base, "no-such-python", nil, nil); err == nil || !strings.Contains(err.Error(), `"no-such-python"`) {
		t.Error(err)
	}
}
