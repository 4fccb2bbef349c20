package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/airflow"
	"github.com/zenc-dev/zenc/backends/kubeflow"
	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/compiler/diag"
)

// builtin are the flavors that zenc brings, sorted by name.
var builtin = []backends.Backend{airflow.New(), kubeflow.New(), local.New()}

func findFlavor(name string) (backends.Backend, error) {
	names := make([]string, len(builtin))
	for i, b := range builtin {
		if b.Flavor() == name {
			return b, nil
		}
		names[i] = b.Flavor()
	}
	if c := diag.Closest(name, names); c != "" {
		return nil, usagef("there is no flavor %q; did you mean %q?", name, c)
	}
	return nil, usagef("there is no flavor %q; one of: %s", name, strings.Join(names, ", "))
}

func newFlavor(s streams) *cobra.Command {
	cmd := &cobra.Command{Use: "flavor", Short: "The engines that zenc compiles for", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the flavors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, b := range builtin {
				fmt.Fprintf(s.out, "%-10s built in\n", b.Flavor())
			}
			return nil
		},
	})
	return cmd
}
