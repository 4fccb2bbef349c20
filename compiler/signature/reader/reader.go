// Package reader has a Python read the functions that a pipeline calls, and holds the pipeline against what it says. It is the
// process between the two halves of compiler/signature.
package reader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/signature"
)

// readTime is how long Python may take to read the functions. It takes some hundredths of a second; on a machine that is very busy
// a build must not fail for it.
const readTime = 30 * time.Second

// Check returns what is wrong between the python steps and their functions, read by the first of the interpreters (names or paths)
// that is there. If none is, that is a note. Nothing is started for a pipeline that calls no function of its own code.
func Check(p *ir.Pipeline, src signature.Source, interpreters []string) diag.List {
	request := signature.NewRequest(p)
	if request == nil {
		return diag.List{}
	}
	answer, err := read(interpreters, request)
	if err != nil {
		var diags diag.List
		diags.Notef(diag.Pos{}, diag.NotChecked, "the functions of the python steps are not checked: %v", err).
			WithHelp("put python3 (3.8 or later) on the PATH; zenc reads the functions and does not run them")
		return diags
	}
	return signature.Check(p, src, request, answer)
}

// read asks the first interpreter that is there. It is isolated from the environment and from the packages that are installed for it,
// since it needs none of them.
func read(interpreters []string, request *signature.Request) (*signature.Answer, error) {
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
			return nil, fmt.Errorf("%s: %s", name, reason(ctx, err))
		}
		answer := &signature.Answer{}
		if err := json.Unmarshal(output, answer); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return answer, nil
	}
	return nil, errors.New("there is no python3")
}

// reason is why an interpreter did not answer: what it said last, or else how it ended.
func reason(ctx context.Context, err error) string {
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
