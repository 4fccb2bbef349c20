package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/explain"
)

var explainFormats = []string{"text", "markdown"}

func newExplain(s streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Tell what the code of a finding means, why, and what to write; without a code, list all of them",
		Example: "  zenc explain unknown-key\n" +
			"  zenc explain 'error[unknown-key]'   # as it is pasted",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "text" && format != "markdown" {
				return usagef("--format %s: one of: %s", format, strings.Join(explainFormats, ", "))
			}
			if len(args) == 0 {
				listPages(s, format)
				return nil
			}
			page, err := findPage(args[0])
			if err != nil {
				return err
			}
			if format == "markdown" {
				fmt.Fprint(s.out, page.Text)
				return nil
			}
			explain.Render(s.out, page, explainStyle(s))
			return nil
		},
		ValidArgsFunction: completeCodes,
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or markdown")
	complete := cobra.FixedCompletions(explainFormats, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("format", complete); err != nil {
		panic(err) // there is no such flag
	}
	return cmd
}

func listPages(s streams, format string) {
	if format == "markdown" {
		explain.WriteMarkdownList(s.out, explain.All(), "")
		return
	}
	explain.RenderList(s.out, explain.All(), explainStyle(s))
}

func findPage(text string) (explain.Page, error) {
	code := explain.Normalize(text)
	if page, ok := explain.Find(code); ok {
		return page, nil
	}
	if c := diag.Closest(string(code), explain.Codes()); c != "" {
		return explain.Page{}, usagef("there is no code %q; did you mean %q?", code, c)
	}
	return explain.Page{}, usagef("there is no code %q; zenc explain lists all of them", code)
}

// completeCodes gives a shell the codes with what they mean.
func completeCodes(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, page := range explain.All() {
		out = append(out, cobra.CompletionWithDesc(string(page.Code), page.Summary))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func explainStyle(s streams) explain.Style {
	if !isTerminal(s.out) {
		return explain.Style{}
	}
	return explain.Style{Title: sgr("1"), Heading: sgr("1"), Code: sgr("36")}
}
