package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/project"
)

// flavorName is the form of a custom flavor's name: it is the name of an output folder as well.
var flavorName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,47}$`)

// checkFlavorName reports why a custom flavor may not have a name.
func checkFlavorName(name string) error {
	if builtinFlavor(name) != nil {
		return fmt.Errorf("the name %q is taken by a flavor of zenc itself", name)
	}
	if !flavorName.MatchString(name) {
		return fmt.Errorf("the name %q is none of a flavor; lower-case letters, digits and dashes, a letter first, at most 48", name)
	}
	return nil
}

// programs are the custom flavors of the project, in the order of zenc.yaml.
func programs(p *project.Project) []external.Program {
	var out []external.Program
	for _, f := range p.Flavors {
		out = append(out, external.Program{Name: f.Name, Path: f.Path, Base: filepath.Dir(f.File), Dir: p.Dir})
	}
	return out
}

func newFlavorList(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the flavors, zenc's own and those of zenc.yaml, and whether they answer",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return listFlavors(s) },
	}
}

// listFlavors asks the programs of custom flavors what they are, all at once.
func listFlavors(s streams) error {
	p, err := findProject(".")
	if err != nil {
		return err
	}
	custom := programs(p)
	slices.SortFunc(custom, func(a, b external.Program) int { return strings.Compare(a.Name, b.Name) })
	rows := make([]string, len(custom))
	var all sync.WaitGroup
	for i, program := range custom {
		flavor, err := newExternal(program)
		if err != nil {
			return err
		}
		all.Go(func() { rows[i] = describeRow(program, flavor.Quiet()) })
	}
	all.Wait()
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, b := range builtin {
		fmt.Fprintf(w, "%s\tbuilt in\t%s\tready\n", b.Flavor(), zencVersion())
	}
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	return w.Flush()
}

func describeRow(program external.Program, flavor *external.Flavor) string {
	d, err := flavor.Describe()
	if err != nil {
		return fmt.Sprintf("%s\t%s\t-\tnot ready: %v", program.Name, program.Path, err)
	}
	return fmt.Sprintf("%s\t%s\t%s\tready", program.Name, program.Path, d.FlavorVersion)
}

func newFlavorSchema(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of what a custom flavor reads and writes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.out.Write(external.Schema)
			return err
		},
	}
}
