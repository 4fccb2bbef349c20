package check

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// maxCode is how much may be shipped with a pipeline, all files together. Engines have lower limits of their own.
const maxCode = 64 << 20

// code collects what is shipped: the top-level packages of the modules that the steps name and of those that they import,
// as far as they lie in the code folder, and what files lists.
func (c *checker) code(folders Folders) {
	s := &shipping{checker: c, files: map[string]ir.CodeFile{}}
	if folders.Code != nil {
		s.modules(folders.Code)
	}
	if folders.Pipeline != nil {
		for _, f := range c.tree.Files {
			s.listed(folders.Pipeline, f.Value, f.Pos)
		}
		c.requirements(c.tree.Requirements, folders.Pipeline)
		for _, p := range c.inlined {
			s.inlined(p)
		}
	}
	for _, f := range s.files {
		c.out.Code = append(c.out.Code, f)
	}
	slices.SortFunc(c.out.Code, func(a, b ir.CodeFile) int { return strings.Compare(a.Path, b.Path) })
}

type shipping struct {
	*checker
	files map[string]ir.CodeFile // by path; sorted before they leave
	size  int64
}

// modules ships the top-level modules of the python steps and what those import.
func (s *shipping) modules(root fs.FS) {
	done := map[string]bool{}
	exists := map[string]bool{} // one finding a module, however many steps name it
	var queue []string
	for _, st := range s.irSteps() {
		if st.Module == "" {
			continue
		}
		there, known := exists[st.Module]
		if !known {
			there = s.moduleExists(root, st)
			exists[st.Module] = there
		}
		if !there {
			continue
		}
		queue = append(queue, strings.SplitN(st.Module, ".", 2)[0])
	}
	for len(queue) > 0 {
		top := queue[0]
		queue = queue[1:]
		if done[top] {
			continue
		}
		done[top] = true
		var shipped []string
		if info, err := fs.Stat(root, top); err == nil && info.IsDir() {
			shipped = s.folder(root, top, diag.Pos{}, true)
		} else if _, err := fs.Stat(root, top+".py"); err == nil {
			shipped = s.file(root, top+".py", diag.Pos{})
		}
		for _, name := range shipped {
			if strings.HasSuffix(name, ".py") {
				queue = append(queue, imports(s.files[name].Content())...)
			}
		}
	}
}

// moduleExists reports a module of a step that is not in the code folder; an installed one is named in requirements.
func (s *shipping) moduleExists(root fs.FS, st *ir.Step) bool {
	base := strings.ReplaceAll(st.Module, ".", "/")
	for _, candidate := range []string{base + ".py", base + "/__init__.py"} {
		if info, err := fs.Stat(root, candidate); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	if info, err := fs.Stat(root, base); err == nil && info.IsDir() {
		return true // a namespace package
	}
	if top, _, _ := strings.Cut(st.Module, "."); s.tree.Requirements != nil || ir.IsStandardModule(top) {
		return false // it may come from a package; the step runner says so if not
	}
	d := s.diags.Errorf(diag.Pos(st.Body), diag.MissingCode, "there is no module %q: neither %s.py nor %s/ in the code folder", st.Module, base, base)
	if closest := closestModule(root, st.Module); closest != "" {
		d.WithHelp("did you mean %q?", closest)
		d.Fix = moduleFix(st, closest)
	} else {
		d.WithHelp("put it beside the spec, set code: in zenc.yaml, or name the package that has it in requirements:")
	}
	return false
}

// moduleFix names another module where the value of python is written as it is, within quotes or without; else it is nil.
func moduleFix(st *ir.Step, module string) *diag.Fix {
	quotes := st.Body.End - st.Body.Col - len(st.Module+":"+st.Function)
	if quotes != 0 && quotes != 2 {
		return nil
	}
	start := st.Body.Col + quotes/2
	return &diag.Fix{Pos: diag.Pos{Line: st.Body.Line, Col: start, End: start + len(st.Module)}, Text: module}
}

// closestModule returns the module whose name comes closest, part by part; "" if one of them resembles nothing.
func closestModule(root fs.FS, module string) string {
	dir := "."
	parts := strings.Split(module, ".")
	for i, part := range parts {
		var candidates []string
		entries, _ := fs.ReadDir(root, dir)
		for _, e := range entries {
			name, isPython := strings.CutSuffix(e.Name(), ".py")
			if (isPython || e.IsDir() && !strings.HasPrefix(name, "__")) && name != "" && name[0] != '.' {
				candidates = append(candidates, name)
			}
		}
		if parts[i] = diag.Closest(part, candidates); parts[i] == "" {
			return ""
		}
		dir = path.Join(dir, parts[i])
	}
	return strings.Join(parts, ".")
}

var importLine = regexp.MustCompile(`^\s*(?:from\s+([A-Za-z_][A-Za-z0-9_]*)[.\s]|import\s+(.+))`)

// imports returns the top-level names that a module imports absolutely. A line of a docstring that looks like an import
// costs nothing: only names that lie in the code folder are shipped.
func imports(text []byte) []string {
	var out []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m := importLine.FindStringSubmatch(lines.Text() + " ")
		if m == nil {
			continue
		}
		if m[1] != "" {
			out = append(out, m[1])
			continue
		}
		for _, name := range strings.Split(m[2], ",") {
			name = strings.TrimSpace(name)
			if i := strings.IndexAny(name, ". ;#"); i >= 0 {
				name = name[:i]
			}
			out = append(out, name)
		}
	}
	return out
}

// listed ships an entry of files: a file or a folder.
func (s *shipping) listed(root fs.FS, name string, pos diag.Pos) {
	clean := path.Clean(name)
	if !fs.ValidPath(clean) || clean == "." {
		s.diags.Errorf(pos, diag.MissingCode, "%q is not below the pipeline's folder", name).WithHelp("a relative path without ..")
		return
	}
	info, err := fs.Stat(root, clean)
	if err != nil {
		s.diags.Errorf(pos, diag.MissingCode, "cannot ship %q: %s", name, reason(err))
		return
	}
	if info.IsDir() {
		s.folder(root, clean, pos, false)
		return
	}
	s.file(root, clean, pos)
}

// folder ships a folder but for caches and hidden files, and returns the paths.
func (s *shipping) folder(root fs.FS, dir string, pos diag.Pos, isPackage bool) []string {
	var out []string
	err := fs.WalkDir(root, dir, func(name string, d fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case d.IsDir() && (base == "__pycache__" || strings.HasPrefix(base, ".") || isPackage && base == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(base, ".") || strings.HasSuffix(base, ".pyc"):
			return nil
		}
		out = append(out, s.file(root, name, pos)...)
		return nil
	})
	if err != nil {
		s.diags.Errorf(pos, diag.MissingCode, "cannot ship %q: %s", dir, reason(err))
	}
	return out
}

func (s *shipping) file(root fs.FS, name string, pos diag.Pos) []string {
	if _, have := s.files[name]; have {
		return []string{name}
	}
	info, err := fs.Stat(root, name)
	if err == nil && !info.Mode().IsRegular() {
		s.diags.Errorf(pos, diag.MissingCode, "cannot ship %q: it is no regular file", name)
		return nil
	}
	if err == nil {
		if s.size += info.Size(); s.size > maxCode {
			s.diags.Errorf(pos, diag.EngineLimit, "the code and files of the pipeline have over %d MiB; %q is too much", maxCode>>20, name).
				WithHelp("read large data from where it lies, in a step")
			return nil
		}
	}
	data, readErr := fs.ReadFile(root, name)
	if err = errors.Join(err, readErr); err != nil {
		s.diags.Errorf(pos, diag.MissingCode, "cannot ship %q: %s", name, reason(err))
		return nil
	}
	f := ir.CodeFile{Path: name, Executable: info.Mode()&0o111 != 0}
	if utf8.Valid(data) {
		f.Text = string(data)
	} else {
		f.Binary = data
	}
	s.files[name] = f
	return []string{name}
}

// inlined ships the files of an inlined pipeline, and asks for its packages.
func (s *shipping) inlined(p *inlined) {
	before := maps.Clone(s.files)
	for _, f := range p.tree.Files {
		clear(s.files)
		s.listed(p.folder, f.Value, f.Pos)
		for name, content := range s.files {
			if other, taken := before[name]; taken && !bytes.Equal(other.Content(), content.Content()) {
				s.diags.Errorf(f.Pos, diag.DuplicateName, "two files that are to be shipped are called %q", name).
					WithHelp("they lie beside each other in the folder of a step: rename one of them")
			}
			before[name] = content
		}
	}
	s.files = before
	asked := s.out.Requirements
	s.out.Requirements = nil
	s.requirements(p.tree.Requirements, p.folder)
	for _, line := range s.out.Requirements {
		if !slices.Contains(asked, line) {
			asked = append(asked, line)
		}
	}
	s.out.Requirements = asked
}

// reason is why a file cannot be read, without the path, which may be absolute.
func reason(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}

// requirements reads the packages' lines, without comments and empty lines.
func (c *checker) requirements(r *spec.Requirements, root fs.FS) {
	if r == nil {
		return
	}
	if r.File == nil {
		for _, line := range r.Lines {
			c.out.Requirements = append(c.out.Requirements, c.requirement(line.Value, line.Pos)...)
			c.out.Pos.Requirements = ir.Pos(line.Pos)
		}
		return
	}
	c.out.Pos.Requirements = ir.Pos(r.File.Pos)
	data, err := fs.ReadFile(root, path.Clean(r.File.Value))
	if err != nil {
		c.diags.Errorf(r.File.Pos, diag.MissingCode, "cannot read the requirements %q: %s", r.File.Value, reason(err)).
			WithHelp("a file beside the spec, or a list: [pandas==2.2.3]")
		return
	}
	for line := range strings.Lines(string(data)) {
		c.out.Requirements = append(c.out.Requirements, c.requirement(line, r.File.Pos)...)
	}
}

// requirement returns a line without its comment, or nothing. What pip would read from another file is refused: that file
// is not shipped.
func (c *checker) requirement(line string, pos diag.Pos) []string {
	if i := strings.Index(" "+line, " #"); i >= 0 {
		line = line[:max(i-1, 0)]
	}
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	if strings.ContainsAny(line, "\n\r\x00") || notShipped.MatchString(line) {
		c.diags.Errorf(pos, diag.MissingCode, "the requirement %q refers to something that is not shipped", line).
			WithHelp("write the packages themselves")
		return nil
	}
	return []string{line}
}

// notShipped are lines of a requirements file that name another file or folder of the machine they were written on.
var notShipped = regexp.MustCompile(`^(-[rec]|--(requirement|editable|constraint)\b|\.{0,2}/|file:)|@\s*file:`)
