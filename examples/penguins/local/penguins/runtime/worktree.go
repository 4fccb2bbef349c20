package runtime

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// workTrees hands out the working directories of attempts: copies of the shipped tree. To make a copy and to remove it costs more
// than many a step; one that an attempt has left as it was is given to another.
type workTrees struct {
	dir    string // in which they are made
	source string // the shipped tree

	mu    sync.Mutex
	clean []*workTree
	made  int
}

// workTree is a copy of the shipped tree.
type workTree struct {
	path  string
	made  time.Time
	files []workFile
}

// workFile is a file or a folder of a copy as it was made.
type workFile struct {
	name  string // below the tree
	mode  fs.FileMode
	stamp fileStamp // of a file
	names []string  // of what is in a folder
}

// timeTick is longer than what the times of files are rounded to.
const timeTick = 50 * time.Millisecond

// take returns a copy that nobody else has.
func (t *workTrees) take() (*workTree, error) {
	t.mu.Lock()
	if n := len(t.clean); n > 0 {
		w := t.clean[n-1]
		t.clean = t.clean[:n-1]
		t.mu.Unlock()
		return w, nil
	}
	t.made++
	w := &workTree{path: filepath.Join(t.dir, strconv.Itoa(t.made))}
	t.mu.Unlock()
	if err := copyTree(t.source, w.path); err != nil {
		return nil, err
	}
	w.made = time.Now()
	return w, w.record()
}

// give takes a copy back that was in use since the given time, and removes it if it is not what it was.
func (t *workTrees) give(w *workTree, since time.Time) {
	if !w.unchanged() || since.Sub(w.made) < timeTick && !w.equals(t.source) {
		_ = os.RemoveAll(w.path) // else at the end of the run
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clean = append(t.clean, w)
}

// record notes how the files are.
func (w *workTree) record() error {
	return filepath.WalkDir(w.path, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(w.path, path)
		if err != nil {
			return err
		}
		f := workFile{name: name, mode: info.Mode(), stamp: stampOf(info)}
		if d.IsDir() {
			if f.names, err = namesIn(path); err != nil {
				return err
			}
		}
		w.files = append(w.files, f)
		return nil
	})
}

// unchanged reports that all folders have the names that they had, and that no file has been changed after its time was
// another one than when it was made.
func (w *workTree) unchanged() bool {
	if !hasStamps {
		return false
	}
	for i := range w.files {
		f := &w.files[i]
		path := filepath.Join(w.path, f.name)
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != f.mode {
			return false
		}
		if !f.mode.IsDir() {
			if stampOf(info) != f.stamp {
				return false
			}
			continue
		}
		names, err := namesIn(path)
		if err != nil || len(names) != len(f.names) {
			return false
		}
		for i, name := range names {
			if name != f.names[i] {
				return false
			}
		}
	}
	return true
}

// equals reports that the files have the content of those in another tree.
func (w *workTree) equals(source string) bool {
	for i := range w.files {
		if w.files[i].mode.IsDir() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(w.path, w.files[i].name))
		if err != nil {
			return false
		}
		shipped, err := os.ReadFile(filepath.Join(source, w.files[i].name))
		if err != nil || !bytes.Equal(content, shipped) {
			return false
		}
	}
	return true
}

// namesIn returns the names of what is in a folder, sorted.
func namesIn(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
