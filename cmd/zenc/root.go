package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK        = 0
	exitFindings  = 1 // the spec, the check or the run failed
	exitUsage     = 2
	exitInternal  = 3
	exitCancelled = 130
)

// exitError ends the command with a code; what there is to say has been said if err is nil.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// usagef is a wrong use of the command line.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// failed ends the command with a code and no further word.
func failed(code int) error { return &exitError{code, nil} }

// streams are the command's standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// findings is how what is found is printed: text, which goes to err, or a format for programs.
	findings findingsFormat
}

// run is zenc as a function: it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "zenc: internal error: %v\nplease report this, with the spec if you can:\n%s", r, debug.Stack())
			code = exitInternal
		}
	}()
	root := newRoot(streams{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	err := root.Execute()
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case !errors.As(err, &e):
		e = &exitError{exitUsage, err} // cobra's own words on flags and arguments
	}
	var wrong *projectError
	if errors.As(e.err, &wrong) {
		wrong.report(streams{in: stdin, out: stdout, err: stderr})
	} else if e.err != nil {
		fmt.Fprintf(stderr, "zenc: %v\n", e.err)
	}
	return e.code
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "zenc",
		Short:         "One pipeline spec in, what an orchestrator deploys out",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(newBuild(s), newCheck(s), newExplain(s), newRun(s), newTest(s), newRuns(s), newLogs(s), newReport(s), newDiff(s), newIR(s), newFlavor(s), newLSP(s), newStack(s), newVersion(s))
	return root
}
