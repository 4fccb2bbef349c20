// Package external makes a flavor of any program: it is asked in JSON on its standard input and answers in JSON on its standard
// output. docs/plugins.md is the description for those who write one; schema.json has the exact form.
package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// Version is the version of the protocol. It changes when a field is renamed, removed or given another meaning.
const Version = 1

// The requests.
const (
	describe = "describe"
	emit     = "emit"
)

// DescribeRequest asks what the program is. It is the first thing that a program is ever asked.
type DescribeRequest struct {
	// Version of the protocol that zenc speaks. A program that speaks another one answers with its own and nothing else.
	Version int    `json:"version"`
	Request string `json:"request"`
}

// Description is the answer to describe.
type Description struct {
	Version int `json:"version"`
	// What the program calls itself. The user may have registered it under another name.
	Name string `json:"name" jsonschema:"minLength=1"`
	// The program's own version, in any form.
	FlavorVersion string `json:"flavor_version" jsonschema:"minLength=1"`
}

// EmitRequest asks for what the engine deploys.
type EmitRequest struct {
	Version int    `json:"version"`
	Request string `json:"request"`
	// The name that the flavor has in zenc.yaml. The fields below this name in the options of the pipeline and of the steps are
	// meant for the program.
	Flavor string `json:"flavor"`
	// The spec's path, relative to the project.
	Source string `json:"source"`
	// The stack of zenc.yaml that is built, if it is one.
	Stack string `json:"stack,omitempty"`
	// The line that each generated file has, as a comment, in its first 1024 bytes.
	Header string `json:"header"`
	// The options of the stack, overridden by those of the command line, which are always texts.
	Options Options `json:"options"`
	// The compiled pipeline, as `zenc ir` prints it.
	Pipeline *ir.Pipeline `json:"pipeline"`
}

// Options are plain JSON, in the order of the stack.
type Options []ir.Field

// MarshalJSON writes an object.
func (o Options) MarshalJSON() ([]byte, error) {
	return plainJSON(nil, ir.Value{Kind: ir.MapValue, Map: o})
}

// plainJSON appends a value as the JSON that it stands for; numbers keep their digits.
func plainJSON(to []byte, v ir.Value) ([]byte, error) {
	var err error
	switch v.Kind {
	case ir.StringValue:
		return append(to, quoted(v.Text)...), nil
	case ir.ListValue:
		to = append(to, '[')
		for i, item := range v.Items {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = plainJSON(to, item); err != nil {
				return nil, err
			}
		}
		return append(to, ']'), nil
	case ir.MapValue:
		to = append(to, '{')
		for i, f := range v.Map {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(append(to, quoted(f.Key)...), ':')
			if to, err = plainJSON(to, f.Value); err != nil {
				return nil, err
			}
		}
		return append(to, '}'), nil
	case ir.NullValue:
		return append(to, "null"...), nil
	}
	return append(to, v.Text...), nil
}

// quoted is a text as JSON.
func quoted(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil {
		panic("unreachable: a text that is no JSON: " + err.Error())
	}
	return out
}

// Answer is the answer to emit.
type Answer struct {
	Version int `json:"version"`
	// What to write. It is not looked at if one of the diagnostics is an error.
	Files []File `json:"files,omitempty"`
	// What the engine cannot do, and what else the user has to know.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// The command that a user runs with what was written; {dir} in it stands for the output folder.
	Next string `json:"next,omitempty"`
}

// File is one file to write. Exactly one of Content and Base64 is set.
type File struct {
	// Relative to the output folder, with slashes. It stays in that folder, and no two files have the same.
	Path string `json:"path" jsonschema:"minLength=1,maxLength=1024"`
	// The content, if it is a text.
	Content *string `json:"content,omitempty" jsonschema:"oneof_required=content"`
	// The content in base64, if it is no text.
	Base64 *[]byte `json:"base64,omitempty" jsonschema:"oneof_required=base64,type=string,format=base64"`
	Mode   string  `json:"mode,omitempty" jsonschema:"enum=0644,enum=0755,default=0644"`
	// Says that the folder of the file is zenc's own: what else is in it needs no header, and is removed when it is no longer
	// emitted. Such a file has the header itself, and is not at the top of the output folder.
	Marker bool `json:"marker,omitempty"`
}

// Diagnostic is a finding.
type Diagnostic struct {
	Severity string `json:"severity" jsonschema:"enum=error,enum=warning,enum=note"`
	// Unless it is given: not-applied for a note, else engine-cannot.
	Code string `json:"code,omitempty" jsonschema:"enum=engine-cannot,enum=engine-limit,enum=unknown-option,enum=not-applied"`
	// What was found, in lower case, without a period at the end.
	Message string `json:"message" jsonschema:"minLength=1"`
	// What to write instead.
	Help string `json:"help,omitempty"`
	// The place in the spec: the pos of what the finding is about, as the pipeline has it. An error that is not about an option of
	// the stack or of the command line has one.
	Pos ir.Pos `json:"pos,omitzero"`
}

// problem is what is wrong with a program or its answer, and what to do about it.
type problem struct{ message, help string }

func (p *problem) Error() string { return p.message }

func problemf(help, format string, args ...any) *problem {
	return &problem{message: fmt.Sprintf(format, args...), help: help}
}

// whatToPrint is the way out for an answer that cannot be read.
const whatToPrint = "its standard output is for one JSON object alone; what people should read goes to standard error"

// decode reads an answer of this version of the protocol.
func decode(output []byte, into any) error {
	switch {
	case len(bytes.TrimSpace(output)) == 0:
		return problemf(whatToPrint, "it printed nothing")
	case !utf8.Valid(output):
		return problemf("print JSON in UTF-8; the content of a file that is no text goes into base64", "its answer is not UTF-8")
	}
	var head struct {
		Version *json.Number `json:"version"`
	}
	dec := json.NewDecoder(bytes.NewReader(output))
	switch err := dec.Decode(&head); {
	case err != nil:
		return problemf(whatToPrint, "its answer is not a JSON object; it begins with %s", beginning(output))
	case head.Version == nil:
		return problemf(fmt.Sprintf(`every answer has "version": %d`, Version), "its answer has no version")
	case head.Version.String() != fmt.Sprint(Version):
		return problemf("install the version of zenc and the version of the flavor that belong together",
			"it speaks version %s of the protocol, and this zenc speaks version %d", head.Version, Version)
	}
	if rest := output[dec.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return problemf(whatToPrint, "it printed more than its answer: %s", beginning(rest))
	}
	strict := json.NewDecoder(bytes.NewReader(output))
	strict.DisallowUnknownFields()
	var wrong *json.UnmarshalTypeError
	switch err := strict.Decode(into); {
	case errors.As(err, &wrong):
		return problemf(seeSchema, "its answer has a %s at %s, which is something else", wrong.Value, wrong.Field)
	case err != nil:
		return problemf(seeSchema, "its answer cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

const seeSchema = "`zenc flavor schema` prints the form of an answer"

// beginning is the start of what a program printed, fit to be shown.
func beginning(output []byte) string {
	text := []rune(strings.TrimSpace(string(output[:min(len(output), 400)])))
	if len(text) > 80 {
		return fmt.Sprintf("%q…", string(text[:80]))
	}
	return fmt.Sprintf("%q", string(text))
}

// clean makes a text of a program fit for a terminal: one line, nothing that the terminal would act on.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// request is the JSON of a request.
func request(of any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(of)
	return b.Bytes(), err
}

// emitRequest is the request for a pipeline.
func emitRequest(flavor string, p *ir.Pipeline, o backends.Options) EmitRequest {
	return EmitRequest{Version: Version, Request: emit, Flavor: flavor, Source: o.Source, Stack: o.Stack, Header: o.Header(),
		Options: o.Fields, Pipeline: p}
}
