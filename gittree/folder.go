package gittree

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Folder is a folder of the tree as a file system. Links are followed as long as they stay within the folder.
func (t *Tree) Folder(name string) fs.FS { return &folder{t, path.Clean(name)} }

// folder is part of a tree.
type folder struct {
	tree *Tree
	root string
}

// Errors in the words that the operating system's files have for them, so that both sorts of folder are told about alike.
var (
	errOutside   = errors.New("path escapes from parent")
	errLoop      = errors.New("too many levels of symbolic links")
	errNotFolder = errors.New("not a directory")
)

// maxLinks is how many links are followed for one path.
const maxLinks = 40

// find returns what is at a path, with its content.
func (f *folder) find(op, name string) (*node, error) {
	fail := func(err error) (*node, error) { return nil, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	rest, at := strings.Split(name, "/"), "."
	for links := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		n := f.tree.nodes[path.Join(f.root, next)]
		switch {
		case n == nil:
			return fail(fs.ErrNotExist)
		case n.mode.IsRegular() && len(rest) > 1:
			return fail(errNotFolder)
		case n.mode&fs.ModeSymlink == 0:
			at, rest = next, rest[1:]
			continue
		}
		if err := f.tree.load(n); err != nil {
			return fail(err)
		}
		if links++; links > maxLinks {
			return fail(errLoop)
		}
		target := string(n.data)
		to := path.Join(at, target)
		if path.IsAbs(target) || !fs.ValidPath(to) {
			return fail(errOutside)
		}
		rest, at = append(strings.Split(to, "/"), rest[1:]...), "."
	}
	n := f.tree.nodes[path.Join(f.root, at)]
	if err := f.tree.load(n); err != nil {
		return fail(err)
	}
	return n, nil
}

// Open opens a file or a folder.
func (f *folder) Open(name string) (fs.File, error) {
	n, err := f.find("open", name)
	if err != nil {
		return nil, err
	}
	info := info{n, path.Base(name)}
	if n.mode.IsDir() {
		return &openFolder{info: info, tree: f.tree, rest: n.entries}, nil
	}
	return &openFile{info, bytes.NewReader(n.data)}, nil
}

// Stat describes what is at a path.
func (f *folder) Stat(name string) (fs.FileInfo, error) {
	n, err := f.find("stat", name)
	if err != nil {
		return nil, err
	}
	return info{n, path.Base(name)}, nil
}

// info describes a node, by the name that it was asked for with.
type info struct {
	node *node
	name string
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.node.data)) }
func (i info) Mode() fs.FileMode  { return i.node.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.node.mode.IsDir() }
func (i info) Sys() any           { return nil }

// entry is a node in the listing of its folder; a link is not followed there.
type entry struct {
	tree *Tree
	node *node
}

func (e entry) Name() string      { return path.Base(e.node.path) }
func (e entry) IsDir() bool       { return e.node.mode.IsDir() }
func (e entry) Type() fs.FileMode { return e.node.mode.Type() }

// Info reads the content, which says the size.
func (e entry) Info() (fs.FileInfo, error) {
	if err := e.tree.load(e.node); err != nil {
		return nil, err
	}
	return info{e.node, e.Name()}, nil
}

// openFile is a file that is read.
type openFile struct {
	info info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openFolder is a folder that is listed.
type openFolder struct {
	info info
	tree *Tree
	rest []*node
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFolder) Close() error               { return nil }
func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.New("is a directory")}
}

// ReadDir lists the next n entries, all that are left if n is not positive.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.rest) {
		n = len(f.rest)
	}
	out := make([]fs.DirEntry, n)
	for i, node := range f.rest[:n] {
		out[i] = entry{f.tree, node}
	}
	f.rest = f.rest[n:]
	return out, nil
}
