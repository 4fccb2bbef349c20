package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/project"
)

func newStack(s streams) *cobra.Command {
	cmd := &cobra.Command{Use: "stack", Short: "The stacks of the project, which are in zenc.yaml", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the stacks",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return listStacks(s) },
	})
	cmd.AddCommand(&cobra.Command{
		Use:   "show [NAME]",
		Short: "Show all that a stack says, with the place that each value comes from",
		Long:  "Show all that a stack says, with the place that each value comes from. Without a name it is the default stack.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return showStack(s, name)
		},
	})
	return cmd
}

func listStacks(s streams) error {
	p, err := findProject(".")
	if err != nil {
		return err
	}
	if p.File == "" {
		return noProject()
	}
	if len(p.Stacks) == 0 {
		fmt.Fprintf(s.err, "zenc: %s has no stacks\n", p.Files[0].Source.Name)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, stack := range p.Stacks {
		mark := ""
		if stack.Name == p.Default {
			mark = "default"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", stack.Name, stack.Flavor, project.Shown(p.OutputDir(stack)), mark)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(s.out, strings.TrimRight(line, " \n"))
	}
	return nil
}

// showStack prints a stack as YAML, with places as comments.
func showStack(s streams, name string) error {
	p, err := findProject(".")
	if err != nil {
		return err
	}
	if p.File == "" {
		return noProject()
	}
	if name == "" {
		if name = p.Default; name == "" {
			return usagef("which stack? %s names no default; its stacks: %s", p.Files[0].Source.Name, strings.Join(p.StackNames(), ", "))
		}
	}
	stack, err := findStack(p, name)
	if err != nil {
		return err
	}
	type line struct{ text, where string }
	lines := []line{}
	group := ""
	for _, o := range ordered(stack.Settings) {
		indent := ""
		if len(o.Path) > 1 {
			if o.Path[0] != group {
				group = o.Path[0]
				lines = append(lines, line{text: group + ":"})
			}
			indent = "  "
		}
		lines = append(lines, line{indent + plainOrQuoted(o.Path[len(o.Path)-1]) + ": " + valueText(o.Value), o.Where()})
		if o.Path[0] == "flavor" && stack.Output == "" {
			lines = append(lines, line{"output: dist/" + plainOrQuoted(stack.Flavor), "unless it is given"})
		}
	}
	width := 0
	for _, l := range lines {
		width = max(width, len([]rune(l.text)))
	}
	for _, l := range lines {
		if l.where == "" {
			fmt.Fprintln(s.out, l.text)
			continue
		}
		fmt.Fprintf(s.out, "%-*s  # %s\n", width, l.text, l.where)
	}
	return nil
}

// ordered puts the settings into the order in which a stack is written: by key, those of one mapping together.
func ordered(settings []project.Setting) []project.Setting {
	order := []string{"flavor", "output", "python", "options", "params"}
	out := slices.Clone(settings)
	slices.SortStableFunc(out, func(a, b project.Setting) int {
		return slices.Index(order, a.Path[0]) - slices.Index(order, b.Path[0])
	})
	return out
}

// plain are texts that YAML takes for nothing else.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_/.-]*$`)

func plainOrQuoted(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
	default:
		if plain.MatchString(text) {
			return text
		}
	}
	return strconv.Quote(text) // its escapes are YAML's, too
}

// valueText is a value as YAML on one line.
func valueText(v *spec.Value) string {
	var parts []string
	switch v.Kind {
	case spec.Sequence:
		for _, item := range v.Items {
			parts = append(parts, valueText(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case spec.Mapping:
		for _, e := range v.Entries {
			parts = append(parts, plainOrQuoted(e.Key.Value)+": "+valueText(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if v.FormOf() != spec.TextForm {
		return v.Text
	}
	return plainOrQuoted(v.Text)
}
