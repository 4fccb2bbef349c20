package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/templates"
)

type runFlags struct {
	params []string
	format string
	python string
	dir    string
	stack  string
	resume string
	from   []string
	only   []string
	of     string
	jobs   int
	grace  time.Duration
	dry    bool
}

func (f *runFlags) bind(fs *pflag.FlagSet) {
	fs.StringArrayVarP(&f.params, "param", "p", nil, "parameter of the run, name=value, or @FILE with such values in YAML (repeatable)")
	fs.StringVar(&f.format, "format", "text", "text, or json: one event a line; of a dry run one document")
	fs.StringVar(&f.python, "python", "", "interpreter of the python steps (default: the stack's, $VIRTUAL_ENV, .venv, python3)")
	fs.StringVar(&f.dir, "dir", ".", "folder in which .zenc/runs is made")
	fs.StringVar(&f.stack, "stack", "", "stack of zenc.yaml whose interpreter and params are used")
	fs.StringVar(&f.resume, "resume", "", "go on with the last run, or with the one whose id follows")
	fs.Lookup("resume").NoOptDefVal = runtime.Last
	fs.StringSliceVar(&f.from, "from", nil, "run this step and all that comes behind it, with the outputs of an earlier run (repeatable)")
	fs.StringSliceVar(&f.only, "only", nil, "run this step alone, with the outputs of an earlier run (repeatable)")
	fs.StringVar(&f.of, "of", "", "id of that earlier run (default: the last one)")
	fs.DurationVar(&f.grace, "grace", 5*time.Second, "time from SIGTERM to SIGKILL of a step that is to end")
	fs.BoolVar(&f.dry, "dry-run", false, "tell what would run, with the values that are known, and run nothing")
	fs.IntVar(&f.jobs, "jobs", 0, "steps at once (default: max_parallel of the pipeline, or four for each CPU)")
}

func newRun(s streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SPEC",
		Short: "Run a pipeline on this machine",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 && f.resume == runtime.Last {
				f.resume = args[1]
				return nil
			}
			return cobra.ExactArgs(1)(nil, args)
		},
		RunE: func(_ *cobra.Command, args []string) error { return runSpec(s, f, args[0]) },
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
	if f.stack != "" {
		if _, err := findStack(l.project, f.stack); err != nil {
			return err
		}
	}
	stack := localStack(l.project, f.stack)
	if f.stack != "" && stack == nil {
		fmt.Fprintf(s.err, "zenc: the stack %q is not for this machine: neither its params nor its python are used\n", f.stack)
	}
	if l.pipeline != nil {
		l.diags.Append(local.CheckRun(l.pipeline))
		l.useParams(stack)
	}
	if err := l.report(s); err != nil {
		return err
	}
	args := []string{"--format", f.format, "--dir", f.dir, "--grace", f.grace.String()}
	if python := stack.Python(); f.python == "" && python != "" {
		f.python = python
	}
	if f.python != "" {
		args = append(args, "--python", f.python)
	}
	params, err := f.paramArgs(l.pipeline)
	if err != nil {
		return err
	}
	args = append(append(args, params...), f.startArgs()...)
	if code := runtime.Main(local.Pipeline(l.pipeline), local.Code(l.pipeline), templates.StepRunner, args, s.out, s.err); code != exitOK {
		return failed(code)
	}
	return nil
}

// startArgs are the flags of the runtime that say where the run begins.
func (f *runFlags) startArgs() []string {
	var args []string
	if f.resume != "" {
		args = append(args, "--resume="+f.resume)
	}
	for _, step := range f.from {
		args = append(args, "--from", step)
	}
	for _, step := range f.only {
		args = append(args, "--only", step)
	}
	if f.of != "" {
		args = append(args, "--of", f.of)
	}
	if f.dry {
		args = append(args, "--dry-run")
	}
	if f.jobs > 0 {
		args = append(args, "--jobs", strconv.Itoa(f.jobs))
	}
	return args
}

// paramArgs are the flags of the runtime with the parameters, those of files among them.
func (f *runFlags) paramArgs(p *ir.Pipeline) ([]string, error) {
	var args []string
	for _, param := range f.params {
		path, isFile := strings.CutPrefix(param, "@")
		if !isFile {
			args = append(args, "--param", param)
			continue
		}
		texts, err := paramFile(path, p)
		if err != nil {
			return nil, usagef("%v", err)
		}
		for _, text := range texts {
			args = append(args, "--param", text)
		}
	}
	return args, nil
}

// paramFile returns the parameters of a YAML file as name=value, in its order. Scalars are taken as they are written, and read by
// the type of the parameter like those of a command line.
func paramFile(path string, p *ir.Pipeline) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want a mapping with a value for each parameter", path)
	}
	var out []string
	for i := 0; i+1 < len(doc.Content[0].Content); i += 2 {
		key, value := doc.Content[0].Content[i], doc.Content[0].Content[i+1]
		text := value.Value
		isJSON := slices.ContainsFunc(p.Params, func(param *ir.Param) bool { return param.Name == key.Value && param.Type == ir.JSON })
		if value.Kind != yaml.ScalarNode || isJSON {
			var decoded any
			if err := value.Decode(&decoded); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, value.Line, err)
			}
			encoded, err := json.Marshal(decoded)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", path, value.Line, key.Value, err)
			}
			text = string(encoded)
		}
		out = append(out, key.Value+"="+text)
	}
	return out, nil
}
