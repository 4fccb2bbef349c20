package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/conformance"
)

func newFlavorTest(s streams) *cobra.Command {
	var options []string
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Compile zenc's own test specs with a flavor and check what it answers",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			given, err := parseOptions(options)
			if err != nil {
				return err
			}
			return testFlavor(s, args[0], given)
		},
	}
	cmd.Flags().StringArrayVar(&options, "option", nil, "option of the flavor, key=value (repeatable)")
	return cmd
}

// flavorTest is one test of a flavor.
type flavorTest struct {
	open    func() (backends.Backend, error) // anew, so that nothing is remembered from one request to the next
	options []ir.Field
}

// testFlavor runs a flavor over all specs and prints a line for each. The program of a custom flavor is run in an empty folder: what
// it emits depends on the request alone.
func testFlavor(s streams, name string, options []ir.Field) error {
	p, err := findProject(".")
	if err != nil {
		return err
	}
	flavor, err := findFlavor(p, name)
	if err != nil {
		return err
	}
	empty, err := os.MkdirTemp("", "zenc-flavor-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(empty)
	test := flavorTest{options: options, open: func() (backends.Backend, error) { return flavor, nil }}
	if f, isExternal := flavor.(*external.Flavor); isExternal {
		d, err := f.Describe()
		if err != nil {
			return &exitError{exitFindings, fmt.Errorf("the flavor %q does not say what it is: %w", name, err)}
		}
		fmt.Fprintf(s.out, "%s is %s, version %s\n", name, d.Name, d.FlavorVersion)
		errs := &lockedWriter{to: os.Stderr}
		test.open = func() (backends.Backend, error) { return f.In(empty, errs) }
	}
	results, err := test.run()
	if err != nil {
		return err
	}
	problems := slices.Concat(sharedPaths(results), leftovers(empty))
	return printResults(s, name, results, problems)
}

// flavorResult is what a flavor made of one spec.
type flavorResult struct {
	spec     string
	files    []backends.File
	refused  []*diag.Diagnostic // errors, if there are some
	problems []string
}

// run compiles all specs, as many at once as there are processors.
func (t flavorTest) run() ([]flavorResult, error) {
	entries, err := fs.ReadDir(conformance.Specs, ".")
	if err != nil {
		return nil, err
	}
	var results []flavorResult
	for _, e := range entries {
		if _, err := fs.Stat(conformance.Specs, e.Name()+"/pipeline.yaml"); err == nil {
			results = append(results, flavorResult{spec: e.Name()})
		}
	}
	var all sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	errs := make([]error, len(results))
	for i := range results {
		places <- struct{}{}
		all.Go(func() {
			errs[i] = t.try(&results[i])
			<-places
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// try asks twice for one spec.
func (t flavorTest) try(r *flavorResult) error {
	text, err := fs.ReadFile(conformance.Specs, r.spec+"/pipeline.yaml")
	if err != nil {
		return err
	}
	folder, err := fs.Sub(conformance.Specs, r.spec)
	if err != nil {
		return err
	}
	pipeline, diags := compiler.Compile(compiler.Source{Data: text, Code: folder, Folder: folder})
	if pipeline == nil {
		return &exitError{exitInternal, fmt.Errorf("internal error: the spec %s has errors: %s; please report this", r.spec, diags.Sorted()[0].Message)}
	}
	options := backends.Options{Source: "pipeline.yaml", Fields: t.options}
	var first string
	for again := range 2 {
		flavor, err := t.open()
		if err != nil {
			return err
		}
		seen := r.ask(flavor, pipeline, options)
		if again == 0 {
			first = seen
			r.checkPlaces(diag.Lines(string(text)))
		} else if seen != first && len(r.problems) == 0 {
			r.problems = append(r.problems, "the same request has another answer the second time: "+difference(first, seen))
		}
	}
	return nil
}

// ask fills in what the flavor answers and returns all of it as one text.
func (r *flavorResult) ask(flavor backends.Backend, p *ir.Pipeline, o backends.Options) string {
	r.files, r.refused = nil, nil
	var seen bytes.Buffer
	diags := flavor.Check(p, o)
	for _, d := range diags.Sorted() {
		switch {
		case d.Code == diag.BadFlavor:
			r.problems = append(r.problems, d.Message)
		case d.Severity == diag.Error:
			r.refused = append(r.refused, d)
		}
		fmt.Fprintf(&seen, "%s %s %v %s %s\n", d.Severity, d.Code, d.Pos, d.Message, d.Help)
	}
	if len(r.problems) > 0 || len(r.refused) > 0 {
		return seen.String()
	}
	files, err := flavor.Emit(p, o)
	if err != nil {
		r.problems = append(r.problems, err.Error())
	}
	r.files = backends.Sorted(files)
	for _, f := range r.files {
		fmt.Fprintf(&seen, "%s %o %v\n%s\n", f.Path, f.Mode, f.Marker, f.Data)
	}
	fmt.Fprintln(&seen, flavor.Next(p, o, "dist"))
	return seen.String()
}

// checkPlaces finds refusals that do not say where in the spec.
func (r *flavorResult) checkPlaces(lines []string) {
	for _, d := range r.refused {
		switch {
		case !d.Pos.IsValid():
			r.problems = append(r.problems, fmt.Sprintf("it refuses the spec without a pos: %s", d.Message))
		case d.Pos.Line > len(lines) || d.Pos.Col > len([]rune(lines[d.Pos.Line-1]))+1:
			r.problems = append(r.problems, fmt.Sprintf("it refuses the spec at %d:%d, which is not in it: %s", d.Pos.Line, d.Pos.Col, d.Message))
		}
	}
}

// difference is the first line in which two answers differ.
func difference(a, b string) string {
	other := strings.Split(b, "\n")
	for i, line := range strings.Split(a, "\n") {
		if i >= len(other) || line != other[i] {
			return fmt.Sprintf("%.100q", line)
		}
	}
	return "it is longer"
}

// sharedPaths finds files that the build of one pipeline would overwrite with those of another one.
func sharedPaths(results []flavorResult) []string {
	type owner struct {
		spec string
		data []byte
	}
	var out []string
	owners := map[string]owner{}
	for _, r := range results {
		for _, f := range r.files {
			first, taken := owners[f.Path]
			switch {
			case !taken:
				owners[f.Path] = owner{r.spec, f.Data}
			case !bytes.Equal(first.data, f.Data):
				out = append(out, fmt.Sprintf("%s and %s both have the file %s, with other content; put the pipeline's name into its path",
					first.spec, r.spec, f.Path))
			}
		}
	}
	return out
}

// leftovers finds what a program has written by itself.
func leftovers(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, e := range entries {
		out = append(out, fmt.Sprintf("it wrote %s into its working directory; files belong into the answer", path.Base(e.Name())))
	}
	return out
}

func printResults(s streams, name string, results []flavorResult, problems []string) error {
	emitted, refused, failures := 0, 0, len(problems)
	for _, r := range results {
		switch {
		case len(r.problems) > 0:
			failures++
			fmt.Fprintf(s.out, "FAIL  %s\n", r.spec)
			for _, problem := range r.problems {
				fmt.Fprintf(s.out, "      %s\n", problem)
			}
		case len(r.refused) > 0:
			refused++
			fmt.Fprintf(s.out, "ok    %s: refused at %d:%d: %s\n", r.spec, r.refused[0].Pos.Line, r.refused[0].Pos.Col, r.refused[0].Message)
		default:
			emitted++
			fmt.Fprintf(s.out, "ok    %s: %s\n", r.spec, count(len(r.files), "file"))
		}
	}
	for _, problem := range problems {
		fmt.Fprintf(s.out, "FAIL  %s\n", problem)
	}
	if failures > 0 {
		fmt.Fprintf(s.out, "%s: %s of %s\n", name, count(failures, "failure"), count(len(results), "spec"))
		return failed(exitFindings)
	}
	fmt.Fprintf(s.out, "%s: %s, %d emitted, %d refused, each answer as it must be\n", name, count(len(results), "spec"), emitted, refused)
	return nil
}

// lockedWriter lets several programs be shown at once.
type lockedWriter struct {
	mutex sync.Mutex
	to    io.Writer
}

func (w *lockedWriter) Write(data []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(data)
}
