package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/signature"
)

// readTime is how long Python may take to read the functions. It takes some hundredths of a second; on a machine that is very busy
// a build must not fail for it.
const readTime = 30 * time.Second

// checkFunctions holds the python steps against the functions that they call, as far as a Python can be had that reads them.
func (l *loaded) checkFunctions(codeDir string) {
	if l.pipeline == nil {
		return
	}
	request := signature.NewRequest(l.pipeline)
	if request == nil {
		return
	}
	answer, err := readFunctions(l.readers(), request)
	if err != nil {
		l.diags.Notef(diag.Pos{}, diag.NotChecked, "the functions of the python steps were not read: %v", err).
			WithHelp("put python3 (3.8 or later) on the PATH; zenc reads the functions and does not run them")
		return
	}
	l.diags.Append(signature.Check(l.pipeline, signature.Source{Data: l.source.Data, Code: seenFromHere(codeDir)}, request, answer))
}

// readers are the interpreters that may read functions, best first: that of the default stack, which the steps of this machine run
// with, and the one on the PATH.
func (l *loaded) readers() []string {
	if python := l.project.python(""); python != "" {
		return []string{python, "python3"}
	}
	return []string{"python3"}
}

// readFunctions asks the first interpreter that is there. It is isolated from the environment and from the packages that are
// installed for it, since it needs none of them.
func readFunctions(interpreters []string, request *signature.Request) (*signature.Answer, error) {
	input, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	for _, name := range interpreters {
		python, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), readTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, "-I", "-S", "-W", "ignore", "-c", signature.Reader)
		cmd.Stdin = bytes.NewReader(input)
		output, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %s", name, reasonOf(ctx, err))
		}
		answer := &signature.Answer{}
		if err := json.Unmarshal(output, answer); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return answer, nil
	}
	return nil, errors.New("there is no python3 on the PATH")
}

// reasonOf is why an interpreter did not answer: what it said last, or else how it ended.
func reasonOf(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return fmt.Sprintf("no answer within %v", readTime)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return last
		}
	}
	return err.Error()
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
