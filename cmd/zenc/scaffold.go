package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/templates"
)

// scaffolds are the projects that init makes, the usual one first.
var scaffolds = []string{"minimal", "ml", "etl"}

// scaffoldFiles are the files of a project whose pipeline has that name. The name is a legal one: it means nothing in any of them.
func scaffoldFiles(scaffold, name string) ([]backends.File, error) {
	var out []backends.File
	root := path.Join("init", scaffold)
	err := fs.WalkDir(templates.Init, root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := templates.Init.ReadFile(file)
		data = bytes.ReplaceAll(data, []byte(templates.InitName), []byte(name))
		out = append(out, backends.File{Path: strings.TrimPrefix(file, root+"/"), Data: data, Mode: 0o644})
		return err
	})
	return out, err
}

// existing are the paths of files that are there already, whatever they are.
func existing(dir string, files []backends.File) ([]string, error) {
	var out []string
	for _, f := range files {
		_, err := os.Lstat(filepath.Join(dir, f.Path))
		switch {
		case err == nil:
			out = append(out, f.Path)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return out, nil
}

// writeNew writes files that are not there yet. After an error none of them is.
func writeNew(dir string, files []backends.File) (err error) {
	var written []string
	defer func() {
		if err != nil {
			for _, file := range written {
				_ = os.Remove(file) // the error that is told is the one before
			}
		}
	}()
	for _, f := range files {
		full := filepath.Join(dir, f.Path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		file, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode)
		if err != nil {
			return err
		}
		written = append(written, full)
		if _, err = file.Write(f.Data); err == nil {
			err = file.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// longestName is how many characters the name of a pipeline may have.
const longestName = 48

// nameFor is the legal name that is nearest to the name of a folder.
func nameFor(folder string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(folder) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.Trim(b.String(), "-")
	if name == "" || name[0] <= '9' {
		name = strings.TrimSuffix("pipeline-"+name, "-")
	}
	return strings.TrimRight(name[:min(len(name), longestName)], "-")
}

// checkName is an error if a pipeline cannot have that name.
func checkName(name string) error {
	if fixed := nameFor(name); fixed != name {
		return fmt.Errorf("%q cannot be the name of a pipeline: lower-case letters, digits and single -, a letter first, at most %d characters; such as %s",
			name, longestName, fixed)
	}
	return nil
}
