package runtime

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// writeTree writes the shipped files below dir, which it makes.
func writeTree(dir string, code Code) error {
	if err := os.MkdirAll(dir, 0o755); err != nil || code.Files == nil {
		return err
	}
	return fs.WalkDir(code.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := fs.ReadFile(code.Files, name)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if slices.Contains(code.Executable, name) {
			mode = 0o755
		}
		return os.WriteFile(target, content, mode)
	})
}

// copyTree copies folders and regular files from one folder to another, which it makes.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

// copyFile copies a file and its mode.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if info.Mode()&0o111 != 0 { // a process that is forked now would hold the program open, and it could not be started
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if closeErr := target.Close(); err == nil {
		err = closeErr
	}
	return err
}
