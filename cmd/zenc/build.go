package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/output"
)

type buildFlags struct {
	selection
	format string
	stdout bool
	check  bool
	force  bool
	watch  bool
}

func (f *buildFlags) bind(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.flavors, "flavor", nil, "engine to compile for (repeatable)")
	f.selection.bind(fs)
	fs.StringArrayVar(&f.options, "option", nil, "option of the flavor, key=value (repeatable)")
	fs.StringVarP(&f.out, "output", "o", "", "folder to write to (default: the stack's, else dist/FLAVOR)")
	bindFormat(fs, &f.format)
	fs.BoolVar(&f.stdout, "stdout", false, "print the files instead of writing them")
	fs.BoolVar(&f.check, "check", false, "write nothing; print a diff and exit 1 if what is on disk differs")
	fs.BoolVar(&f.force, "force", false, "overwrite files that zenc did not generate")
	fs.BoolVar(&f.watch, "watch", false, "build again whenever the spec, its code or zenc.yaml changes")
}

func newBuild(s streams) *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build [SPEC...]",
		Short: "Compile specs to what an engine deploys",
		Long:  "Compile specs to what an engine deploys: the pipelines that zenc.yaml lists where no spec is named.",
		RunE: func(_ *cobra.Command, specs []string) error {
			if f.watch {
				return watch(s, specs, func(s streams) error { return build(s, f, specs) })
			}
			return build(s, f, specs)
		},
	}
	f.bind(cmd.Flags())
	return cmd
}

// build compiles the specs, or else those that the project lists, and delivers what comes out.
func build(s streams, f buildFlags, specs []string) error {
	switch {
	case f.stdout && f.check:
		return usagef("--stdout and --check exclude each other")
	case f.watch && (f.stdout || f.check):
		return usagef("--watch writes files: it goes with neither --stdout nor --check")
	}
	s, err := s.withFormat(f.format, s.err) // what is built is on the other stream
	if err != nil {
		return err
	}
	f.must = true
	c, err := f.choose(specs)
	if err != nil {
		return err
	}
	if err := c.report(s); err != nil {
		return err
	}
	for _, t := range c.targets {
		if t.files, err = t.backend.Emit(t.pipeline, t.options); err != nil {
			return &exitError{exitInternal, fmt.Errorf("internal error: %s: %w; please report this", t.backend.Flavor(), err)}
		}
		t.files = backends.Sorted(t.files)
	}
	folders, err := c.folders()
	switch {
	case err != nil:
		return err
	case f.stdout:
		printFolders(s, folders)
		return nil
	case f.check:
		return checkFolders(s, folders)
	}
	return writeFolders(s, folders, f.force)
}

// printFolders prints all files; those of several folders with their folders.
func printFolders(s streams, folders []*folder) {
	var files []backends.File
	for _, d := range folders {
		for _, f := range d.files {
			if len(folders) > 1 {
				f.Path = d.dir + "/" + f.Path
			}
			files = append(files, f)
		}
	}
	output.Print(s.out, files)
}

// checkFolders prints in what the disk differs from what would be written, all folders in one diff.
func checkFolders(s streams, folders []*folder) error {
	stale := false
	for _, d := range folders {
		differs, err := output.Check(s.out, d.dir, d.files)
		if err != nil {
			return &exitError{exitFindings, err}
		}
		for _, name := range d.orphans() {
			fmt.Fprintf(s.out, "no longer generated: %s/%s\n", d.dir, name)
			differs = true
		}
		stale = stale || differs
	}
	if stale {
		fmt.Fprintln(s.err, "zenc: what is on disk is not what the spec says; run zenc build")
		return failed(exitFindings)
	}
	return nil
}

// writeFolders writes all files, or none if one of them must not be.
func writeFolders(s streams, folders []*folder, force bool) error {
	var plans []*output.Plan
	for _, d := range folders {
		plan, err := output.Prepare(d.dir, d.files, force)
		if err != nil {
			return &exitError{exitFindings, err}
		}
		plan.Remove(d.orphans())
		plans = append(plans, plan)
	}
	for i, d := range folders {
		if err := plans[i].Write(); err != nil {
			return &exitError{exitFindings, err}
		}
		fmt.Fprintf(s.out, "%s: %s\n", d.flavors(), plans[i].Summary())
		for _, t := range d.targets {
			if next := t.backend.Next(t.pipeline, t.options, shellQuoted(filepath.ToSlash(t.dir))); next != "" {
				fmt.Fprintf(s.out, "next: %s\n", next)
			}
		}
	}
	return nil
}

var shellPlain = regexp.MustCompile(`^[A-Za-z0-9_./@%+=:,-]+$`)

// shellQuoted is a path as a shell takes it for one word.
func shellQuoted(path string) string {
	if shellPlain.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
