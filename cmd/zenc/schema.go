package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/schema"
)

func newSchema(s streams) *cobra.Command {
	return &cobra.Command{
		Use:       "schema [spec|project|tests]",
		Short:     "Print the JSON Schema of specs, of zenc.yaml or of test files, for editors",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: schema.Names,
		RunE: func(_ *cobra.Command, args []string) error {
			name := append(args, schema.Names[0])[0]
			found := schema.ByName(name)
			if found == nil {
				if c := diag.Closest(name, schema.Names); c != "" {
					return usagef("there is no schema %q; did you mean %q?", name, c)
				}
				return usagef("there is no schema %q; one of: %s", name, strings.Join(schema.Names, ", "))
			}
			text, err := found.JSON()
			if err != nil {
				return &exitError{exitInternal, err}
			}
			_, err = s.out.Write(text)
			return err
		},
	}
}
