package lsp

import (
	"slices"
	"strings"
	"sync"

	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// Kinds of mapping and value that the language has, beside those with keys of their own, which are called as spec.Keys has them: ""
// for the pipeline, "steps." for a step.
const (
	stepNames   = "step names"
	paramNames  = "param names"
	outputTypes = "output types" // names with types
	expressions = "expressions"  // names with values that may be expressions
	expression  = "expression"   // a value that may be one
	stepList    = "step list"    // needs
	free        = "free"         // anything
)

// place is where a value stands: the step that it belongs to, and what is legal there.
type place struct {
	kind string
	step []string // its names with those of its groups; empty for the pipeline itself
	key  string   // of the step or the pipeline, under which the value is
	rest []string // the keys below that
}

// placeOf says what stands at the end of a path of keys. Where the step has steps, outputs are expressions.
func placeOf(root *outline.Node, path []string) place {
	at := place{}
	for i, key := range path {
		before := at
		at.kind = next(at.kind, key, func() bool {
			if len(before.step) == 0 {
				return true
			}
			e := root.Find(path[:i]...)
			return e != nil && (e.Value.Get("steps") != nil || e.Value.Get("pipeline") != nil)
		})
		switch {
		case before.kind == stepNames:
			at.step, at.key, at.rest = append(at.step[:len(at.step):len(at.step)], key), "", nil
		case before.kind == "" || before.kind == "steps.":
			at.key, at.rest = key, nil
		default:
			at.rest = append(at.rest[:len(at.rest):len(at.rest)], key)
		}
	}
	return at
}

// next is the kind of what a key of a mapping holds; isGroup says that the step has steps, or is the pipeline.
func next(kind, key string, isGroup func() bool) string {
	switch kind {
	case stepNames:
		return "steps."
	case paramNames:
		return "params."
	case expressions, expression:
		return expression
	case outputTypes:
		return "type of an output"
	case stepList, "files":
		return kind
	case "", "steps.":
		return ofStep(kind, key, isGroup)
	case "defaults.":
		if key == "env" || key == "retries" || key == "resources" {
			return ofStep("steps.", key, isGroup)
		}
	}
	if slices.Contains(legalKeys(kind), key) {
		return kind + key
	}
	return free
}

// ofStep is what a key of a step, or of the pipeline, holds.
func ofStep(kind, key string, isGroup func() bool) string {
	switch {
	case key == "steps" || key == "finally" && kind == "":
		return stepNames
	case key == "params" && kind == "":
		return paramNames
	case kind == "" && (key == "schedule" || key == "defaults"), kind != "" && (key == "retries" || key == "resources" || key == "cache"):
		return kind + key + "."
	case key == "outputs":
		if isGroup() {
			return expressions
		}
		return outputTypes
	case kind == "":
		return key
	case key == "with" || key == "env" || key == "foreach":
		return expressions
	case key == "when" || key == "command":
		return expression
	case key == "needs":
		return stepList
	}
	return kind + key
}

var languageKeys = sync.OnceValue(spec.Keys)

// legalKeys are the keys of a kind of mapping with keys of its own, none for others.
func legalKeys(kind string) []string {
	var out []string
	for _, key := range languageKeys() {
		if name, ok := strings.CutPrefix(key, kind); ok && name != "" && !strings.Contains(name, ".") {
			out = append(out, name)
		}
	}
	return out
}

// describe is what the language says of a key in a kind of mapping, "" if it is none of its own.
func describe(kind, key string) string {
	if kind == "" || strings.HasSuffix(kind, ".") {
		return spec.Describe(kind + key)
	}
	return ""
}
