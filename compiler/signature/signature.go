// Package signature holds the python steps of a pipeline against the signatures of the functions that they call.
//
// It is apart from compiler/check since signatures are read by Python's own parser, and the compiler starts no process: it is a
// function of what it is given. So this package is the two pure halves around that process. NewRequest says which functions of which
// files are asked for; whoever compiles gives that to a Python that runs Reader, and Check holds the answer against the pipeline.
// Without an answer there are no findings. No code of the user is imported anywhere: Reader is given the texts of the files.
//
// What is not certain is no finding. A function that a decorator has replaced, a name that only a run can tell, a type from another
// package: each may be right, and a pipeline that is refused wrongly is worse than one that fails when it runs.
package signature

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// Reader is the Python program that answers a request: standard library only, Python 3.8 and later. It reads a Request from its
// standard input and writes an Answer, both as JSON.
//
//go:embed read.py
var Reader string

// Request asks for functions.
type Request struct {
	Files     []ir.CodeFile // Python files, by their paths below the code folder
	Functions []Name
}

// Name is a function of a module.
type Name struct{ Module, Function string }

// NewRequest asks for the functions of the python steps, each once; nil if there is none in the code that is shipped.
func NewRequest(p *ir.Pipeline) *Request {
	r, asked, shipped := &Request{}, map[Name]bool{}, topLevel(p.Code)
	for _, s := range p.Steps {
		top, _, _ := strings.Cut(s.Module, ".")
		name := Name{s.Module, s.Function}
		// A file with the name of a standard module may be hidden by that: it depends on what has been imported before.
		if s.Kind == ir.Python && !asked[name] && shipped[top] && !ir.IsStandardModule(top) {
			asked[name] = true
			r.Functions = append(r.Functions, name)
		}
	}
	if len(r.Functions) == 0 {
		return nil
	}
	for _, f := range p.Code {
		if strings.HasSuffix(f.Path, ".py") && f.Binary == nil {
			r.Files = append(r.Files, f)
		}
	}
	return r
}

// topLevel are the names of the modules and folders at the top of the code.
func topLevel(code []ir.CodeFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range code {
		if top, _, isBelow := strings.Cut(f.Path, "/"); isBelow {
			out[top] = true
		} else if module, isPython := strings.CutSuffix(f.Path, ".py"); isPython {
			out[module] = true
		}
	}
	return out
}

// MarshalJSON writes the form that Reader reads.
func (r *Request) MarshalJSON() ([]byte, error) {
	files := make(map[string]string, len(r.Files)) // keys are sorted by encoding/json
	for _, f := range r.Files {
		files[f.Path] = f.Text
	}
	functions := make([][2]string, len(r.Functions))
	for i, f := range r.Functions {
		functions[i] = [2]string{f.Module, f.Function}
	}
	return json.Marshal(map[string]any{"files": files, "functions": functions})
}

// Answer is what Reader says, in the order of the request's functions.
type Answer struct {
	Python    string      `json:"python"` // its version, such as 3.12
	Functions []*Function `json:"functions"`
}

// The states of a Function. Others, of which "unknown" is the one that there is, tell nothing.
const (
	isFunction = "function" // a function, or a class that is called like one
	isMissing  = "missing"  // the module has no such name
	isValue    = "value"    // it is something that cannot be called
	isSyntax   = "syntax"   // the file is no Python
)

// Function is what is known of a function.
type Function struct {
	State string `json:"state"`
	Place *Place `json:"place"` // of its name, of the value, or of what is no Python

	File    string  `json:"file"`    // missing: the module's; "" for a folder without __init__.py
	Names   []Named `json:"names"`   // missing: what may be meant
	Message string  `json:"message"` // syntax: what Python says

	Parameters []Parameter `json:"parameters"`
	// Gives is what a call gives at once in place of running the function: a coroutine, a generator, or an async generator.
	Gives          string      `json:"gives"`
	Returns        *Annotation `json:"returns"`
	ReturnsNothing bool        `json:"returns_nothing"` // there is no return in it
	Mappings       []Mapping   `json:"mappings"`        // what all its returns have, if those are literal mappings
}

// Place is a place in a Python file, with the text of its line. Columns are 1-based and counted in runes; End is behind the last.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	End  int    `json:"end"`
	Text string `json:"text"`
}

// Named is a function or class that is there.
type Named struct {
	Name  string `json:"name"`
	Place *Place `json:"place"`
}

// Parameter is one that can be given by name, or by position alone; or the one that takes the rest of the names.
type Parameter struct {
	Name       string      `json:"name"`
	Kind       string      `json:"kind"` // any, positional or rest
	Required   bool        `json:"required"`
	Place      *Place      `json:"place"`
	Annotation *Annotation `json:"annotation"`
}

// Annotation is a type that is certain.
type Annotation struct {
	Types []Type `json:"types"` // alternatives
	Text  string `json:"text"`  // as it is written
	Place *Place `json:"place"`
}

// Type is a class by its full name, "None" for None, with what its brackets say; an argument of nil is unknown.
type Type struct {
	Name string   `json:"name"`
	Args [][]Type `json:"args"`
}

// Mapping is a literal mapping that a function returns.
type Mapping struct {
	Keys  []string `json:"keys"`
	Place *Place   `json:"place"`
}
