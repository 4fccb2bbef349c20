package main

import (
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/project"
)

// projectError is a zenc.yaml with which nothing can be done. run shows its findings.
type projectError struct{ *project.Project }

func (e *projectError) Error() string {
	var b strings.Builder
	for _, f := range e.findings() {
		diag.Render(&b, f.source, f.diags, diag.Style{})
	}
	return b.String()
}

// report shows what is wrong.
func (e *projectError) report(s streams) { _ = reportAll(s, e.findings()...) }

func (e *projectError) findings() []findings { return projectFindings(e.Project) }

func projectFindings(p *project.Project) []findings {
	var out []findings
	for _, f := range p.Files {
		out = append(out, findings{f.Source, f.Diags})
	}
	return out
}

// findProject reads the zenc.yaml of a folder or above. One that is wrong is an error.
func findProject(dir string) (*project.Project, error) {
	p, err := project.Find(dir, project.Config{Version: zencVersion(), Flavors: builtinNames()})
	if err != nil {
		return nil, usagef("%v", err)
	}
	return p, wrongProject(p)
}

// wrongProject is an error if something is wrong with the project's files.
func wrongProject(p *project.Project) error {
	if p.HasErrors() {
		return &exitError{exitUsage, &projectError{p}}
	}
	return nil
}

func builtinNames() []string {
	names := make([]string, len(builtin))
	for i, b := range builtin {
		names[i] = b.Flavor()
	}
	return names
}

// findStack returns the stack of a name.
func findStack(p *project.Project, name string) (*project.Stack, error) {
	if s := p.Stack(name); s != nil {
		return s, nil
	}
	if p.File == "" {
		return nil, usagef("there is no stack %q: no %s here or above", name, project.FileName)
	}
	file := p.Files[0].Source.Name
	if c := diag.Closest(name, p.StackNames()); c != "" {
		return nil, usagef("%s has no stack %q; did you mean %q?", file, name, c)
	}
	if len(p.Stacks) == 0 {
		return nil, usagef("%s has no stacks", file)
	}
	return nil, usagef("%s has no stack %q; one of: %s", file, name, strings.Join(p.StackNames(), ", "))
}

// localStack is the stack that runs on this machine are made with: the named one, or the default one; nil if that is not local.
func localStack(p *project.Project, name string) *project.Stack {
	if name == "" {
		name = p.Default
	}
	if s := p.Stack(name); s != nil && s.Flavor == "local" {
		return s
	}
	return nil
}
