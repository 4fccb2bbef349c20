package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends/local/casetest"
	"github.com/zenc-dev/zenc/backends/local/runtime"
)

type testFlags struct {
	run    string
	format string
	python string
	keep   bool
}

func (f *testFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.run, "run", "", "run only the cases whose name this regular expression matches")
	fs.StringVar(&f.format, "format", "text", "text, or json: one case a line")
	fs.StringVar(&f.python, "python", "", "interpreter of the python steps (default: as zenc run finds it)")
	fs.BoolVar(&f.keep, "keep", false, "keep the folders of the runs, and tell where they are")
}

func newTest(s streams) *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [FILE|FOLDER]...",
		Short: "Run the cases of test files, with stand-ins for some steps",
		Long: "Run the cases of test files. Without arguments these are all *.test.yaml below the current folder.\n" +
			"The exit code is 1 if a case fails, and 2 if a test file is wrong; then nothing runs.",
		RunE: func(_ *cobra.Command, args []string) error { return test(s, f, args) },
	}
	f.bind(cmd.Flags())
	return cmd
}

func test(s streams, f testFlags, args []string) error {
	if f.format != "text" && f.format != "json" {
		return usagef("no format %q: use text or json", f.format)
	}
	pattern, err := regexp.Compile(f.run)
	if err != nil {
		return usagef("--run: %v", err)
	}
	files, err := loadTests(s, args)
	if err != nil {
		return err
	}
	chosen := 0
	for _, file := range files {
		chosen += file.choose(pattern)
	}
	if chosen == 0 {
		return usagef("no case matches %q", f.run)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, file := range files {
		if err := file.findPython(ctx, s, f.python); err != nil {
			return usagef("%s: %v", file.source.Name, err)
		}
	}
	dir, err := os.MkdirTemp("", "zenc-test-")
	if err != nil {
		return &exitError{exitInternal, err}
	}
	if !f.keep {
		defer os.RemoveAll(dir)
	}
	r := &caseReport{streams: s, flags: f}
	r.print(runCases(ctx, files, dir))
	switch {
	case ctx.Err() != nil:
		return failed(exitCancelled)
	case r.failed > 0:
		return failed(exitFindings)
	}
	return nil
}

// caseRun is a case that runs, or will.
type caseRun struct {
	file, name, dir string
	done            chan *casetest.Result
}

// runCases starts the cases, some at a time, and returns them in order.
func runCases(ctx context.Context, files []*testFile, dir string) []*caseRun {
	var out []*caseRun
	slots := make(chan struct{}, goruntime.NumCPU())
	for _, file := range files {
		suite := casetest.New(file.spec.pipeline, file.folder(), file.python)
		for _, c := range file.cases {
			run := &caseRun{file.source.Name, c.Name, filepath.Join(dir, fmt.Sprintf("case-%d", len(out)+1)), make(chan *casetest.Result, 1)}
			out = append(out, run)
			go func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				run.done <- suite.Run(ctx, c, run.dir)
			}()
		}
	}
	return out
}

// caseReport tells what came of cases.
type caseReport struct {
	streams
	flags      testFlags
	ok, failed int
}

func (r *caseReport) print(runs []*caseRun) {
	file := ""
	for _, run := range runs {
		if run.file != file && r.flags.format == "text" {
			fmt.Fprintln(r.out, run.file)
		}
		file = run.file
		result := <-run.done
		if len(result.Problems) == 0 {
			r.ok++
		} else {
			r.failed++
		}
		if r.flags.format == "json" {
			r.json(run, result)
		} else {
			r.text(run, result)
		}
	}
	if r.flags.format == "text" {
		fmt.Fprintf(r.out, "%s: %d ok, %d failed\n", count(len(runs), "case"), r.ok, r.failed)
	}
}

func (r *caseReport) text(run *caseRun, result *casetest.Result) {
	line := func(format string, args ...any) {
		for _, text := range strings.Split(fmt.Sprintf(format, args...), "\n") {
			fmt.Fprintf(r.out, "        %s\n", runtime.Printable(text))
		}
	}
	verdict := "ok  "
	if len(result.Problems) > 0 {
		verdict = "FAIL"
	}
	fmt.Fprintf(r.out, "  %s  %s (%.1fs)\n", verdict, runtime.Printable(run.name), result.Duration.Seconds())
	if len(result.Problems) > 0 {
		for _, p := range result.Problems {
			line("%s: %s", p.Where, p.Message)
		}
		for _, f := range result.Failures {
			line("the step %s failed: %s", f.Step, f.Error)
			for _, text := range f.Log {
				line("  | %s", text)
			}
		}
	}
	if r.flags.keep {
		line("folder: %s", run.dir)
	}
}

// jsonCase is a case in the format json.
type jsonCase struct {
	File     string             `json:"file"`
	Case     string             `json:"case"`
	OK       bool               `json:"ok"`
	Seconds  float64            `json:"seconds"`
	Problems []casetest.Problem `json:"problems,omitempty"`
	Failures []casetest.Failure `json:"failures,omitempty"`
	Dir      string             `json:"dir,omitempty"`
}

func (r *caseReport) json(run *caseRun, result *casetest.Result) {
	c := jsonCase{run.file, run.name, len(result.Problems) == 0, result.Duration.Seconds(), result.Problems, result.Failures, ""}
	if r.flags.keep {
		c.Dir = run.dir
	}
	_ = jsonEncoder(r.out).Encode(c) // as for text, what nobody reads is lost
}
