package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zenc-dev/zenc/compiler"
)

// How often the files are looked at, and how long nothing must have changed before a build: an editor may write a file in several steps.
const (
	watchEvery = 200 * time.Millisecond
	watchCalm  = 60 * time.Millisecond
	// mostCalms bounds the wait for a file that somebody writes to all the time.
	mostCalms = 50
)

// watch builds, and builds again whenever something that the build has read changes, until it is interrupted. Findings do not end it;
// a wrong use that the first build meets does.
func watch(s streams, spec string, build func(streams) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for isFirst := true; ; isFirst = false {
		files := readFor(spec)
		before := stamps(files)
		if err := watchedBuild(s, isFirst, build); err != nil {
			return err
		}
		if isFirst {
			fmt.Fprintf(s.err, "zenc: watching %s; Ctrl-C ends\n", count(len(files), "file"))
		}
		if !waitForChange(ctx, files, before) {
			return nil
		}
	}
}

// watchedBuild builds once and prints one line, and for the first build what comes next.
func watchedBuild(s streams, isFirst bool, build func(streams) error) error {
	var printed bytes.Buffer
	started := time.Now()
	err := build(streams{s.in, &printed, s.err})
	took := time.Since(started).Round(time.Millisecond)
	var e *exitError
	switch {
	case err == nil:
	case !errors.As(err, &e), e.code == exitInternal, isFirst && e.code == exitUsage:
		return err
	default:
		if e.err != nil {
			fmt.Fprintf(s.err, "zenc: %v\n", e.err)
		}
		fmt.Fprintf(s.out, "failed in %s\n", took)
		return nil
	}
	var done, next []string
	for line := range strings.Lines(printed.String()) {
		if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "next: ") {
			next = append(next, line)
		} else {
			done = append(done, line)
		}
	}
	fmt.Fprintf(s.out, "built in %s: %s\n", took, strings.Join(done, "; "))
	if isFirst {
		fmt.Fprintln(s.out, strings.Join(next, "\n"))
	}
	return nil
}

// readFor are the paths of all that a build of the spec reads, or has looked for: the spec, a zenc.yaml in a folder above, code and files.
// What cannot be read yet is among them.
func readFor(spec string) []string {
	read := map[string]bool{spec: true}
	dir := filepath.Dir(spec)
	abs, err := filepath.Abs(dir)
	if err != nil {
		return []string{spec}
	}
	p, err := findProject(dir)
	for at := abs; ; at = filepath.Dir(at) {
		read[filepath.Join(at, projectFile)] = true
		if at == filepath.Dir(at) || err == nil && at == p.dir && p.file != "" {
			break
		}
	}
	data, specErr := readSpec(spec)
	if err != nil || specErr != nil {
		return slices.Sorted(maps.Keys(read))
	}
	codeDir := dir
	if p.code != "" {
		codeDir = filepath.Join(p.dir, p.code)
	}
	code, codeErr := recordReads(codeDir, read)
	folder, folderErr := recordReads(dir, read)
	if codeErr == nil && folderErr == nil {
		compiler.Compile(compiler.Source{Data: data, Code: code, Folder: folder})
	}
	return slices.Sorted(maps.Keys(read))
}

// recorder is a folder that keeps the paths of what is opened in it, there or not.
type recorder struct {
	fs.FS
	dir  string
	read map[string]bool
}

func recordReads(dir string, read map[string]bool) (fs.FS, error) {
	folder, err := openFolder(dir)
	return recorder{folder, dir, read}, err
}

func (r recorder) Open(name string) (fs.File, error) {
	r.read[filepath.Join(r.dir, filepath.FromSlash(name))] = true
	return r.FS.Open(name)
}

// stamps tell for each path whether something has changed there.
func stamps(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = stamp(path)
	}
	return out
}

func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return plainError(err)
	}
	if !info.IsDir() {
		return fmt.Sprint(info.ModTime().UnixNano(), info.Size(), info.Mode())
	}
	entries, err := os.ReadDir(path)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Name() != "__pycache__" { // which whoever runs the code writes
			names = append(names, e.Name())
		}
	}
	return fmt.Sprintf("%q %v", names, err)
}

// waitForChange waits until something has changed and is calm again; false if it was interrupted before.
func waitForChange(ctx context.Context, files, before []string) bool {
	wait := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
	now := stamps(files)
	for ; slices.Equal(now, before); now = stamps(files) {
		if !wait(watchEvery) {
			return false
		}
	}
	for range mostCalms {
		if !wait(watchCalm) {
			return false
		}
		last := now
		if now = stamps(files); slices.Equal(now, last) {
			break
		}
	}
	return true
}
