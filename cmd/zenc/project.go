package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// projectFile is the name of the optional file that holds stacks; it is looked for from the spec's folder upwards.
const projectFile = "zenc.yaml"

// project is what a zenc.yaml says. Without one, file is "" and dir is the spec's folder.
type project struct {
	file   string
	dir    string
	code   string // root of the Python imports, relative to dir; "": the spec's folder
	stacks []stack
	byName map[string]*stack
	first  string // the stack named by default
	// flavors are the custom ones, in the order of the file.
	flavors []projectFlavor
}

// projectFlavor is one entry of flavors.
type projectFlavor struct {
	Name string
	Path string // as it is written
	Pos  diag.Pos
	File string // the zenc.yaml that has it; a relative Path is relative to its folder
}

// stack is one entry of stacks.
type stack struct {
	name    string
	flavor  string
	output  string // folder, relative to the project
	options []ir.Field
}

func findProject(dir string) (*project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for at := abs; ; at = filepath.Dir(at) {
		data, err := os.ReadFile(filepath.Join(at, projectFile))
		if err == nil {
			return readProject(filepath.Join(at, projectFile), at, data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("%s: %s", filepath.Join(at, projectFile), plainError(err))
		}
		if at == filepath.Dir(at) {
			return &project{dir: abs}, nil
		}
	}
}

// relative is a path as generated files name it: relative to the project, or the file's name without a project.
func (p *project) relative(path string) string {
	abs, err := filepath.Abs(path)
	if err == nil {
		if rel, err := filepath.Rel(p.dir, abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}

func (p *project) stackNames() []string {
	names := make([]string, len(p.stacks))
	for i, s := range p.stacks {
		names[i] = s.name
	}
	return names
}

// projectDoc is the YAML form of zenc.yaml.
type projectDoc struct {
	Code    string    `yaml:"code"`
	Default string    `yaml:"default"`
	Stacks  yaml.Node `yaml:"stacks"`
	Flavors yaml.Node `yaml:"flavors"`
}

type stackDoc struct {
	Flavor  string    `yaml:"flavor"`
	Output  string    `yaml:"output"`
	Python  string    `yaml:"python"`
	Options yaml.Node `yaml:"options"`
}

func readProject(file, dir string, data []byte) (*project, error) {
	bad := func(err error) error { return usagef("%s: %v", file, err) }
	doc := projectDoc{}
	if err := strict(data, &doc); err != nil {
		return nil, bad(err)
	}
	p := &project{file: file, dir: dir, code: doc.Code, first: doc.Default, byName: map[string]*stack{}}
	if p.code != "" && !filepath.IsLocal(p.code) && p.code != "." {
		return nil, usagef("%s: code: %q is not below the project", file, p.code)
	}
	var err error
	if p.flavors, err = readFlavors(file, &doc.Flavors); err != nil {
		return nil, err
	}
	if k := doc.Stacks.Kind; k != 0 && k != yaml.MappingNode && doc.Stacks.Tag != "!!null" {
		return nil, usagef("%s: stacks must be a mapping: {name: {flavor: …}}", file)
	}
	for i := 0; i+1 < len(doc.Stacks.Content); i += 2 {
		name := doc.Stacks.Content[i].Value
		s, err := readStack(name, doc.Stacks.Content[i+1])
		if err != nil {
			return nil, usagef("%s: stack %q: %v", file, name, err)
		}
		p.stacks = append(p.stacks, s)
	}
	for i := range p.stacks {
		p.byName[p.stacks[i].name] = &p.stacks[i]
	}
	if p.first != "" && p.byName[p.first] == nil {
		return nil, usagef("%s: default: there is no stack %q", file, p.first)
	}
	return p, nil
}

// readFlavors reads the mapping of custom flavors to their programs.
func readFlavors(file string, n *yaml.Node) ([]projectFlavor, error) {
	if n.Kind != 0 && n.Kind != yaml.MappingNode && n.Tag != "!!null" {
		return nil, usagef("%s:%d: flavors must be a mapping: {name: ./program}", file, n.Line)
	}
	var out []projectFlavor
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			return nil, usagef("%s:%d: flavor %q: want the path of a program", file, value.Line, key.Value)
		}
		out = append(out, projectFlavor{Name: key.Value, Path: value.Value, Pos: diag.Pos{Line: key.Line, Col: key.Column}, File: file})
	}
	return out, nil
}

func readStack(name string, n *yaml.Node) (stack, error) {
	text, err := yaml.Marshal(n)
	if err != nil {
		return stack{}, err
	}
	var doc stackDoc
	if err := strict(text, &doc); err != nil {
		return stack{}, err
	}
	s := stack{name: name, flavor: doc.Flavor, output: doc.Output}
	switch {
	case doc.Flavor == "":
		return s, errors.New("it has no flavor")
	case doc.Output != "" && !filepath.IsLocal(doc.Output):
		return s, errors.New("output: " + doc.Output + " is not below the project")
	}
	if s.options, err = optionFields(&doc.Options); err != nil {
		return s, err
	}
	if doc.Python != "" {
		s.options = append(s.options, ir.Field{Key: "python", Value: ir.Value{Kind: ir.StringValue, Text: doc.Python}})
	}
	return s, nil
}

// optionFields reads a mapping of options with the words of the language: 012 is refused there too.
func optionFields(n *yaml.Node) ([]ir.Field, error) {
	if n.Kind == 0 {
		return nil, nil
	}
	text, err := yaml.Marshal(n)
	if err != nil {
		return nil, err
	}
	var diags diag.List
	v := spec.ParseValue(text, &diags)
	if v != nil {
		if c := constant(v, &diags); c != nil && c.Kind == ir.MapValue {
			return c.Map, nil
		}
	}
	for _, d := range diags.Sorted() {
		return nil, errors.New("options: " + d.Message)
	}
	return nil, errors.New("options must be a mapping")
}

// merge overrides fields by those of other.
func merge(fields, other []ir.Field) []ir.Field {
	out := slices.Clone(fields)
	for _, f := range other {
		if at := ir.Lookup(out, f.Key); at != nil {
			*at = f
		} else {
			out = append(out, f)
		}
	}
	return out
}

// python is the interpreter that a stack, or the default one, names for this machine; "" if none does.
func (p *project) python(name string) string {
	if name == "" {
		name = p.first
	}
	s := p.byName[name]
	if s == nil || s.flavor != "local" {
		return ""
	}
	if f := ir.Lookup(s.options, "python"); f != nil {
		return f.Value.Text
	}
	return ""
}
