package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// findingsFormat prints findings for programs. The zero findingsFormat prints none: they are printed as text.
type findingsFormat struct {
	write func(w io.Writer, all []diag.Report) error
	to    io.Writer
}

// formats are those of --format beside text.
var formats = map[string]func(io.Writer, []diag.Report) error{
	"json": diag.WriteJSON,
	"github": func(w io.Writer, all []diag.Report) error {
		diag.WriteGitHub(w, all)
		return nil
	},
}

var formatNames = []string{"github", "json", "text"}

func bindFormat(fs *pflag.FlagSet, format *string) {
	fs.StringVar(format, "format", "text", "how findings are printed: text, json, or github for annotations of a pull request")
}

// withFormat returns streams to which findings are printed in a format; those for programs go to w.
func (s streams) withFormat(name string, w io.Writer) (streams, error) {
	write := formats[name]
	if write == nil && name != "text" {
		return s, usagef("--format cannot be %q; one of: %s", name, strings.Join(formatNames, ", "))
	}
	s.findings = findingsFormat{write, w}
	return s, nil
}

// report prints the findings of some files and ends the command if they have errors.
func (f findingsFormat) report(all []findings) error {
	reports := make([]diag.Report, len(all))
	wrong := false
	for i, one := range all {
		reports[i] = diag.Report{Source: one.source, List: one.diags}
		wrong = wrong || one.diags.HasErrors()
	}
	if err := f.write(f.to, reports); err != nil {
		return &exitError{exitFindings, err}
	}
	if wrong {
		return failed(exitFindings)
	}
	return nil
}

// maxFixes bounds how often fixes bring about others.
const maxFixes = 20

// fixAll applies the safe fixes of all specs until there are none, says how many there were, and returns what is left.
func (f *checkFlags) fixAll(s streams, c *chosen, specs []string) (*chosen, error) {
	fixed := map[string]int{}
	for range maxFixes {
		again := false
		for _, l := range c.specs {
			text, n := diag.ApplyFixes(string(l.source.Data), l.diags)
			if n == 0 {
				continue
			}
			if err := replaceFile(l.path, []byte(text)); err != nil {
				return nil, &exitError{exitFindings, err}
			}
			fixed[l.path] += n
			again = true
		}
		if !again {
			break
		}
		var err error
		if c, err = f.choose(specs); err != nil {
			return nil, err
		}
	}
	for _, l := range c.specs {
		if n := fixed[l.path]; n > 0 && s.findings.write == nil {
			fmt.Fprintf(s.out, "%s: fixed %s\n", l.path, count(n, "finding"))
		}
	}
	return c, nil
}
