package main

import (
	"cmp"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/gittree"
	"github.com/zenc-dev/zenc/project"
)

// diffPlan is what is to be compared.
type diffPlan struct {
	repository *gittree.Repository // nil if no revision is needed
	old, new   *diffSide
	pairs      []pairOfSpecs // of two files; nil: those that the sides have
	only       []string      // specs and folders to compare, from the top of the repository on; nil: the folder where zenc runs
}

// planDiff reads the command line. Behind the dash, -1 if there is none, are specs alone.
func planDiff(args []string, dash int) (*diffPlan, error) {
	d := &diffPlan{}
	names := args
	if dash >= 0 {
		names = args[:dash]
	}
	if len(names) == 2 && dash < 0 && isFileOperand(names[0]) && isFileOperand(names[1]) {
		return d, d.planFiles(names[0], names[1])
	}
	if len(names) > 0 && isFileOperand(names[0]) && len(args) > 1 {
		return nil, usagef("compare two files (zenc diff old.yaml new.yaml), or name a revision first (zenc diff main %s)", names[0])
	}
	if err := d.findRepository(); err != nil {
		return nil, err
	}
	old, now, rest, err := d.revisions(names)
	if err != nil {
		return nil, err
	}
	if dash >= 0 {
		rest = append(rest, args[dash:]...)
	}
	if err := d.openSides(old, now); err != nil {
		return nil, errors.Join(err, d.close())
	}
	for _, arg := range rest {
		name, err := d.fromTop(arg)
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		d.only = append(d.only, name)
	}
	return d, nil
}

func (d *diffPlan) findRepository() (err error) {
	if d.repository, err = gittree.Find("."); err != nil {
		return usagef("zenc diff compares revisions of a git repository, or two files: %v", err)
	}
	return nil
}

// isFileOperand reports a file, or one of a revision: main:train.yaml.
func isFileOperand(arg string) bool { return isFile(arg) || isRevisionFile(arg) }

func isFile(arg string) bool {
	info, err := os.Stat(arg)
	if err == nil {
		return info.Mode().IsRegular()
	}
	return isYAML(arg) && !isRevisionFile(arg)
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func isRevisionFile(arg string) bool {
	if _, err := os.Stat(arg); err == nil {
		return false
	}
	revision, name, isBoth := strings.Cut(arg, ":")
	return isBoth && revision != "" && name != ""
}

// planFiles is for two files, each of the working tree or of a revision.
func (d *diffPlan) planFiles(old, now string) error {
	var err error
	d.pairs = []pairOfSpecs{{}}
	if d.old, d.pairs[0].old, err = d.fileSide(old); err != nil {
		return errors.Join(err, d.close())
	}
	if d.new, d.pairs[0].new, err = d.fileSide(now); err != nil {
		return errors.Join(err, d.close())
	}
	return nil
}

func (d *diffPlan) fileSide(arg string) (*diffSide, string, error) {
	if !isRevisionFile(arg) {
		return &diffSide{label: arg}, arg, nil
	}
	if d.repository == nil {
		if err := d.findRepository(); err != nil {
			return nil, "", err
		}
	}
	revision, name, _ := strings.Cut(arg, ":")
	tree, err := d.repository.Open(revision, true)
	if err != nil {
		return nil, "", unknownRevision(err)
	}
	side := &diffSide{label: arg, revision: revision, tree: tree}
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") { // as git reads it
		name = path.Join(d.repository.Prefix, name)
	}
	return side, path.Clean(name), nil
}

// revisions reads those that the names begin with; now is empty for the working tree. The rest are specs.
func (d *diffPlan) revisions(names []string) (old, now revision, rest []string, err error) {
	old = revision{"HEAD", "HEAD"}
	switch {
	case len(names) == 0 || isFile(names[0]) || isFolder(names[0]) && !d.isRevision(names[0]):
		return old, now, names, nil
	case strings.Contains(names[0], "..."):
		a, b, _ := strings.Cut(names[0], "...")
		now = named(b)
		base, err := d.repository.MergeBase(named(a).id, now.id)
		if err != nil {
			return old, now, nil, unknownRevision(err)
		}
		return revision{base, "where " + now.label + " left " + named(a).label}, now, names[1:], nil
	case strings.Contains(names[0], ".."):
		a, b, _ := strings.Cut(names[0], "..")
		return named(a), named(b), names[1:], nil
	}
	rest = names[1:]
	if len(rest) > 0 && !isFile(rest[0]) && !isFolder(rest[0]) {
		now, rest = named(rest[0]), rest[1:]
	}
	return named(names[0]), now, rest, nil
}

func (d *diffPlan) isRevision(name string) bool {
	_, err := d.repository.Resolve(name)
	return err == nil
}

// revision is one as git knows it, and as it is shown.
type revision struct{ id, label string }

func named(name string) revision {
	if name == "" {
		name = "HEAD"
	}
	return revision{name, name}
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func unknownRevision(err error) error {
	return usagef("%v; git fetch brings what another repository has, and in CI a checkout may be too shallow", err)
}

func (d *diffPlan) openSides(old, now revision) error {
	tree, err := d.repository.Open(old.id, now.id == "")
	if err != nil {
		return unknownRevision(err)
	}
	d.old = &diffSide{label: old.label, revision: old.id, tree: tree, prefix: d.repository.Prefix}
	if now.id == "" {
		if d.repository.Top == "" {
			return usagef("the repository has no working tree; name two revisions")
		}
		d.new = &diffSide{label: "the working tree", prefix: d.repository.Prefix}
		return nil
	}
	if tree, err = d.repository.Open(now.id, false); err != nil {
		return unknownRevision(err)
	}
	d.new = &diffSide{label: now.label, revision: now.id, tree: tree, prefix: d.repository.Prefix}
	return nil
}

// fromTop is a path as seen from the top of the repository.
func (d *diffPlan) fromTop(arg string) (string, error) {
	name := path.Join(d.repository.Prefix, filepath.ToSlash(arg))
	if filepath.IsAbs(arg) {
		top, err := filepath.EvalSymlinks(d.repository.Top)
		if err != nil {
			return "", err
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(arg))
		if err != nil {
			return "", usagef("%s: %s", arg, project.PlainError(err))
		}
		rel, err := filepath.Rel(top, filepath.Join(folder, filepath.Base(arg)))
		if err != nil {
			return "", usagef("%s is not in the repository", arg)
		}
		name = filepath.ToSlash(rel)
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", usagef("%s is not in the repository", arg)
	}
	return name, nil
}

// findPairs are the specs of both sides, by their paths. What is a pipeline on one side is taken for one on the other.
func (d *diffPlan) findPairs() ([]pairOfSpecs, error) {
	only := d.only
	if only == nil {
		only = []string{cmp.Or(d.repository.Prefix, ".")}
	}
	var files [2][]string
	var all []string
	for i, side := range []*diffSide{d.old, d.new} {
		var err error
		if files[i], err = side.files(d.repository); err != nil {
			return nil, &exitError{exitTrouble, err}
		}
	}
	for i, side := range []*diffSide{d.old, d.new} {
		specs, err := d.specs(side, files[i], only)
		if err != nil {
			return nil, err
		}
		all = append(all, specs...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, name := range only {
		if !slices.ContainsFunc(all, func(spec string) bool { return isBelow(spec, name) }) {
			return nil, usagef("there is no pipeline at %q: neither in %s nor in %s", seenFrom(d.repository.Prefix, name), d.old.label, d.new.label)
		}
	}
	out := make([]pairOfSpecs, len(all))
	for i, name := range all {
		if _, found := slices.BinarySearch(files[0], name); found {
			out[i].old = name
		}
		if _, found := slices.BinarySearch(files[1], name); found {
			out[i].new = name
		}
	}
	return out, nil
}

// specs are the pipelines of one side: those that its zenc.yaml lists if none are named, else those that are found.
func (d *diffPlan) specs(side *diffSide, files, only []string) ([]string, error) {
	if d.only == nil {
		if listed, err := side.listed(); err != nil || listed != nil {
			return listed, err
		}
	}
	specs, err := side.specs(files, only)
	if err != nil {
		return nil, &exitError{exitTrouble, err}
	}
	return specs, nil
}

// isBelow reports a path that is the other one, or in that folder.
func isBelow(name, folder string) bool {
	return folder == "." || name == folder || strings.HasPrefix(name, folder+"/")
}

// seenFrom is a path of the repository as one writes it in a folder of it.
func seenFrom(prefix, name string) string {
	rel, err := filepath.Rel(filepath.FromSlash(cmp.Or(prefix, ".")), filepath.FromSlash(name))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// close ends what reads the revisions.
func (d *diffPlan) close() error {
	return errors.Join(d.old.close(), d.new.close())
}
