package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// TestGoInstall makes a module of the working tree, as a module proxy would serve it, and installs zenc from there into an empty
// module cache. Other modules come from the cache of this machine; there is no network.
func TestGoInstall(t *testing.T) {
	proxy, work := t.TempDir(), t.TempDir()
	serve(t, proxy, module.Version{Path: "github.com/zenc-dev/zenc", Version: "v0.1.0"})
	cache := strings.TrimSpace(goOutput(t, "env", "GOMODCACHE"))
	cmd := exec.Command("go", "install", "github.com/zenc-dev/zenc/cmd/zenc@latest")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+filepath.ToSlash(proxy)+",file://"+filepath.ToSlash(cache)+"/cache/download,off",
		"GOMODCACHE="+filepath.Join(work, "cache"), "GOBIN="+filepath.Join(work, "bin"), "GOSUMDB=off", "GOFLAGS=-trimpath -modcacherw", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(filepath.Join(work, "bin", "zenc"), "version").Output()
	if err != nil || string(out) != "zenc 0.1.0\n" {
		t.Errorf("zenc version: %q, %v", out, err)
	}
}

// serve writes what a proxy serves for a module: the working tree without what version control ignores, checked as a proxy does.
func serve(t *testing.T, proxy string, m module.Version) {
	t.Helper()
	list, err := exec.Command("git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []modzip.File
	for _, name := range strings.Split(strings.Trim(string(list), "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join("..", name)); err == nil { // or it is removed, but not for git yet
			files = append(files, treeFile(name))
		}
	}
	var archive bytes.Buffer
	if err := modzip.Create(&archive, m, files); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(proxy, filepath.FromSlash(m.Path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"list":              []byte(m.Version + "\n"),
		m.Version + ".info": []byte(`{"Version":"` + m.Version + `"}`),
		m.Version + ".mod":  mod,
		m.Version + ".zip":  archive.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// treeFile is a file of the repository by its path there.
type treeFile string

func (f treeFile) Path() string                { return string(f) }
func (f treeFile) Lstat() (os.FileInfo, error) { return os.Lstat(filepath.Join("..", string(f))) }
func (f treeFile) Open() (io.ReadCloser, error) {
	return os.Open(filepath.Join("..", string(f)))
}

func goOutput(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
