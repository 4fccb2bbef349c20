package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends/local/report"
)

func newReport(s streams) *cobra.Command {
	var dir, file string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a page that shows a run; RUN is an id, the beginning of one, or last",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return writeReport(s, dir, file, args[0]) },
	}
	bindDir(cmd, &dir)
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write, or - for the output (default: report.html in the folder of the run)")
	return cmd
}

func writeReport(s streams, dir, file, run string) error {
	h, err := findRun(dir, run)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := report.Write(&page, h); err != nil {
		return &exitError{exitInternal, fmt.Errorf("internal error: %w; please report this", err)}
	}
	if file == "-" {
		_, err := page.WriteTo(s.out)
		return err
	}
	if file == "" {
		file = filepath.Join(h.Dir, "report.html")
	}
	if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
		return &exitError{exitFindings, err}
	}
	fmt.Fprintln(s.out, file)
	return nil
}
