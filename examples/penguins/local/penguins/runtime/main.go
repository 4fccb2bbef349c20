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
func Main(p *Pipeline, code Code, stepRunner []byte, args []string, stdout, stderr io.Writer) int {
	o := Options{StepRunner: stepRunner, Params: map[string]string{}}
	format, dry, err := parseFlags(p, args, &o, stderr)
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
	if dry {
		preview, err := DryRun(p, code, o)
		if err == nil {
			err = preview.Write(stdout, format)
		}
		return ExitCode(&Result{Status: RunSucceeded}, err, stderr)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	kill := make(chan struct{})
	o.Kill = kill
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ended := make(chan struct{})
	defer close(ended)
	go func() { // the first signal cancels the run, the second ends it at once
		for _, act := range []func(){cancel, func() { close(kill) }} {
			select {
			case <-signals:
				act()
			case <-ended:
				return
			}
		}
	}()
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
	var start *StartError
	switch {
	case errors.As(err, &params):
		for _, problem := range params.Problems {
			fmt.Fprintln(stderr, "error:", problem)
		}
		return exitUsage
	case errors.As(err, &start):
		fmt.Fprintln(stderr, "error:", err)
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

// parseFlags reads the command line into o and returns the format of the output, and whether nothing is to run.
func parseFlags(p *Pipeline, args []string, o *Options, stderr io.Writer) (format string, dry bool, err error) {
	flags := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	param := func(text string) error {
		if file, isFile := strings.CutPrefix(text, "@"); isFile {
			return readParamFile(file, p.Params, o.Params)
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return fmt.Errorf("want name=value, got %q", text)
		}
		o.Params[name] = value
		return nil
	}
	flags.Func("p", "`name=value` of a parameter, or @file with such values in JSON; may be repeated", param)
	flags.Func("param", "the same as -p", param)
	flags.StringVar(&format, "format", "text", "how the run is told: `text or json`")
	flags.StringVar(&o.Python, "python", "", "`interpreter` of the python steps")
	flags.StringVar(&o.Dir, "dir", ".", "`folder` where .zenc/runs is made")
	flags.DurationVar(&o.Grace, "grace", defaultGrace, "`time` from SIGTERM to SIGKILL of a step that is to end")
	flags.IntVar(&o.Jobs, "jobs", 0, "`steps` at once (default: max_parallel of the pipeline, or four for each CPU)")
	flags.Var((*resume)(&o.Resume), "resume", "go on with the last run, or with the `run` whose id follows")
	list := func(names *[]string) func(string) error {
		return func(text string) error {
			*names = append(*names, strings.Split(text, ",")...)
			return nil
		}
	}
	flags.Func("from", "run this `step` and all that comes behind it, with the outputs of an earlier run; may be repeated", list(&o.From))
	flags.Func("only", "run this `step` alone, with the outputs of an earlier run; may be repeated", list(&o.Only))
	flags.BoolVar(&dry, "dry-run", false, "tell what would run, with the values that are known, and run nothing")
	flags.StringVar(&o.Of, "of", "", "the earlier `run` of --from and --only (default: the last one)")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: %s [flags]\n\n", p.Name)
		flags.PrintDefaults()
		printParams(stderr, p.Params)
	}
	if err := flags.Parse(args); err != nil {
		return "", false, err
	}
	if flags.NArg() == 1 && o.Resume == Last {
		o.Resume = flags.Arg(0)
	} else if flags.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q: a parameter is given with -p name=value", flags.Arg(0))
		fmt.Fprintln(stderr, "error:", err)
		return "", false, err
	}
	return format, dry, nil
}

// resume is the value of a flag that may stand alone.
type resume string

func (r *resume) String() string   { return string(*r) }
func (r *resume) IsBoolFlag() bool { return true }

// Set is told "true" where the flag stands alone.
func (r *resume) Set(id string) error {
	if *r = resume(id); id == "true" {
		*r = Last
	}
	return nil
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
