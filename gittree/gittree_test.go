package gittree

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// newRepository makes a repository with one commit of the files.
func newRepository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	git(t, dir, "init", "-q", "-b", "main")
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	commit(t, dir)
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "change")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func open(t *testing.T, dir, revision string, asWorking bool) *Tree {
	t.Helper()
	r, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.Open(revision, asWorking)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

func TestFolder(t *testing.T) {
	dir := newRepository(t, map[string]string{
		"top.txt": "top", "a/b/deep.txt": "deep\n", "a/b/ü \t\"odd\" name": "odd", "a/empty": "", "a.txt": "beside a", "binary": "\x00\xff\n",
	})
	write(t, filepath.Join(dir, "top.txt"), "changed since")
	tree := open(t, dir, "main", false)
	if err := fstest.TestFS(tree.Folder("."), "top.txt", "a/b/deep.txt", "a/b/ü \t\"odd\" name", "a/empty", "a.txt", "binary"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(tree.Folder("a"), "b/deep.txt", "empty"); err != nil {
		t.Error(err)
	}
	data, err := fs.ReadFile(tree.Folder("."), "top.txt")
	if err != nil || string(data) != "top" {
		t.Errorf("%q %v; what is committed counts", data, err)
	}
	want := []string{"a.txt", "a/b/deep.txt", "a/b/ü \t\"odd\" name", "a/empty", "binary", "top.txt"}
	if got := tree.Files(); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	for _, name := range []string{"nowhere", "a/nowhere"} {
		if _, err := fs.Stat(tree.Folder("."), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := fs.Stat(tree.Folder("."), "top.txt/x"); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Error(err)
	}
	if _, err := fs.ReadDir(tree.Folder("nowhere"), "."); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestLinks(t *testing.T) {
	dir := newRepository(t, map[string]string{"in/file": "text", "in/sub/x": "x", "outside": "no"})
	for name, target := range map[string]string{
		"in/link": "file", "in/sub/up": "../file", "in/dir": "sub", "in/out": "../outside", "in/absolute": "/etc/passwd", "in/loop": "loop",
		"in/dangling": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, dir)
	tree := open(t, dir, "HEAD", false)
	want := []string{"in/file", "in/link", "in/out", "in/sub/up", "in/sub/x", "outside"}
	if got := tree.Files(); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	folder := tree.Folder("in")
	for _, c := range []struct{ name, want, fails string }{
		{"link", "text", ""}, {"sub/up", "text", ""}, {"dir/x", "x", ""}, {"dir/up", "text", ""},
		{"out", "", "escapes"}, {"absolute", "", "escapes"}, {"loop", "", "too many"}, {"dangling", "", "not exist"},
	} {
		data, err := fs.ReadFile(folder, c.name)
		if c.fails == "" && (err != nil || string(data) != c.want) {
			t.Errorf("%s: %q %v, want %q", c.name, data, err, c.want)
		}
		if c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%s: %q %v, want an error with %q", c.name, data, err, c.fails)
		}
	}
	info, err := fs.Stat(folder, "link")
	if err != nil || !info.Mode().IsRegular() || info.Size() != 4 {
		t.Error("a link is not followed", info, err)
	}
}

func TestExecutable(t *testing.T) {
	dir := newRepository(t, map[string]string{"run.sh": "true"})
	git(t, dir, "update-index", "--chmod=+x", "run.sh")
	git(t, dir, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x")
	info, err := fs.Stat(open(t, dir, "HEAD", false).Folder("."), "run.sh")
	if err != nil || info.Mode()&0o111 == 0 {
		t.Error(info, err)
	}
}

// TestWorking reads a file as git would write it: with CRLF here.
func TestWorking(t *testing.T) {
	dir := newRepository(t, map[string]string{".gitattributes": "*.txt text eol=crlf\n", "a.txt": "1\r\n2\r\n", "b.bin": "1\n"})
	stored := open(t, dir, "main", false).Folder(".")
	working := open(t, dir, "main", true).Folder(".")
	for _, c := range []struct {
		folder     fs.FS
		name, want string
	}{{stored, "a.txt", "1\n2\n"}, {working, "a.txt", "1\r\n2\r\n"}, {working, "b.bin", "1\n"}} {
		if data, err := fs.ReadFile(c.folder, c.name); err != nil || string(data) != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, data, err, c.want)
		}
	}
}

func TestRevisions(t *testing.T) {
	dir := newRepository(t, map[string]string{"a": "1", ".gitignore": "ignored\n", "sub/b": "1"})
	first := git(t, dir, "rev-parse", "HEAD")
	git(t, dir, "switch", "-q", "-c", "feature")
	write(t, filepath.Join(dir, "a"), "2")
	commit(t, dir)
	git(t, dir, "switch", "-q", "main")
	write(t, filepath.Join(dir, "c"), "3")
	commit(t, dir)
	r, err := Find(filepath.Join(dir, "sub"))
	if err != nil || r.Prefix != "sub" {
		t.Fatal(r, err)
	}
	if base, err := r.MergeBase("main", "feature"); err != nil || base != first {
		t.Error(base, err)
	}
	for _, revision := range []string{"nowhere", "--help", "-h", "", "main:a", "HEAD~9"} {
		if _, err := r.Open(revision, false); err == nil || !strings.Contains(err.Error(), "no revision") {
			t.Errorf("%q: %v", revision, err)
		}
	}
	if _, err := r.MergeBase("main", "nowhere"); err == nil || !strings.Contains(err.Error(), `no revision "nowhere"`) {
		t.Error(err)
	}
	git(t, dir, "switch", "-q", "--orphan", "other")
	write(t, filepath.Join(dir, "z"), "z")
	write(t, filepath.Join(dir, "new"), "z")
	commit(t, dir)
	write(t, filepath.Join(dir, "untracked"), "z")
	if err := os.Remove(filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	if r, err = Find(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := r.MergeBase("main", "other"); err == nil || !strings.Contains(err.Error(), "no common commit") {
		t.Error(err)
	}
	files, err := r.WorkingFiles()
	if err != nil || !slices.Equal(files, []string{"untracked", "z"}) {
		t.Error(files, err)
	}
}

func TestNoRepository(t *testing.T) {
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	if _, err := Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Error(err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Error(err)
	}
}
