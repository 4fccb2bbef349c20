package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/templates"
)

type runFlags struct {
	params []string
	format string
	python string
	dir    string
	stack  string
}

func (f *runFlags) bind(fs *pflag.FlagSet) {
	fs.StringArrayVarP(&f.params, "param", "p", nil, "parameter of the run, name=value (repeatable)")
	fs.StringVar(&f.format, "format", "text", "text, or json: one event a line")
	fs.StringVar(&f.python, "python", "", "interpreter of the python steps (default: the stack's, $VIRTUAL_ENV, .venv, python3)")
	fs.StringVar(&f.dir, "dir", ".", "folder in which .zenc/runs is made")
	fs.StringVar(&f.stack, "stack", "", "stack of zenc.yaml whose interpreter is used")
}

func newRun(s streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SPEC",
		Short: "Run a pipeline on this machine",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return runSpec(s, f, args[0]) },
	}
	f.bind(cmd.Flags())
	return cmd
}

// runSpec compiles the spec and hands it to the command line of the runtime, the one that generated programs have.
func runSpec(s streams, f runFlags, path string) error {
	l, err := load(path)
	if err != nil {
		return err
	}
	if f.stack != "" && l.project.byName[f.stack] == nil {
		return noStack(l.project, f.stack)
	}
	if l.pipeline != nil {
		l.diags.Append(local.CheckRun(l.pipeline))
	}
	if err := l.report(s); err != nil {
		return err
	}
	args := []string{"--format", f.format, "--dir", f.dir}
	if python := l.project.python(f.stack); f.python == "" && python != "" {
		f.python = python
	}
	if f.python != "" {
		args = append(args, "--python", f.python)
	}
	for _, p := range f.params {
		args = append(args, "--param", p)
	}
	if code := runtime.Main(local.Pipeline(l.pipeline), local.Code(l.pipeline), templates.StepRunner, templates.ForkServer, args, s.out, s.err); code != exitOK {
		return failed(code)
	}
	return nil
}
