package runtime

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The exit codes of Main.
const (
	exitOK        = 0
	exitFailed    = 1
	exitUsage     = 2
	exitInternal  = 3
	exitCancelled = 130
)

// Main is the command line of a program that is one pipeline; it returns the exit code: 0 the run succeeded, 1 it failed,
// 2 the command line or a parameter is wrong, 3 the run could not be made, 130 it was cancelled by SIGINT or SIGTERM. The two
// Python programs are those of [Options]; a pipeline without python steps needs neither.
func Main(p *Pipeline, code Code, stepRunner, forkServer []byte, args []string, stdout, stderr io.Writer) int {
	o := Options{StepRunner: stepRunner, ForkServer: forkServer, Params: map[string]string{}}
	format, err := parseFlags(p, args, &o, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if o.Sink, err = NewSink(format, stdout); err != nil {
		fmt.Fprintln(stderr, "error:", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	result, err := Run(ctx, p, code, o)
	return ExitCode(result, err, stderr)
}

// NewSink returns the sink of a format, text or json. A text on a terminal shows what is running.
func NewSink(format string, w io.Writer) (Sink, error) {
	switch format {
	case "text":
		if sink := newTerminalSink(w); sink != nil {
			return sink, nil
		}
		return NewTextSink(w), nil
	case "json":
		return NewJSONSink(w), nil
	}
	return nil, fmt.Errorf("no format %q: use text or json", format)
}

// ExitCode prints the error of a run, if there is one, and returns the exit code for what Run returned.
func ExitCode(result *Result, err error, stderr io.Writer) int {
	var params *ParamError
	switch {
	case errors.As(err, &params):
		for _, problem := range params.Problems {
			fmt.Fprintln(stderr, "error:", problem)
		}
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitCancelled
	case err != nil:
		fmt.Fprintln(stderr, "error:", err)
		return exitInternal
	case result.Status == RunCancelled:
		return exitCancelled
	case result.Status == RunFailed:
		return exitFailed
	}
	return exitOK
}

// parseFlags reads the command line into o and returns the format of the output.
func parseFlags(p *Pipeline, args []string, o *Options, stderr io.Writer) (format string, err error) {
	flags := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	param := func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("want name=value, got %q", text)
		}
		o.Params[name] = value
		return nil
	}
	flags.Func("p", "`name=value` of a parameter; may be repeated", param)
	flags.Func("param", "the same as -p", param)
	flags.StringVar(&format, "format", "text", "how the run is told: `text or json`")
	flags.StringVar(&o.Python, "python", "", "`interpreter` of the python steps")
	flags.StringVar(&o.Dir, "dir", ".", "`folder` where .zenc/runs is made")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: %s [flags]\n\n", p.Name)
		flags.PrintDefaults()
		printParams(stderr, p.Params)
	}
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	if flags.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q: a parameter is given with -p name=value", flags.Arg(0))
		fmt.Fprintln(stderr, "error:", err)
		return "", err
	}
	return format, nil
}

func printParams(w io.Writer, specs []ParamSpec) {
	if len(specs) == 0 {
		return
	}
	fmt.Fprint(w, "\nparameters:\n")
	for _, spec := range specs {
		fmt.Fprintf(w, "  %s (%s)", spec.Name, spec.Type)
		if spec.Required {
			fmt.Fprint(w, ", required")
		} else if text, err := textAs(normal(spec.Default), spec.Type); err == nil {
			fmt.Fprintf(w, ", default %s", text)
		}
		if spec.Description != "" {
			fmt.Fprintf(w, ": %s", spec.Description)
		}
		fmt.Fprintln(w)
	}
}
