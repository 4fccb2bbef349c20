package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/changes"
	"github.com/zenc-dev/zenc/changes/print"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// exitDiffers and exitTrouble are those of diff(1).
const (
	exitDiffers = 1
	exitTrouble = 2
)

const diffHelp = `Tell what changes in the meaning of pipelines, whatever the spelling of their specs.

  zenc diff                       the working tree, against HEAD
  zenc diff main                  against a revision; all specs in this folder and below
  zenc diff main train.yaml       one spec, or those below a folder
  zenc diff main feature          two revisions; also main..feature
  zenc diff main...feature        feature, against the commit where it left main
  zenc diff old.yaml new.yaml     two files; main:train.yaml is a file of a revision

The exit code is 0 if all means the same, 1 if not, and 2 if that cannot be told.`

func newDiff(s streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "diff [OLD [NEW]] [SPEC...]",
		Short: "Tell what changes in the meaning of pipelines, between git revisions or files",
		Long:  diffHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			show, err := diffPrinter(s, format)
			if err != nil {
				return err
			}
			return diffCommand(s, show, args, cmd.ArgsLenAtDash())
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, or markdown: a comment on a pull request")
	return cmd
}

// diffPrinter is what prints a report in a format.
func diffPrinter(s streams, format string) (func(io.Writer, *print.Report) error, error) {
	switch format {
	case "text":
		return func(w io.Writer, r *print.Report) error {
			print.Text(w, r, diffStyle(w))
			return nil
		}, nil
	case "json":
		return print.JSON, nil
	case "markdown":
		return print.Markdown, nil
	}
	return nil, usagef("no format %q: use text, json or markdown", format)
}

// diffStyle is colour on a terminal and none elsewhere.
func diffStyle(w io.Writer) print.Style {
	c := terminalStyle(w)
	return print.Style{Added: c.Help, Removed: c.Error, Changed: c.Warning, Breaking: c.Error, Head: c.Note}
}

func diffCommand(s streams, show func(io.Writer, *print.Report) error, args []string, dash int) (err error) {
	d, err := planDiff(args, dash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	pipelines, err := d.compare(s)
	if err != nil {
		return err
	}
	report := print.NewReport(d.old.label, d.new.label, pipelines)
	if err := show(s.out, report); err != nil {
		return err
	}
	switch report.Status {
	case print.Same:
		return nil
	case print.Trouble:
		return failed(exitTrouble)
	}
	return failed(exitDiffers)
}

// pairOfSpecs are the two versions of a spec; a path is empty where there is none.
type pairOfSpecs struct{ old, new string }

// compare reads the pairs of specs and compares them.
func (d *diffPlan) compare(s streams) ([]print.Pipeline, error) {
	pairs := d.pairs
	if pairs == nil {
		var err error
		if pairs, err = d.findPairs(); err != nil {
			return nil, err
		}
	}
	var out []print.Pipeline
	var added, removed []*compared
	for _, pair := range pairs {
		c := &compared{}
		var err error
		if c.old, err = d.old.read(pair.old); err != nil {
			return nil, err
		}
		if c.new, err = d.new.read(pair.new); err != nil {
			return nil, err
		}
		switch {
		case c.old == nil && c.new.pipeline != nil:
			added = append(added, c)
		case c.new == nil && c.old.pipeline != nil:
			removed = append(removed, c)
		default:
			result := c.result()
			if d.pairs != nil || d.only != nil { // they were asked for by name
				result.Status = ""
			}
			if len(result.Errors) > 0 && result.Status != print.Broken {
				c.reportErrors(s)
			}
			out = append(out, result)
		}
	}
	for _, c := range joinMoved(added, removed) {
		out = append(out, c.result())
	}
	slices.SortStableFunc(out, func(a, b print.Pipeline) int { return cmp.Compare(a.File, b.File) })
	return out, nil
}

// joinMoved makes one of the pipelines that are at two places under the same name: that is what they are deployed as.
func joinMoved(added, removed []*compared) []*compared {
	for _, c := range added {
		i := slices.IndexFunc(removed, func(r *compared) bool { return r.old.pipeline.Name == c.new.pipeline.Name })
		if i >= 0 {
			c.old = removed[i].old
			removed = slices.Delete(removed, i, i+1)
		}
	}
	return append(added, removed...)
}

// compared are two versions of a spec; nil where there is none.
type compared struct{ old, new *loaded }

// result compares, or says why that is not possible.
func (c *compared) result() print.Pipeline {
	out := print.Pipeline{}
	var sides [2]*ir.Pipeline
	for i, l := range []*loaded{c.old, c.new} {
		if l == nil {
			continue
		}
		out.File = l.name
		if l.diags.HasErrors() {
			out.Errors = append(out.Errors, l.errorLines(l.source.Name)...)
			continue
		}
		sides[i], out.Name = l.pipeline, l.pipeline.Name
	}
	if c.old != nil && c.old.name != out.File {
		out.Was = c.old.name
	}
	switch {
	case len(out.Errors) == 0:
		out.Changes = changes.Compare(sides[0], sides[1])
	case c.old != nil && c.new != nil && slices.Equal(c.old.errorLines(""), c.new.errorLines("")):
		out.Status = print.Broken
	}
	return out
}

// reportErrors prints what is wrong with specs that cannot be compared, but for what was wrong before.
func (c *compared) reportErrors(s streams) {
	for _, l := range []*loaded{c.old, c.new} {
		if l != nil && l.diags.HasErrors() {
			diag.Render(s.err, l.source, l.diags, terminalStyle(s.err))
			fmt.Fprintln(s.err)
		}
	}
}

// errorLines are the errors of a spec, a line each; name is what the spec is called in them.
func (l *loaded) errorLines(name string) []string {
	var out []string
	for _, d := range l.diags.Sorted() {
		if d.Severity != diag.Error {
			continue
		}
		place := name
		if d.Pos.IsValid() {
			place = fmt.Sprintf("%s:%d:%d", name, d.Pos.Line, d.Pos.Col)
		}
		out = append(out, fmt.Sprintf("%s: %s[%s]: %s", place, d.Severity, d.Code, d.Message))
	}
	return out
}
