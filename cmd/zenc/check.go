package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// report prints the findings and ends the command if they have errors.
func (l *loaded) report(s streams) error {
	diag.Render(s.err, l.source, l.diags, terminalStyle(s.err))
	if l.diags.HasErrors() {
		return failed(exitFindings)
	}
	return nil
}

func newCheck(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "check SPEC...",
		Short: "Report what is wrong with specs",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, specs []string) error {
			var last error
			for _, path := range specs {
				l, err := load(path)
				if err != nil {
					return err
				}
				if err := l.report(s); err != nil {
					last = err
					continue
				}
				fmt.Fprintf(s.out, "%s: %s is fine: %s\n", path, l.pipeline.Name, count(len(l.pipeline.Steps), "step"))
			}
			return last
		},
	}
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
			enc := json.NewEncoder(s.out)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(l.pipeline)
		},
	}
}

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(s.out, "zenc", version())
			return nil
		},
	}
}

// version is that of zenc.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// count is a number of things, in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
