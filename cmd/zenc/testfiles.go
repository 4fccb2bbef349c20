package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/project"
)

// testSuffix ends the names of test files: churn.test.yaml has the cases of churn.yaml.
const testSuffix = ".test.yaml"

// testFile is a test file with its pipeline.
type testFile struct {
	source diag.Source
	diags  diag.List
	spec   *loaded // nil if there is none
	cases  []*cases.Case
	python string
}

// loadTests reads the test files and their pipelines, and prints all that is wrong with them.
func loadTests(s streams, args []string) ([]*testFile, error) {
	paths, err := findTests(args)
	if err != nil {
		return nil, err
	}
	var out []*testFile
	specs := map[string]*loaded{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, usagef("%s: %s", path, project.PlainError(err))
		}
		f := &testFile{source: diag.Source{Name: path, Data: data}}
		if err := f.load(specs); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	code := exitOK
	reported := map[*loaded]bool{}
	for _, f := range out {
		diag.Render(s.err, f.source, f.diags, terminalStyle(s.err))
		if f.spec != nil && f.spec.diags.HasErrors() {
			code = max(code, exitFindings)
			if !reported[f.spec] {
				_ = f.spec.report(s) // nothing runs, as for a test file
			}
			reported[f.spec] = true
		}
		if f.diags.HasErrors() {
			code = exitUsage
		}
	}
	if code != exitOK {
		return nil, failed(code)
	}
	return out, nil
}

// findTests are the files that are named, and those below the folders that are.
func findTests(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, usagef("%s: %s", arg, project.PlainError(err))
		}
		if !info.IsDir() {
			out = append(out, arg)
			continue
		}
		before := len(out)
		err = filepath.WalkDir(arg, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case e.IsDir() && path != arg && strings.HasPrefix(e.Name(), "."):
				return fs.SkipDir
			case !e.IsDir() && strings.HasSuffix(e.Name(), testSuffix):
				out = append(out, path)
			}
			return nil
		})
		if err != nil {
			return nil, usagef("%v", err)
		}
		if len(out) == before {
			return nil, usagef("there is no *%s in %s, or below", testSuffix, arg)
		}
	}
	return out, nil
}

// load reads the file and its pipeline, and holds one against the other. Findings are in f and in its spec.
func (f *testFile) load(specs map[string]*loaded) error {
	parsed := cases.Parse(f.source.Data, &f.diags)
	if parsed == nil {
		return nil
	}
	path := f.specPath(parsed)
	if path == "" {
		return nil
	}
	f.spec = specs[path]
	if f.spec == nil {
		l, err := load(path)
		if err != nil {
			return err
		}
		if l.pipeline != nil {
			l.diags.Append(local.CheckRun(l.pipeline))
		}
		f.spec, specs[path] = l, l
	}
	if f.spec.pipeline == nil || f.spec.diags.HasErrors() {
		return nil
	}
	f.cases = parsed.Check(f.spec.pipeline, f.stat, &f.diags)
	return nil
}

// specPath is the path of the pipeline; "" if there is none, which is a finding.
func (f *testFile) specPath(parsed *cases.File) string {
	name, isTest := strings.CutSuffix(filepath.Base(f.source.Name), testSuffix)
	if parsed.Pipeline != "" {
		name = parsed.Pipeline
	} else if name += ".yaml"; !isTest {
		f.diags.Errorf(diag.Pos{}, diag.MissingKey, "the test file has no \"pipeline\", and its name does not tell: it does not end in %s", testSuffix).
			WithHelp("write pipeline: PATH")
		return ""
	}
	info, err := f.stat(name)
	switch {
	case err != nil:
		f.diags.Errorf(parsed.PipelinePos, diag.BadFile, "cannot read the pipeline %q: %s", name, project.PlainError(err)).
			WithHelp("write pipeline: with its path, relative to the test file")
	case info.IsDir():
		f.diags.Errorf(parsed.PipelinePos, diag.BadFile, "the pipeline %q is a folder", name).WithHelp("name the file in it")
	default:
		return f.path(name)
	}
	return ""
}

func (f *testFile) folder() string { return filepath.Dir(f.source.Name) }

// path is one that the test file names, as seen from here.
func (f *testFile) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(f.folder(), name)
}

func (f *testFile) stat(name string) (fs.FileInfo, error) { return os.Stat(f.path(name)) }

// choose keeps the cases whose names match, and returns how many they are.
func (f *testFile) choose(pattern *regexp.Regexp) int {
	f.cases = slices.DeleteFunc(f.cases, func(c *cases.Case) bool { return !pattern.MatchString(c.Name) })
	return len(f.cases)
}

// findPython finds, or makes, the interpreter that all cases share.
func (f *testFile) findPython(ctx context.Context, s streams, given string) (err error) {
	if len(f.cases) == 0 {
		return nil
	}
	if given == "" {
		given = localStack(f.spec.project, "").Python()
	}
	making := func() { fmt.Fprintln(s.err, "zenc: installing the requirements of", f.spec.pipeline.Name) }
	f.python, err = runtime.FindPython(ctx, local.Pipeline(f.spec.pipeline), ".", given, making)
	return err
}
