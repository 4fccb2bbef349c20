package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/backends/external"
	"github.com/zenc-dev/zenc/project"
)

func newFlavorRegister(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "register NAME PATH",
		Short: "Make a program a flavor of this project: write it into zenc.yaml",
		Args:  cobra.ExactArgs(2),
		RunE:  func(_ *cobra.Command, args []string) error { return registerFlavor(s, args[0], args[1]) },
	}
}

// registerFlavor writes the program below flavors of zenc.yaml, once it has said what it is.
func registerFlavor(s streams, name, path string) error {
	p, err := findProject(".")
	if err != nil {
		if p = projectWith(name); p == nil {
			return err
		}
	}
	if err := checkFlavorName(name); err != nil {
		return usagef("%v", err)
	}
	for _, other := range p.Flavors {
		if other.Name == name {
			return usagef("the name %q is taken in %s: it is %s", name, project.Shown(other.File), other.Path)
		}
	}
	if err := external.CheckProgram(path); err != nil {
		return usagef("%s: %v", path, err)
	}
	file := p.File
	if file == "" {
		file = filepath.Join(p.Dir, project.FileName)
	}
	program, err := programPath(p.Dir, path)
	if err != nil {
		return err
	}
	flavor, err := newExternal(external.Program{Name: name, Path: program, Base: p.Dir, Dir: p.Dir})
	if err != nil {
		return err
	}
	d, err := flavor.Describe()
	if err != nil {
		return &exitError{exitFindings, fmt.Errorf("%s is not registered, for it does not say what it is: %w", path, err)}
	}
	if err := writeFlavor(file, name, program); err != nil {
		return &exitError{exitFindings, err}
	}
	fmt.Fprintf(s.out, "%s: %s, version %s, is now the flavor %q\n", project.Shown(file), program, d.FlavorVersion, name)
	fmt.Fprintf(s.out, "next: zenc flavor test %s\n", name)
	return nil
}

// projectWith is the project if nothing is wrong with it but that a stack names the flavor already; else nil.
func projectWith(name string) *project.Project {
	p, err := project.Find(".", project.Config{Version: zencVersion(), Flavors: append(builtinNames(), name)})
	if err != nil || p.HasErrors() {
		return nil
	}
	return p
}

// programPath is a program as zenc.yaml names it: relative to the project if it is below that, else absolute.
func programPath(dir, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(dir, abs); err == nil && filepath.IsLocal(rel) {
		return "./" + filepath.ToSlash(rel), nil
	}
	return abs, nil
}

// writeFlavor adds an entry to a zenc.yaml, which it makes if there is none. What else is in the file stays as it is.
func writeFlavor(file, name, path string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := addFlavor(old, name, path)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return replaceFile(file, text)
}

// replaceFile writes a file in one step: whoever reads it sees the old or the new text. A link stays one, and the file's mode what it is.
func replaceFile(file string, text []byte) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(file); {
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	t, err := os.CreateTemp(filepath.Dir(file), ".zenc-*")
	if err != nil {
		return err
	}
	_, err = t.Write(text)
	if err = errors.Join(err, t.Chmod(mode), t.Sync(), t.Close()); err == nil {
		err = os.Rename(t.Name(), file)
	}
	if err != nil {
		os.Remove(t.Name())
	}
	return err
}

// addFlavor returns the text of a zenc.yaml with one more flavor. A line is put in where that is possible; a mapping in braces is
// written anew, comments and order kept.
func addFlavor(text []byte, name, path string) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if doc.Kind == 0 || doc.Content[0].Tag == "!!null" { // nothing but comments
		return appended(text, "flavors:\n  "+entry(name, path)), nil
	}
	root := doc.Content[0]
	at := keyIndex(root, "flavors")
	block := root.Style&yaml.FlowStyle == 0
	var out []byte
	switch {
	case block && at < 0:
		out = appended(text, strings.Repeat(" ", root.Content[0].Column-1)+"flavors:\n"+strings.Repeat(" ", root.Content[0].Column+1)+entry(name, path))
	case block && isPlainBlock(root.Content[at+1]):
		entries := root.Content[at+1].Content
		out = inserted(text, entries[len(entries)-1].Line, entries[0].Column, entry(name, path))
	}
	if out != nil && hasFlavor(out, name, path) {
		return out, nil
	}
	return reencoded(&doc, name, path)
}

// keyIndex is where a mapping has a key, -1 if it has not.
func keyIndex(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// isPlainBlock reports a mapping of which each entry has a line of its own.
func isPlainBlock(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && n.Anchor == "" && len(n.Content) > 0
}

// entry is one line of flavors.
func entry(name, path string) string {
	line, err := yaml.Marshal(map[string]string{name: path})
	if err != nil {
		panic("unreachable: two texts that are no YAML: " + err.Error())
	}
	return string(line)
}

// appended is a text with one more at its end.
func appended(text []byte, more string) []byte {
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(slices.Clone(text), '\n')
	}
	return slices.Concat(text, []byte(more))
}

// inserted is a text with one more line, behind another one, that begins at a column.
func inserted(text []byte, behind, column int, line string) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if behind > len(lines) {
		return nil
	}
	if last := lines[behind-1]; !bytes.HasSuffix(last, []byte("\n")) {
		lines[behind-1] = append(slices.Clone(last), '\n')
	}
	return bytes.Join(slices.Insert(lines, behind, []byte(strings.Repeat(" ", column-1)+line)), nil)
}

// hasFlavor reports whether a text is a zenc.yaml with the entry.
func hasFlavor(text []byte, name, path string) bool {
	var doc struct {
		Flavors map[string]string `yaml:"flavors"`
	}
	return yaml.Unmarshal(text, &doc) == nil && doc.Flavors[name] == path
}

// reencoded writes the whole file anew.
func reencoded(doc *yaml.Node, name, path string) ([]byte, error) {
	root := doc.Content[0]
	text := func(s string) *yaml.Node {
		n := &yaml.Node{}
		n.SetString(s)
		return n
	}
	at := keyIndex(root, "flavors")
	if at < 0 {
		root.Content = append(root.Content, text("flavors"), &yaml.Node{Kind: yaml.MappingNode})
		at = len(root.Content) - 2
	}
	flavors := root.Content[at+1]
	flavors.Content = append(flavors.Content, text(name), text(path))
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(doc), enc.Close()); err != nil {
		return nil, err
	}
	if !hasFlavor(b.Bytes(), name, path) {
		return nil, fmt.Errorf("the entry could not be put into the file; write it by hand: flavors: {%s: %s}", name, path)
	}
	return b.Bytes(), nil
}
