package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/zenc-dev/zenc/compiler/diag"
)

type initFlags struct {
	name     string
	template string
	yes      bool
}

func (f *initFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "name", "", "name of the pipeline (default: the folder's, made legal)")
	fs.StringVar(&f.template, "template", "", "what to begin with: "+strings.Join(scaffolds, ", ")+" (default: "+scaffolds[0]+")")
	fs.BoolVar(&f.yes, "yes", false, "ask nothing")
}

func newInit(s streams) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Begin a pipeline: a spec, its code, its tests and a zenc.yaml",
		Long:  "Begin a pipeline in DIR, or here: a spec, its code, its tests and a zenc.yaml, which work as they are.\nNo file that is there is overwritten.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return initProject(s, f, append(args, ".")[0])
		},
	}
	f.bind(cmd.Flags())
	return cmd
}

func initProject(s streams, f initFlags, dir string) error {
	if err := f.complete(s, dir); err != nil {
		return err
	}
	files, err := scaffoldFiles(f.template, f.name)
	if err != nil {
		return &exitError{exitInternal, err}
	}
	there, err := existing(dir, files)
	if err != nil {
		return &exitError{exitFindings, err}
	}
	if len(there) > 0 {
		return &exitError{exitFindings, fmt.Errorf("%s has these files already, so that nothing is written: %s", dir, strings.Join(there, ", "))}
	}
	if err := writeNew(dir, files); err != nil {
		return &exitError{exitFindings, err}
	}
	fmt.Fprintf(s.out, "the pipeline %s, in %s:\n", f.name, dir)
	for _, file := range files {
		fmt.Fprintf(s.out, "  %s\n", file.Path)
	}
	fmt.Fprintln(s.out, "next:")
	if filepath.Clean(dir) != "." {
		fmt.Fprintf(s.out, "  cd %s\n", shellWord(dir))
	}
	fmt.Fprintf(s.out, "  zenc run pipeline.yaml\n  zenc test\n  zenc build pipeline.yaml --stack prod\n"+
		"  AIRFLOW__CORE__DAGS_FOLDER=\"$PWD/dags\" airflow dags test %s\n", f.name)
	return nil
}

// complete finds out name and template: from the flags, on a terminal from who sits there, and else from the folder.
func (f *initFlags) complete(s streams, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	asked := bufio.NewReader(s.in)
	asks := !f.yes && isTerminalInput(s.in)
	for _, q := range []struct {
		value           *string
		question, usual string
		check           func(string) error
	}{
		{&f.name, "Name of the pipeline", nameFor(filepath.Base(abs)), checkName},
		{&f.template, "Template: " + strings.Join(scaffolds, ", "), scaffolds[0], checkTemplate},
	} {
		if *q.value != "" {
			if err := q.check(*q.value); err != nil {
				return usagef("%v", err)
			}
			continue
		}
		*q.value = q.usual
		if !asks {
			continue
		}
		if *q.value, err = ask(s.out, asked, q.question, q.usual, q.check); err != nil {
			return &exitError{exitFindings, errors.New("no answer; nothing is written")}
		}
	}
	return nil
}

func checkTemplate(name string) error {
	if slices.Contains(scaffolds, name) {
		return nil
	}
	if c := diag.Closest(name, scaffolds); c != "" {
		return fmt.Errorf("there is no template %q; did you mean %q?", name, c)
	}
	return fmt.Errorf("there is no template %q; one of: %s", name, strings.Join(scaffolds, ", "))
}

// ask asks until the answer is good. No answer is the usual one.
func ask(out io.Writer, in *bufio.Reader, question, usual string, check func(string) error) (string, error) {
	for {
		fmt.Fprintf(out, "%s [%s]: ", question, usual)
		line, err := in.ReadString('\n')
		if err != nil {
			fmt.Fprintln(out)
			return "", err
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			return usual, nil
		}
		if err := check(answer); err == nil {
			return answer, nil
		} else {
			fmt.Fprintln(out, err)
		}
	}
}

// isTerminalInput reports whether somebody can answer.
func isTerminalInput(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

// shellWord is a path as a shell reads it.
func shellWord(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if plainWord.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
