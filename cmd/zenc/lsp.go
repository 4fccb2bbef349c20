package main

import (
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/lsp"
)

// typingPause is the time without a change after which an editor's file is checked.
const typingPause = 150 * time.Millisecond

func newLSP(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Answer an editor: the language server for specs, on standard input and output",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := lsp.Serve(cmd.Context(), s.in, s.out, lsp.Options{Project: projectOf, Delay: typingPause, Log: s.err})
			if err != nil {
				return &exitError{exitFindings, err}
			}
			return nil
		},
	}
	cmd.Flags().Bool("stdio", true, "ignored: editors give it")
	_ = cmd.Flags().MarkHidden("stdio") // it is there
	return cmd
}

// projectOf is what a spec takes from its zenc.yaml; nothing if that cannot be read, which other commands say.
func projectOf(path string) lsp.Project {
	dir := filepath.Dir(path)
	p, err := findProject(dir)
	if err != nil {
		return lsp.Project{Code: dir}
	}
	out := lsp.Project{Code: dir, Defaults: p.Defaults(p.Relative(path))}
	if p.Code != "" {
		out.Code = filepath.Join(p.Dir, p.Code)
	}
	return out
}
