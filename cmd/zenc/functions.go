package main

import (
	"os"
	"path/filepath"

	"github.com/zenc-dev/zenc/compiler/signature"
	"github.com/zenc-dev/zenc/compiler/signature/reader"
)

// checkFunctions holds the python steps against the functions that they call. They are read by the interpreter of the default stack,
// which the steps have on this machine, or else by the one on the PATH.
func (l *loaded) checkFunctions(codeDir string) {
	if l.pipeline == nil {
		return
	}
	interpreters := []string{"python3"}
	if s := localStack(l.project, ""); s != nil && s.Python() != "" {
		interpreters = []string{s.Python(), "python3"}
	}
	l.diags.Append(reader.Check(l.pipeline, signature.Source{Data: l.source.Data, Code: seenFromHere(codeDir)}, interpreters))
}

// seenFromHere is a folder as one would name it in the working directory.
func seenFromHere(dir string) string {
	if here, err := os.Getwd(); err == nil && filepath.IsAbs(dir) {
		if rel, err := filepath.Rel(here, dir); err == nil {
			dir = rel
		}
	}
	return filepath.ToSlash(dir)
}
