package signature

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Source is the spec that the pipeline was compiled from, for places within its texts.
type Source struct {
	Data []byte
	Code string // the code folder, as the user would name it: that of the places in Python files
}

// Check holds the answer against the python steps.
func Check(p *ir.Pipeline, src Source, request *Request, answer *Answer) diag.List {
	var diags diag.List
	functions := map[Name]*Function{}
	for i, f := range answer.Functions[:min(len(answer.Functions), len(request.Functions))] {
		functions[request.Functions[i]] = f
	}
	unreadable := map[string]bool{} // files that are told of
	lines := diag.Lines(string(src.Data))
	for _, s := range p.Steps {
		f := functions[Name{s.Module, s.Function}]
		if s.Kind != ir.Python || f == nil || f.State == isSyntax && unreadable[f.Place.File] {
			continue
		}
		if f.State == isSyntax {
			unreadable[f.Place.File] = true
		}
		c := &call{Step: s, f: f, src: src, lines: lines, diags: &diags, python: answer.Python}
		c.check(len(p.Requirements) > 0)
	}
	return diags
}

// call is a step with the function that it calls.
type call struct {
	*ir.Step
	f      *Function
	src    Source
	lines  []string // of the spec
	python string
	diags  *diag.List
}

func (c *call) check(hasRequirements bool) {
	switch c.f.State {
	case isSyntax:
		c.errorf(c.body(), diag.BadPython, "Python %s cannot read %s: %s", c.python, c.f.Place.File, c.f.Message).
			WithNoteIn(c.note(c.f.Place, "here")).WithHelp("if it is written for a newer Python, put that first on the PATH")
	case isMissing:
		if c.f.File != "" || !hasRequirements { // a package may hide a folder without __init__.py
			c.missing()
		}
	case isValue:
		c.errorf(c.function(), diag.MissingFunction, "%q in %s is no function", c.Function, c.f.Place.File).
			WithNoteIn(c.note(c.f.Place, "it is this value"))
	case isFunction:
		c.arguments()
		c.outputs()
	}
}

// missing reports a function that is not there.
func (c *call) missing() {
	if c.f.File == "" {
		c.errorf(c.function(), diag.MissingFunction, "there is no function %q in %s: it is a folder without __init__.py", c.Function, c.Module).
			WithHelp("name the module in it that has the function: %s.MODULE:%s", c.Module, c.Function)
		return
	}
	pos := c.function()
	d := c.errorf(pos, diag.MissingFunction, "there is no function %q in %s", c.Function, c.f.File)
	names := make([]string, len(c.f.Names))
	for i, n := range c.f.Names {
		names[i] = n.Name
	}
	d.Suggest(c.Function, names)
	if c.text(pos) != c.Function {
		d.Fix = nil // that place has another text
	}
	if closest := diag.Closest(c.Function, names); closest != "" {
		d.WithNoteIn(c.note(c.f.Names[slices.Index(names, closest)].Place, "this is there"))
	}
}

// errorf reports an error. Of a step that is written elsewhere, in a pipeline that is inlined, it tells the name.
func (c *call) errorf(pos diag.Pos, code diag.Code, format string, args ...any) *diag.Diagnostic {
	if !c.isHere() {
		format, args = "the step %q: "+format, append([]any{c.Name}, args...)
	}
	return c.diags.Errorf(pos, code, format, args...)
}

// note is what WithNoteIn takes, of a place in a Python file.
func (c *call) note(at *Place, message string) (file, line string, pos diag.Pos, format string, arg any) {
	return path.Join(c.src.Code, at.File), at.Text, diag.Pos{Line: at.Line, Col: at.Col, End: at.End}, "%s", message
}

func (c *call) body() diag.Pos { return diag.Pos(c.Body) }

// isHere reports whether the value of python stands at its place in the spec.
func (c *call) isHere() bool {
	text := strings.Trim(c.text(c.body()), `"'`)
	return text == c.Module+":"+c.Function || c.Body.End == 0
}

// function is the place of the function's name in the value of python, or where that cannot be told of all of it.
func (c *call) function() diag.Pos {
	pos := c.body()
	before, after, found := strings.Cut(c.text(pos), c.Module+":"+c.Function)
	if !found || utf8.RuneCountInString(before) > 1 || utf8.RuneCountInString(after) > 1 {
		return pos
	}
	start := pos.Col + len(before) + len(c.Module) + 1
	return diag.Pos{Line: pos.Line, Col: start, End: start + len(c.Function)}
}

// text is what stands at a place in the spec, "" if its end is not known.
func (c *call) text(pos diag.Pos) string {
	if pos.Line < 1 || pos.Line > len(c.lines) || pos.End <= pos.Col {
		return ""
	}
	runes := []rune(c.lines[pos.Line-1])
	if pos.End-1 > len(runes) {
		return ""
	}
	return string(runes[pos.Col-1 : pos.End-1])
}

// inputName is what an input or output may be called.
var inputName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
