package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// findings are those of one file.
type findings struct {
	source diag.Source
	diags  diag.List
}

// reportAll prints the findings of some files and ends the command if they have errors.
func reportAll(s streams, all ...findings) error {
	if s.findings.write != nil {
		return s.findings.report(all)
	}
	printed, wrong := false, false
	for _, f := range all {
		if f.diags.Len() == 0 {
			continue
		}
		if printed {
			fmt.Fprintln(s.err)
		}
		diag.Render(s.err, f.source, f.diags, terminalStyle(s.err))
		if !printed && isTerminal(s.err) {
			defer fmt.Fprintf(s.err, "\nzenc explain %s tells more\n", f.diags.Sorted()[0].Code)
		}
		printed, wrong = true, wrong || f.diags.HasErrors()
	}
	if wrong {
		return failed(exitFindings)
	}
	return nil
}

// report prints the findings of the spec and of its project, and ends the command if they have errors.
func (l *loaded) report(s streams) error { return (&chosen{specs: []*loaded{l}}).report(s) }

func newCheck(s streams) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [SPEC...]",
		Short: "Report what is wrong with specs",
		Long: "Report what is wrong with specs: with the pipelines of the project where none is named. They are held against the default\n" +
			"stack of zenc.yaml as well, if there is one, or against those that --stack and --all name.",
		RunE: func(_ *cobra.Command, specs []string) error { return check(s, f, specs) },
	}
	f.bind(cmd.Flags())
	return cmd
}

type checkFlags struct {
	selection
	format string
	fix    bool
}

func (f *checkFlags) bind(fs *pflag.FlagSet) {
	f.selection.bind(fs)
	bindFormat(fs, &f.format)
	fs.BoolVar(&f.fix, "fix", false, "write into the specs what the findings say to write, where nothing else can have been meant")
}

// check compiles the specs, holds them against their stacks, and tells which are fine.
func check(s streams, f checkFlags, specs []string) error {
	s, err := s.withFormat(f.format, s.out)
	if err != nil {
		return err
	}
	c, err := f.choose(specs)
	if err != nil {
		return err
	}
	if f.fix {
		if c, err = f.fixAll(s, c, specs); err != nil {
			return err
		}
	}
	err = c.report(s)
	if s.findings.write != nil {
		return err
	}
	for _, l := range c.specs {
		if l.pipeline != nil && !l.diags.HasErrors() && !l.project.HasErrors() {
			fmt.Fprintf(s.out, "%s: %s is fine: %s\n", l.path, l.pipeline.Name, count(len(l.pipeline.Steps), "step"))
		}
	}
	return err
}

func newIR(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "ir SPEC",
		Short: "Print the compiled form, which custom flavors read, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := load(args[0])
			if err != nil {
				return err
			}
			if err := l.report(s); err != nil {
				return err
			}
			enc := jsonEncoder(s.out)
			enc.SetIndent("", "  ")
			return enc.Encode(l.pipeline)
		},
	}
}

// count is a number of things, in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// jsonEncoder writes JSON in which <, > and & are as they are.
func jsonEncoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}
