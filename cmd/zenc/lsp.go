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
			err := lsp.Serve(cmd.Context(), s.in, s.out, lsp.Options{Code: codeFolder, Delay: typingPause, Log: s.err})
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

// codeFolder is where the Python imports of a spec begin; its own folder if its zenc.yaml cannot be read, which other commands say.
func codeFolder(spec string) string {
	dir := filepath.Dir(spec)
	if p, err := findProject(dir); err == nil && p.code != "" {
		return filepath.Join(p.dir, p.code)
	}
	return dir
}
