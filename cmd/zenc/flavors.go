package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/project"
)

// builtin are the flavors that zenc brings, sorted by name.
var builtin = []backends.Backend{airflow.New(), kubeflow.New(), local.New()}

func builtinFlavor(name string) backends.Backend {
	for _, b := range builtin {
		if b.Flavor() == name {
			return b
		}
	}
	return nil
}

// findFlavor returns a flavor of zenc, or a custom one of the project.
func findFlavor(p *project.Project, name string) (backends.Backend, error) {
	if b := builtinFlavor(name); b != nil {
		return b, nil
	}
	names := builtinNames()
	for _, program := range programs(p) {
		if program.Name == name {
			return newExternal(program)
		}
		names = append(names, program.Name)
	}
	if c := diag.Closest(name, names); c != "" {
		return nil, usagef("there is no flavor %q; did you mean %q?", name, c)
	}
	slices.Sort(names)
	return nil, usagef("there is no flavor %q; one of: %s", name, strings.Join(names, ", "))
}

// newExternal is the flavor of a program. What that prints to standard error is shown as it is.
func newExternal(program external.Program) (*external.Flavor, error) {
	f, err := external.New(program, os.Stderr)
	if err != nil {
		return nil, usagef("%v", err)
	}
	return f, nil
}

func newFlavor(s streams) *cobra.Command {
	cmd := &cobra.Command{Use: "flavor", Short: "The engines that zenc compiles for", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newFlavorList(s), newFlavorRegister(s), newFlavorTest(s), newFlavorSchema(s))
	return cmd
}
