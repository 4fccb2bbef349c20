// Package gittree reads a revision of a git repository as a file system, with the git program and without a checkout.
package gittree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Repository is the repository that a folder lies in.
type Repository struct {
	dir    string // where git is run
	Prefix string // of the folder, from the top of the repository on, slash-separated; "": it is the top
	Top    string // the working tree's folder; "": the repository has none
}

// Find returns the repository that a folder lies in.
func Find(dir string) (*Repository, error) {
	r := &Repository{dir: dir}
	prefix, err := r.git("rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	r.Prefix = strings.TrimSuffix(strings.TrimSuffix(prefix, "\n"), "/")
	if top, err := r.git("rev-parse", "--show-toplevel"); err == nil {
		r.Top = filepath.FromSlash(strings.TrimSuffix(top, "\n"))
	}
	return r, nil
}

// git runs a command of git and returns what it prints.
func (r *Repository) git(args ...string) (string, error) {
	cmd := r.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("git is not installed, or not in PATH")
	}
	message, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(stderr.String()), "fatal: "), "\n")
	if message == "" {
		message = err.Error()
	}
	return "", fmt.Errorf("git %s: %s", args[0], message)
}

func (r *Repository) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1")
	return cmd
}

// Resolve returns the name of the commit, or tree, that a revision stands for.
func (r *Repository) Resolve(revision string) (string, error) {
	out, err := r.git("rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{tree}")
	if err != nil {
		return "", fmt.Errorf("there is no revision %q", revision)
	}
	return strings.TrimSpace(out), nil
}

// MergeBase returns the commit that two revisions both come from.
func (r *Repository) MergeBase(a, b string) (string, error) {
	for _, revision := range []string{a, b} {
		if _, err := r.Resolve(revision); err != nil {
			return "", err
		}
	}
	out, err := r.git("merge-base", "--end-of-options", a, b)
	if err != nil {
		return "", fmt.Errorf("%q and %q have no common commit here; a shallow clone may lack it", a, b)
	}
	return strings.TrimSpace(out), nil
}

// WorkingFiles are the files of the working tree below the repository's folder that git tracks or would add, in order,
// slash-separated and from the top on.
func (r *Repository) WorkingFiles() ([]string, error) {
	out, err := r.git("ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	files := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	slices.Sort(files)
	files = slices.Compact(files)
	return slices.DeleteFunc(files, func(name string) bool {
		info, err := os.Stat(filepath.Join(r.Top, filepath.FromSlash(name)))
		return name == "" || err != nil || !info.Mode().IsRegular()
	}), nil
}

// Tree is the tree of a revision. It may be used by one goroutine at a time, and must be closed.
type Tree struct {
	repository *Repository
	nodes      map[string]*node // by path; "." is the top
	asWorking  bool
	batch      *batch // nil until the first file is read
}

// node is a file, a folder, a link or a submodule, which is an empty folder.
type node struct {
	path    string // from the top on
	mode    fs.FileMode
	object  string  // of a file or a link
	entries []*node // of a folder, sorted by path
	loaded  bool
	data    []byte // of a file or a link, once it is loaded
}

// Open reads which files a revision has. Their contents are read when they are asked for. With asWorking a file is as git would
// write it to the working tree, with other ends of lines for instance, and else as git stores it.
func (r *Repository) Open(revision string, asWorking bool) (*Tree, error) {
	id, err := r.Resolve(revision)
	if err != nil {
		return nil, err
	}
	list, err := r.git("ls-tree", "-r", "-z", "--full-tree", id)
	if err != nil {
		return nil, err
	}
	t := &Tree{repository: r, nodes: map[string]*node{}, asWorking: asWorking && r.Top != ""}
	t.nodes["."] = &node{path: ".", mode: fs.ModeDir | 0o755}
	for line := range strings.SplitSeq(list, "\x00") {
		if line == "" { // behind the last one
			continue
		}
		if err := t.add(line); err != nil {
			return nil, err
		}
	}
	for _, n := range t.nodes {
		slices.SortFunc(n.entries, func(a, b *node) int { return strings.Compare(a.path, b.path) })
	}
	return t, nil
}

// add takes a line of ls-tree: mode, type, object, a tab, and the path.
func (t *Tree) add(line string) error {
	head, name, _ := strings.Cut(line, "\t")
	fields := strings.Fields(head)
	if len(fields) != 3 || !fs.ValidPath(name) {
		return fmt.Errorf("git ls-tree: cannot read the entry %q", line)
	}
	n := &node{path: name, object: fields[2], mode: 0o644}
	switch fields[0] {
	case "100755":
		n.mode = 0o755
	case "120000":
		n.mode = fs.ModeSymlink | 0o777
	case "160000":
		n.mode = fs.ModeDir | 0o755
	}
	t.place(n)
	return nil
}

// place puts a node into its folder, which it makes if need be.
func (t *Tree) place(n *node) {
	t.nodes[n.path] = n
	parent := t.nodes[path.Dir(n.path)]
	if parent == nil {
		parent = &node{path: path.Dir(n.path), mode: fs.ModeDir | 0o755}
		t.place(parent)
	}
	parent.entries = append(parent.entries, n)
}

// Files are the paths of all files, and of links to files, in order.
func (t *Tree) Files() []string {
	var out []string
	top := t.Folder(".")
	for name, n := range t.nodes {
		isFile := n.mode.IsRegular()
		if n.mode&fs.ModeSymlink != 0 {
			info, err := fs.Stat(top, name)
			isFile = err == nil && info.Mode().IsRegular()
		}
		if isFile {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Close ends the git program that reads contents.
func (t *Tree) Close() error {
	if t.batch == nil {
		return nil
	}
	return t.batch.close()
}

// load reads a file or the target of a link.
func (t *Tree) load(n *node) error {
	if n.loaded || n.mode.IsDir() {
		return nil
	}
	if t.batch == nil {
		var err error
		if t.batch, err = startBatch(t.repository); err != nil {
			return err
		}
	}
	data, err := t.batch.read(n.object)
	if err != nil {
		return err
	}
	if t.asWorking && n.mode.IsRegular() {
		if data, err = t.working(n, data); err != nil {
			return err
		}
	}
	n.data, n.loaded = data, true
	return nil
}

// working is what git would write to the working tree for a file. Where that has the very content, git need not be asked.
func (t *Tree) working(n *node, data []byte) ([]byte, error) {
	there, err := os.ReadFile(filepath.Join(t.repository.Top, filepath.FromSlash(n.path)))
	if err == nil && bytes.Equal(there, data) {
		return data, nil
	}
	text, err := t.repository.git("cat-file", "--filters", "--path="+n.path, n.object)
	return []byte(text), err
}
