package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/diagram"
)

func newGraph(s streams) *cobra.Command {
	var format, file string
	cmd := &cobra.Command{
		Use:   "graph SPEC",
		Short: "Draw a pipeline: its steps, groups and conditions, and what needs what",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return graph(s, format, file, args[0]) },
	}
	cmd.Flags().StringVar(&format, "format", diagram.Formats[0], "mermaid, dot (of Graphviz) or svg")
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write (default: print it)")
	return cmd
}

func graph(s streams, format, file, path string) error {
	if !slices.Contains(diagram.Formats, format) {
		return usagef("no format %q: use %s", format, strings.Join(diagram.Formats, ", "))
	}
	l, err := load(path)
	if err != nil {
		return err
	}
	if err := l.report(s); err != nil {
		return err
	}
	text, err := diagram.New(l.pipeline).Write(format)
	if err != nil {
		return &exitError{exitFindings, err}
	}
	if file == "" || file == "-" {
		_, err := io.WriteString(s.out, text)
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return &exitError{exitFindings, err}
	}
	fmt.Fprintln(s.out, file)
	return nil
}
