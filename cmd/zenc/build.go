package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/output"
)

type buildFlags struct {
	flavors []string
	stack   string
	options []string
	out     string
	stdout  bool
	check   bool
	force   bool
}

func (f *buildFlags) bind(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.flavors, "flavor", nil, "engine to compile for (repeatable)")
	fs.StringVar(&f.stack, "stack", "", "stack of zenc.yaml to compile for")
	fs.StringArrayVar(&f.options, "option", nil, "option of the flavor, key=value (repeatable)")
	fs.StringVarP(&f.out, "output", "o", "", "folder to write to (default: the stack's, else dist/FLAVOR)")
	fs.BoolVar(&f.stdout, "stdout", false, "print the files instead of writing them")
	fs.BoolVar(&f.check, "check", false, "write nothing; print a diff and exit 1 if what is on disk differs")
	fs.BoolVar(&f.force, "force", false, "overwrite files that zenc did not generate")
}

func newBuild(s streams) *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build SPEC",
		Short: "Compile a spec to what an engine deploys",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return build(s, f, args[0]) },
	}
	f.bind(cmd.Flags())
	return cmd
}

// target is one flavor to build for.
type target struct {
	backend backends.Backend
	options backends.Options
	dir     string
	files   []backends.File
}

func build(s streams, f buildFlags, path string) error {
	switch {
	case f.stack != "" && len(f.flavors) > 0:
		return usagef("--stack and --flavor exclude each other")
	case f.out != "" && len(f.flavors) > 1:
		return usagef("-o is for one flavor; without it each is written to dist/FLAVOR")
	case f.stdout && f.check:
		return usagef("--stdout and --check exclude each other")
	}
	l, err := load(path)
	if err != nil {
		return err
	}
	targets, err := l.targets(s, f)
	if err != nil {
		return err
	}
	if l.pipeline != nil {
		for _, t := range targets {
			l.diags.Append(t.backend.Check(l.pipeline, t.options))
		}
	}
	if err := l.report(s); err != nil {
		return err
	}
	for _, t := range targets {
		if t.files, err = t.backend.Emit(l.pipeline, t.options); err != nil {
			return &exitError{exitInternal, fmt.Errorf("internal error: %s: %w; please report this", t.backend.Flavor(), err)}
		}
		t.files = backends.Sorted(t.files)
	}
	return deliver(s, f, l.pipeline, targets)
}

// targets are what to build, as flags, stack and project say.
func (l *loaded) targets(s streams, f buildFlags) ([]*target, error) {
	given, err := parseOptions(f.options)
	if err != nil {
		return nil, err
	}
	name := f.stack
	if name == "" && len(f.flavors) == 0 {
		name = l.project.first
	}
	if name != "" {
		st := l.project.byName[name]
		if st == nil {
			return nil, noStack(l.project, name)
		}
		out := f.out
		if out == "" && st.output != "" {
			out = filepath.Join(l.project.dir, st.output)
		}
		t, err := l.target(s, st.flavor, out, backends.Options{Source: l.name, Stack: st.name, Fields: merge(st.options, given)})
		return []*target{t}, err
	}
	if len(f.flavors) == 0 {
		return nil, usagef("for which engine? --flavor NAME, or --stack NAME of a %s", projectFile)
	}
	var out []*target
	for _, flavor := range f.flavors {
		t, err := l.target(s, flavor, f.out, backends.Options{Source: l.name, Fields: given})
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func noStack(p *project, name string) error {
	if p.file == "" {
		return usagef("there is no stack %q: no %s here or above", name, projectFile)
	}
	if c := diag.Closest(name, p.stackNames()); c != "" {
		return usagef("%s has no stack %q; did you mean %q?", p.file, name, c)
	}
	return usagef("%s has no stack %q", p.file, name)
}

func (l *loaded) target(s streams, flavor, dir string, o backends.Options) (*target, error) {
	b, err := l.project.findFlavor(s, flavor)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = filepath.Join("dist", flavor)
	}
	dir = fromHere(dir)
	return &target{backend: b, options: o, dir: dir}, nil
}

// deliver prints, compares or writes what was emitted.
func deliver(s streams, f buildFlags, p *ir.Pipeline, targets []*target) error {
	if f.stdout {
		var files []backends.File
		for _, t := range targets {
			files = append(files, t.files...)
		}
		output.Print(s.out, files)
		return nil
	}
	if f.check {
		stale := false
		for _, t := range targets {
			differs, err := output.Check(s.out, t.dir, t.files)
			if err != nil {
				return &exitError{exitFindings, err}
			}
			stale = stale || differs
		}
		if stale {
			fmt.Fprintln(s.err, "zenc: what is on disk is not what the spec says; run zenc build")
			return failed(exitFindings)
		}
		return nil
	}
	var plans []*output.Plan
	for _, t := range targets {
		plan, err := output.Prepare(t.dir, t.files, f.force)
		if err != nil {
			return &exitError{exitFindings, err}
		}
		plans = append(plans, plan)
	}
	for i, t := range targets {
		if err := plans[i].Write(); err != nil {
			return &exitError{exitFindings, err}
		}
		fmt.Fprintf(s.out, "%s: %s\n", t.backend.Flavor(), plans[i].Summary())
		if next := t.backend.Next(p, t.options, t.dir); next != "" {
			fmt.Fprintf(s.out, "next: %s\n", next)
		}
	}
	return nil
}

// fromHere is a folder as seen from the working directory, if it is below that.
func fromHere(dir string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(dir) {
		return dir
	}
	if rel, err := filepath.Rel(here, dir); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return dir
}
