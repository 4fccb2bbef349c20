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
	"github.com/zenc-dev/zenc/project"
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
func watch(s streams, specs []string, build func(streams) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for isFirst := true; ; isFirst = false {
		files := readFor(specs)
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
	err := build(streams{in: s.in, out: &printed, err: s.err, findings: s.findings})
	took := time.Since(started).Round(time.Millisecond)
	var e *exitError
	switch {
	case err == nil:
	case !errors.As(err, &e), e.code == exitInternal, isFirst && e.code == exitUsage:
		return err
	default:
		fmt.Fprint(s.out, printed.String()) // findings, in a format for programs
		e.report(s)
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

// readFor are the paths of all that a build of the specs, or else of those that the project lists, reads or has looked for: specs, a
// zenc.yaml in a folder above and those that it extends, code and files. What cannot be read yet is among them.
func readFor(specs []string) []string {
	read := map[string]bool{}
	if len(specs) == 0 {
		p := readProject(".", read)
		for _, listed := range p.Pipelines() {
			specs = append(specs, project.Shown(filepath.Join(p.Dir, filepath.FromSlash(listed.Path))))
		}
		for _, spec := range specs { // where another one may appear
			read[filepath.Dir(spec)] = true
		}
	}
	for _, spec := range specs {
		readSpecFor(spec, read)
	}
	return slices.Sorted(maps.Keys(read))
}

// readProject adds the files that make the project of a folder.
func readProject(dir string, read map[string]bool) *project.Project {
	p, err := findProject(dir)
	if p == nil {
		p = &project.Project{}
	}
	for _, f := range p.Files {
		read[f.Path] = true
	}
	at, absErr := filepath.Abs(dir)
	for absErr == nil {
		read[filepath.Join(at, project.FileName)] = true
		if at == filepath.Dir(at) || err == nil && at == p.Dir && p.File != "" {
			break
		}
		at = filepath.Dir(at)
	}
	return p
}

// readSpecFor adds what the compiler opens for a spec.
func readSpecFor(spec string, read map[string]bool) {
	read[spec] = true
	dir := filepath.Dir(spec)
	p := readProject(dir, read)
	data, err := readSpec(spec)
	if err != nil {
		return
	}
	codeDir := dir
	if p.Code != "" {
		codeDir = filepath.Join(p.Dir, p.Code)
	}
	code, codeErr := recordReads(codeDir, read)
	folder, folderErr := recordReads(dir, read)
	if codeErr == nil && folderErr == nil {
		compiler.Compile(compiler.Source{Data: data, Code: code, Folder: folder})
	}
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
		return project.PlainError(err)
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
