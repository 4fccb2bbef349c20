package lsp

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// What stands in Python files is found by their lines: enough to name functions and to go to them, without running anything.

// function is a function at the top of a module.
type function struct {
	name      string
	signature string // its def, on one line, without the colon
	offset    int    // of the name
	doc       string // the first line of its docstring
}

var (
	defLine   = regexp.MustCompile(`(?m)^(?:async[ \t]+)?def[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(`)
	docstring = regexp.MustCompile(`^[ \t\r\n]*[rRuU]?("""|'''|"|')[ \t\r\n]*([^\r\n"']*)`)
)

// maxSignature bounds what is read to find the end of a def.
const maxSignature = 4000

// functions finds the functions of a module, in their order.
func functions(source string) []function {
	var out []function
	for _, m := range defLine.FindAllStringSubmatchIndex(source, -1) {
		f := function{name: source[m[2]:m[3]], offset: m[2]}
		rest := source[m[0]:min(len(source), m[0]+maxSignature)]
		if end := defEnd(rest); end > 0 {
			f.signature = strings.Join(strings.Fields(rest[:end]), " ")
			if m := docstring.FindStringSubmatch(rest[end+1:]); m != nil {
				f.doc = strings.TrimSpace(m[2])
			}
		}
		out = append(out, f)
	}
	return out
}

// defEnd is where the colon of a def stands: the first one outside of brackets and quotes.
func defEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '"', '\'':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case ':':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

var parameterName = regexp.MustCompile(`^\**([A-Za-z_][A-Za-z0-9_]*)`)

// parameters are the names of a function's parameters that can be given by keyword.
func (f function) parameters() []string {
	open := strings.IndexByte(f.signature, '(')
	if open < 0 {
		return nil
	}
	var out []string
	depth, start := 0, open+1
	add := func(text string) {
		text = strings.TrimSpace(text)
		if m := parameterName.FindStringSubmatch(text); m != nil && text[0] != '*' {
			out = append(out, m[1])
		} else if text == "/" {
			out = nil
		}
	}
	for i := open + 1; i < len(f.signature); i++ {
		switch c := f.signature[i]; {
		case depth == 0 && (c == ',' || c == ')'):
			add(f.signature[start:i])
			if start = i + 1; c == ')' {
				return out
			}
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == '"' || c == '\'':
			for i++; i < len(f.signature) && f.signature[i] != c; i++ {
			}
		}
	}
	return out
}

// modulePaths are the files that a module may be, relative to the code folder.
func modulePaths(module string) []string {
	base := strings.ReplaceAll(module, ".", "/")
	return []string{base + ".py", base + "/__init__.py"}
}

// maxPython bounds the size of a Python file that is read, in bytes.
const maxPython = 4 << 20

// module reads a module of the code folder: its path below that and its text; ok is false if it is not there.
func module(code fs.FS, name string) (file, source string, ok bool) {
	if code == nil {
		return "", "", false
	}
	for _, file := range modulePaths(name) {
		info, err := fs.Stat(code, file)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxPython {
			continue
		}
		if data, err := fs.ReadFile(code, file); err == nil {
			return file, string(bytes.ToValidUTF8(data, []byte("\uFFFD"))), true
		}
	}
	return "", "", false
}

// maxModules bounds how many modules are listed.
const maxModules = 1000

// modules lists the modules of the code folder, but for what lies in hidden folders and in environments.
func modules(code fs.FS) []string {
	var out []string
	seen := 0
	_ = fs.WalkDir(code, ".", func(name string, e fs.DirEntry, err error) error {
		base := path.Base(name)
		if seen++; seen > 50*maxModules || len(out) >= maxModules {
			return fs.SkipAll
		}
		switch {
		case err != nil:
			return nil // what cannot be read is not listed
		case e.IsDir():
			if name != "." && (strings.HasPrefix(base, ".") || base == "__pycache__" || base == "node_modules" || isEnvironment(code, name)) {
				return fs.SkipDir
			}
		case strings.HasSuffix(base, ".py"):
			module := strings.TrimSuffix(strings.TrimSuffix(name, ".py"), "/__init__")
			if module = strings.ReplaceAll(module, "/", "."); identifiers.MatchString(module) && module != "__init__" {
				out = append(out, module)
			}
		}
		return nil
	})
	slices.Sort(out)
	return out
}

var identifiers = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// isEnvironment reports a virtual environment.
func isEnvironment(code fs.FS, name string) bool {
	_, err := fs.Stat(code, name+"/pyvenv.cfg")
	return err == nil
}

// entryPoint finds what module:function names.
func (d *document) entryPoint(text string) (file, source string, f function, ok bool) {
	name, fn, _ := strings.Cut(text, ":")
	if d.path == "" || !identifiers.MatchString(name) {
		return "", "", function{}, false
	}
	code, closeCode := openFolder(d.project(d.path).Code)
	defer closeCode()
	if file, source, ok = module(code, name); !ok {
		return "", "", function{}, false
	}
	for _, f := range functions(source) {
		if f.name == fn {
			return file, source, f, true
		}
	}
	return file, source, function{}, true
}

// ofFunction tells about the function that a step calls.
func (d *document) ofFunction(text string) help {
	_, _, f, ok := d.entryPoint(text)
	if !ok || f.signature == "" {
		return help{}
	}
	return help{f.signature, f.doc}
}

// codePath is the path of a file of the code folder.
func (d *document) codePath(file string) string {
	return filepath.Join(d.project(d.path).Code, filepath.FromSlash(file))
}
