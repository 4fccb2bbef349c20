package casetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/zenc-dev/zenc/backends/local"
	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/cases"
)

// oneLine is the length of two values together up to which they are shown on one line, and not as a diff.
const oneLine = 100

// compare notes what is not as expected.
func (s *Suite) compare(c *cases.Case, result *runtime.Result, out *Result) {
	if got := string(result.Status); got != c.Expect.Status {
		message := "got " + got + ", want " + c.Expect.Status
		if result.Error != "" {
			message += ": " + result.Error
		}
		out.add("status", message)
	}
	steps := map[string]runtime.StepResult{}
	for _, r := range result.Steps {
		steps[r.Name] = r
	}
	expected := map[string]bool{} // failures that are expected, or given
	for _, in := range c.StandIns {
		expected[in.Step] = true
	}
	for _, x := range c.Expect.Steps {
		expected[x.Step] = x.State == string(runtime.Failed)
		s.compareStep(x, steps[x.Step], out)
	}
	for _, r := range result.Steps {
		if r.State == runtime.Failed && !expected[r.Name] {
			out.Failures = append(out.Failures, Failure{r.Name, r.Error, runtime.LogTail(r.Log)})
		}
	}
}

func (s *Suite) compareStep(x cases.ExpectedStep, got runtime.StepResult, out *Result) {
	where := "steps." + x.Step + "."
	if x.State != "" && x.State != string(got.State) {
		out.add(where+"state", because(fmt.Sprintf("got %s, want %s", got.State, x.State), got))
	}
	if x.Attempts != nil && *x.Attempts != int64(got.Attempts) {
		out.add(where+"attempts", fmt.Sprintf("got %d, want %d", got.Attempts, *x.Attempts))
	}
	if !strings.Contains(got.Error, x.Error) {
		out.add(where+"error", fmt.Sprintf("got %q, want %q in it", got.Error, x.Error))
	}
	for _, o := range x.Outputs {
		at := where + "outputs." + o.Name
		value, ok := got.Outputs[o.Name]
		if !ok {
			out.add(at, because("there is none, the step is "+string(got.State), got))
			continue
		}
		value, err := runtime.Loaded(value)
		if err != nil {
			out.add(at, err.Error())
			continue
		}
		s.compareOutput(at, o.Content, value, out)
	}
}

// because adds why a step has ended so.
func because(message string, r runtime.StepResult) string {
	if r.Error != "" {
		message += ": " + r.Error
	}
	return message
}

func (s *Suite) compareOutput(at string, want cases.Content, got any, out *Result) {
	items, isList := got.([]any)
	path, isPath := got.(string) // or a text
	switch {
	case want.Items != nil && isList && len(items) == len(want.Items):
		for i := range items {
			s.compareOutput(fmt.Sprintf("%s[%d]", at, i), want.Items[i], items[i], out)
		}
	case want.Items != nil && isList:
		out.add(at, fmt.Sprintf("got %d instances, want %d", len(items), len(want.Items)))
	case want.Text != nil && isPath:
		compareFile(at, []byte(*want.Text), path, out)
	case want.Path != "" && isPath:
		s.comparePath(at, s.path(want.Path), path, out)
	case want.Text != nil || want.Path != "":
		out.add(at, "got "+pretty(got)+", want a file or folder")
	default:
		wanted := local.Data(want.Value)
		if was, is := pretty(wanted), pretty(got); was != is {
			if text, ok := wanted.(string); ok && isPath && len(was)+len(is) > oneLine { // line by line
				was, is = text, path
			}
			out.add(at, difference(was, is))
		}
	}
}

// pretty is a value as indented JSON, which tells 1 from 1.0.
func pretty(v any) string {
	text, err := runtime.Literal{Any: v}.MarshalJSON()
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(text) <= oneLine {
		return string(text)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return string(text)
	}
	return b.String()
}

// difference tells two texts apart: on one line if they are short, else as a diff.
func difference(want, got string) string {
	if len(want)+len(got) <= oneLine && !strings.Contains(want+got, "\n") {
		return "got " + got + ", want " + want
	}
	text := string(diff.Diff("want", []byte(want), "got", []byte(got)))
	_, text, _ = strings.Cut(text, "\n") // the names, once more
	return "it differs:\n" + strings.TrimRight(text, "\n")
}

// comparePath compares a file or folder with one that is kept beside the test file.
func (s *Suite) comparePath(at, want, got string, out *Result) {
	wanted, err := tree(want)
	if err != nil {
		out.add(at, err.Error())
		return
	}
	there, err := tree(got)
	if err != nil {
		out.add(at, err.Error())
		return
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		path, ok := there[name]
		if !ok {
			out.add(at, "there is no "+strconv.Quote(name)+" in it")
			continue
		}
		content, err := os.ReadFile(wanted[name])
		if err != nil {
			out.add(at, err.Error())
			continue
		}
		compareFile(strings.TrimSuffix(at+"/"+name, "/."), content, path, out)
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if _, ok := wanted[name]; !ok {
			out.add(at, strconv.Quote(name)+" is in it, which is not expected")
		}
	}
}

// tree are the paths of the files in a folder by their names in it; of a file it is that.
func tree(root string) (map[string]string, error) {
	out := map[string]string{}
	return out, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = path
		return err
	})
}

func compareFile(at string, want []byte, path string, out *Result) {
	got, err := os.ReadFile(path)
	switch {
	case err != nil:
		out.add(at, err.Error())
	case bytes.Equal(got, want):
	case isText(got) && isText(want):
		out.add(at, difference(string(want), string(got)))
	default:
		out.add(at, fmt.Sprintf("its content is another one, of %d bytes; want %d bytes", len(got), len(want)))
	}
}

func isText(content []byte) bool { return utf8.Valid(content) && !bytes.Contains(content, []byte{0}) }
