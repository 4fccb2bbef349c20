package external

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Program is what zenc.yaml says of a flavor.
type Program struct {
	Name string // of the flavor
	Path string // as it is written there
	Base string // the folder that Path is relative to
	Dir  string // the working directory of the program: the project
}

// File is the program's file.
func (p Program) File() string {
	if filepath.IsAbs(p.Path) {
		return p.Path
	}
	return filepath.Join(p.Base, filepath.FromSlash(p.Path))
}

// Flavor is a program as a backend.
type Flavor struct {
	program Program
	process process

	mutex  sync.Mutex
	asked  []byte // the last request for files
	answer *Answer
	err    error
}

// New returns the flavor of a program. What the program prints to standard error goes to stderr, each line with the flavor's name.
func New(p Program, stderr io.Writer) (*Flavor, error) {
	timeout := DefaultTimeout
	if text := os.Getenv(TimeoutVariable); text != "" {
		var err error
		if timeout, err = time.ParseDuration(text); err != nil || timeout <= 0 {
			return nil, fmt.Errorf("%s: %q is not a time; write 90s or 2m", TimeoutVariable, text)
		}
	}
	file, err := filepath.Abs(p.File())
	if err != nil {
		return nil, err
	}
	return &Flavor{program: p, process: process{program: file, dir: p.Dir, timeout: timeout, stderr: stderr, name: p.Name, limit: maxOutput}}, nil
}

// In returns the flavor with another working directory and another place for its standard error, and without what it has answered.
func (f *Flavor) In(dir string, stderr io.Writer) (*Flavor, error) {
	p := f.program
	p.Dir = dir
	return New(p, stderr)
}

// Quiet returns the flavor without its standard error.
func (f *Flavor) Quiet() *Flavor {
	p := f.process
	p.stderr = io.Discard
	return &Flavor{program: f.program, process: p}
}

// CheckProgram reports why a path is not that of a program.
func CheckProgram(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file")
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a folder, not a program")
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case !isExecutable(info):
		return fmt.Errorf("it is not executable; chmod +x %s", filepath.Base(path))
	}
	return nil
}

// Flavor is the name that --flavor takes.
func (f *Flavor) Flavor() string { return f.program.Name }

// Describe asks the program what it is.
func (f *Flavor) Describe() (Description, error) {
	var d Description
	input, err := request(DescribeRequest{Version: Version, Request: describe})
	if err != nil {
		return d, err
	}
	output, err := f.run(input)
	if err == nil {
		err = decode(output, &d)
	}
	if err == nil && (d.Name == "" || d.FlavorVersion == "") {
		err = problemf(seeSchema, "its answer to describe has no name or no flavor_version")
	}
	d.Name, d.FlavorVersion = clean(d.Name), clean(d.FlavorVersion)
	return d, err
}

// Check asks the program and reports what it refuses. A program that fails, or that answers what it must not, is a finding as well.
func (f *Flavor) Check(p *ir.Pipeline, o backends.Options) diag.List {
	var diags diag.List
	answer, err := f.ask(p, o)
	if err == nil {
		diags, err = answer.findings()
	}
	if err == nil && !diags.HasErrors() {
		_, err = answer.toWrite()
	}
	if err != nil {
		diags = diag.List{}
		f.report(err, &diags)
	}
	return diags
}

func (f *Flavor) report(err error, diags *diag.List) {
	d := diags.Errorf(diag.Pos{}, diag.BadFlavor, "the flavor %q failed: %s", f.program.Name, err)
	var p *problem
	if errors.As(err, &p) && p.help != "" {
		d.WithHelp("%s; `zenc flavor test %s` checks the program, %s", p.help, f.program.Name, f.program.Path)
	}
}

// Emit returns the files of the answer that Check has asked for.
func (f *Flavor) Emit(p *ir.Pipeline, o backends.Options) ([]backends.File, error) {
	answer, err := f.ask(p, o)
	if err != nil {
		return nil, err
	}
	return answer.toWrite()
}

// Next is the command of the answer, "" if there is none.
func (f *Flavor) Next(p *ir.Pipeline, o backends.Options, dir string) string {
	answer, err := f.ask(p, o)
	if err != nil {
		return ""
	}
	return clean(strings.ReplaceAll(answer.Next, "{dir}", dir))
}

// ask returns the program's answer; the same request is not made twice in a row.
func (f *Flavor) ask(p *ir.Pipeline, o backends.Options) (*Answer, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	input, err := request(emitRequest(f.program.Name, p, o))
	if err != nil {
		return nil, err
	}
	if f.asked == nil || !bytes.Equal(f.asked, input) {
		f.asked = input
		f.answer, f.err = f.askAnew(input)
	}
	return f.answer, f.err
}

func (f *Flavor) askAnew(input []byte) (*Answer, error) {
	output, err := f.run(input)
	if err != nil {
		return nil, err
	}
	answer := &Answer{}
	if err := decode(output, answer); err != nil {
		return nil, err
	}
	return answer, nil
}

func (f *Flavor) run(input []byte) ([]byte, error) {
	if err := CheckProgram(f.process.program); err != nil {
		return nil, problemf("", "%s: %v", f.program.Path, err)
	}
	return f.process.run(input)
}
