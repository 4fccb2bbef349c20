// Package local runs pipelines on one machine and emits the Go program that does the same.
package local

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/templates"
)

//go:embed runtime/*.go
var runtimeSource embed.FS

type backend struct{}

// New returns the local flavor.
func New() backends.Backend { return backend{} }

func (backend) Flavor() string { return "local" }

// optionSpecs: python is the interpreter of the python steps, unless the command line of a run names one.
var optionSpecs = []backends.OptionSpec{{Key: "python", Kind: ir.StringValue}}

func (backend) Check(p *ir.Pipeline, o backends.Options) diag.List {
	var diags diag.List
	backends.CheckOptions("local", o, optionSpecs, &diags)
	checkPipeline(p, &diags)
	for _, f := range p.Code {
		if reason := notEmbeddable(f.Path); reason != "" {
			diags.Errorf(diag.Pos(p.Pos.Name), diag.EngineCannot, "local: the Go program cannot embed %q: %s", f.Path, reason).
				WithHelp("rename the file; zenc run does not have this limit")
		}
	}
	return diags
}

// checkPipeline refuses what can neither be run here nor by the program.
func checkPipeline(p *ir.Pipeline, diags *diag.List) {
	backends.Target{Flavor: "local", Name: "a pipeline", Member: "option"}.CheckFields(ir.For(p.Options, "local"), diags)
	for _, s := range p.Steps {
		checkOptions(s, diags)
		checkKind(s, diags)
	}
}

// fresh is the option of a python step that asks for an interpreter of its own.
const fresh = "fresh"

func isFresh(s *ir.Step) bool {
	f := ir.Lookup(ir.For(s.Options, "local"), fresh)
	return f != nil && f.Value.Text == "true"
}

func checkOptions(s *ir.Step, diags *diag.List) {
	fields := ir.For(s.Options, "local")
	if s.Kind != ir.Python {
		backends.Target{Flavor: "local", Name: "a step that is not python", Member: "option"}.CheckFields(fields, diags)
		return
	}
	backends.Target{Flavor: "local", Name: "a python step", Member: "option", Legal: []string{fresh}}.CheckFields(fields, diags)
	if f := ir.Lookup(fields, fresh); f != nil && f.Value.Kind != ir.BoolValue {
		diags.Errorf(diag.Pos(f.Pos), diag.UnknownOption, "local: the option %q must be a bool, not a %s", fresh, f.Value.Kind).WithHelp("write true or false")
	}
}

// checkKind refuses what has no meaning on one machine.
func checkKind(s *ir.Step, diags *diag.List) {
	if s.Kind == ir.Operator {
		diags.Errorf(diag.Pos(s.Body), diag.EngineCannot, "local: an operator is Airflow's own").WithHelp("use python:, run: or command:")
	}
}

// CheckRun reports what `zenc run` cannot do. What only the program cannot is not among it.
func CheckRun(p *ir.Pipeline) diag.List {
	var diags diag.List
	checkPipeline(p, &diags)
	return diags
}

// notEmbeddable says why go:embed refuses a path. https://pkg.go.dev/embed
func notEmbeddable(name string) string {
	switch {
	case path.Base(name) == "go.mod":
		return "a go.mod begins another module"
	case strings.ContainsAny(name, "\"'*<>?`|\\:") || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return "its name has a character that Go's embed refuses"
	case strings.HasSuffix(name, "."):
		return "its name ends in a point"
	}
	return ""
}

func (backend) Emit(p *ir.Pipeline, o backends.Options) ([]backends.File, error) {
	main, err := program(p, o)
	if err != nil {
		return nil, err
	}
	dir := p.Name + "/"
	files := []backends.File{
		{Path: dir + "go.mod", Data: goMod(p, o), Mode: 0o644, Marker: true},
		{Path: dir + "main.go", Data: main, Mode: 0o644},
	}
	if hasPython(p) {
		files = append(files, backends.File{Path: dir + "step.py", Data: templates.StepRunner, Mode: 0o644},
			backends.File{Path: dir + "forkserver.py", Data: templates.ForkServer, Mode: 0o644})
	}
	if isLarge(p) {
		text, err := stepLines(p)
		if err != nil {
			return nil, err
		}
		files = append(files, backends.File{Path: dir + "steps.json", Data: text, Mode: 0o644})
	}
	files = append(files, backends.CodeFiles(p, p.Name+"/code")...)
	entries, err := runtimeSource.ReadDir("runtime")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := runtimeSource.ReadFile("runtime/" + e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, backends.File{Path: dir + "runtime/" + e.Name(), Data: text, Mode: 0o644})
	}
	return files, nil
}

// modulePath has a point in its first element, so that it is never taken for a package of Go itself.
func modulePath(p *ir.Pipeline) string { return "zenc.local/" + p.Name }

func goMod(p *ir.Pipeline, o backends.Options) []byte {
	return fmt.Appendf(nil, "// %s\n\nmodule %s\n\ngo 1.24\n", goHeader(o), modulePath(p))
}

// goHeader is the line that Go's own tools take for that of a generated file. https://go.dev/s/generatedcode
func goHeader(o backends.Options) string {
	return "Code generated by zenc from " + strings.Map(printable, o.Origin()) + ". DO NOT EDIT."
}

func printable(r rune) rune {
	if r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
		return ' '
	}
	return r
}

func (backend) Next(p *ir.Pipeline, _ backends.Options, dir string) string {
	return "cd " + path.Join(dir, p.Name) + " && go run ."
}

// isLarge reports a pipeline whose steps are data beside the program: Go's compiler takes minutes for so large a literal.
func isLarge(p *ir.Pipeline) bool { return len(p.Steps) > 500 }

// stepLines is a JSON list with one step a line.
func stepLines(p *ir.Pipeline) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, s := range p.Steps {
		b.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
		if err := enc.Encode(step(s)); err != nil {
			return nil, err
		}
	}
	b.WriteString("]\n")
	return b.Bytes(), nil
}

func hasPython(p *ir.Pipeline) bool {
	for _, s := range p.Steps {
		if s.Kind == ir.Python {
			return true
		}
	}
	return false
}
