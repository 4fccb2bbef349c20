package lsp

import (
	"fmt"
	"strings"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// help is what a hover or an item of a completion tells: a line or more of code, and a text below it.
type help struct{ code, text string }

// markdown is the help as the client shows it. What the user has written may not look like markup.
func (h help) markdown() markup {
	var b strings.Builder
	if h.code != "" {
		fence := "```"
		for strings.Contains(h.code, fence) {
			fence += "`"
		}
		b.WriteString(fence + "\n" + h.code + "\n" + fence)
	}
	if h.text != "" {
		if h.code != "" {
			b.WriteString("\n\n")
		}
		b.WriteString(escaped(h.text))
	}
	return markup{"markdown", b.String()}
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "&", `\&`,
	"#", `\#`, "|", `\|`, "~", `\~`, "!", `\!`)

func escaped(text string) string { return markdownEscapes.Replace(text) }

// hover tells about what stands at a place, nil if there is nothing to tell.
func (d *document) hover(offset int) *hover {
	root := d.outline()
	loc := root.Locate(offset)
	if loc.Node == nil || loc.Node.Kind != outline.Scalar {
		return nil
	}
	start, end := inner(loc.Node)
	var h help
	d.analysis().with(func(scopes *check.Scopes) {
		switch at := placeOf(root, loc.Path); {
		case loc.InKey:
			h = ofKey(root, scopes, loc.Path)
		case at.kind == stepList:
			if step, ok := scopes.Resolve(at.step, at.key, loc.Node.Text); ok {
				h = ofStepNamed(scopes, step)
			}
		case at.kind == "steps.python":
			h = d.ofFunction(loc.Node.Text)
		default:
			if r, i, ok := referenceAt(at, loc.Node, offset); ok {
				h = ofReference(scopes, r, i)
				start, end = r.part(i)
				return
			}
			for _, w := range choices(at.kind) {
				if w.name == loc.Node.Text && w.description != "" {
					h = help{w.name, w.description}
				}
			}
		}
	})
	if h == (help{}) {
		return nil
	}
	return &hover{h.markdown(), d.text.span(start, end)}
}

// ofKey tells about a key of the language, or what it is the name of.
func ofKey(root *outline.Node, scopes *check.Scopes, path []string) help {
	name := path[len(path)-1]
	parent := placeOf(root, path[:len(path)-1])
	if text := describe(parent.kind, name); text != "" {
		return help{name, text}
	}
	switch symbol := declared(root, path); symbol.kind {
	case stepSymbol:
		return ofStepNamed(scopes, symbol.step)
	case paramSymbol:
		return ofParam(scopes, name)
	case outputSymbol:
		return ofOutput(scopes, symbol.step, name)
	case elementSymbol:
		return ofElement(scopes, symbol.step, "", name)
	}
	if parent.key == "with" && len(parent.rest) == 0 {
		return ofInput(scopes, parent.step, name)
	}
	return help{}
}

// ofReference tells about a part of a reference: what the reference up to there means.
func ofReference(scopes *check.Scopes, r reference, part int) help {
	names := r.names()
	at, up := r.place, strings.Join(names[:part+1], ".")
	switch {
	case part == 0 && r.chain.Call:
		for _, f := range expr.Functions() {
			if f.Name == names[0] {
				return help{fmt.Sprintf("%s(%s): %s", f.Name, f.Takes, f.Gives), f.Description}
			}
		}
	case part == 0:
		for _, root := range expr.Roots() {
			if root.Name == names[0] && len(names) > 1 {
				return help{root.Name, root.Description}
			}
		}
	case names[0] == "params" && part == 1:
		return ofParam(scopes, names[1])
	case names[0] == "steps" && part == 1:
		if step, ok := scopes.Resolve(at.step, at.key, names[1]); ok {
			return ofStepNamed(scopes, step)
		}
	case names[0] == "each" && part == 1:
		return ofElement(scopes, at.step, at.key, names[1])
	case names[0] == "run":
		return ofRun(names[1 : part+1])
	default:
		if e := typed(scopes, at, up); e != nil {
			return help{code: up + ": " + expr.TypeOf(e)}
		}
	}
	return help{}
}

func ofRun(names []string) help {
	name := strings.Join(names, ".")
	for _, f := range expr.RunFields() {
		if f.Name == name {
			typ := "string"
			if f.Nullable {
				typ += ", or null"
			}
			return help{"run." + name + ": " + typ, f.Description}
		}
	}
	if name == "interval" {
		return help{"run.interval", "The period since the previous firing: run.interval.start and run.interval.end."}
	}
	return help{}
}

func ofParam(scopes *check.Scopes, name string) help {
	for _, p := range scopes.Params() {
		if p.Name != name {
			continue
		}
		code := "params." + name + ": " + string(p.Type)
		if p.Type == "" {
			code = "params." + name
		}
		if p.Default != nil {
			code += " = " + valueText(p.Default)
		}
		if len(p.Enum) > 0 {
			texts := make([]string, len(p.Enum))
			for i := range p.Enum {
				texts[i] = valueText(&p.Enum[i])
			}
			code += "\none of " + strings.Join(texts, ", ")
		}
		if p.Min != nil {
			code += "\nat least " + p.Min.Text
		}
		if p.Max != nil {
			code += "\nat most " + p.Max.Text
		}
		if p.Pattern != "" {
			code += "\nmatches " + p.Pattern
		}
		return help{code, p.Description}
	}
	return help{}
}

// valueText is a value in a few words.
func valueText(v *ir.Value) string {
	switch v.Kind {
	case ir.StringValue:
		return fmt.Sprintf("%q", cut(v.Text))
	case ir.ListValue:
		texts := make([]string, len(v.Items))
		for i := range v.Items {
			texts[i] = valueText(&v.Items[i])
		}
		return cut("[" + strings.Join(texts, ", ") + "]")
	case ir.MapValue:
		return "{…}"
	case ir.NullValue:
		return "null"
	}
	return cut(v.Text)
}

// cut shortens a text that nobody reads to its end.
func cut(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// ofStepNamed tells about a step: its kind, its inputs and outputs with their types, what it needs.
func ofStepNamed(scopes *check.Scopes, step []string) help {
	about, ok := scopes.About(step)
	if !ok {
		return help{}
	}
	kind := string(about.Kind)
	switch {
	case about.Inlines != "":
		kind = "the pipeline " + about.Inlines
	case about.Group:
		kind = "a group of steps"
	case about.What != "":
		kind += " " + about.What
	}
	lines := []string{strings.TrimSuffix("step "+strings.Join(step, ".")+": "+kind, ": ")}
	add := func(what string, parts []string) {
		if len(parts) > 0 {
			lines = append(lines, fmt.Sprintf("%-8s %s", what, strings.Join(parts, ", ")))
		}
	}
	var inputs, outputs, elements []string
	for _, in := range about.Inputs {
		inputs = append(inputs, nameAndType(in.Name, in.Type))
	}
	for _, o := range about.Outputs {
		outputs = append(outputs, nameAndType(o.Name, o.Type))
	}
	for _, e := range about.Elements {
		elements = append(elements, nameAndType(e.Name, e.Type))
	}
	add("foreach", elements)
	add("inputs", inputs)
	add("outputs", outputs)
	add("needs", about.Needs)
	if about.RunIf != "" {
		add("run_if", []string{string(about.RunIf)})
	}
	return help{strings.Join(lines, "\n"), about.Description}
}

func nameAndType(name string, t ir.Type) string {
	if t == "" {
		return name
	}
	return name + ": " + string(t)
}

func ofOutput(scopes *check.Scopes, step []string, name string) help {
	about, _ := scopes.About(step)
	for _, o := range about.Outputs {
		if o.Name == name {
			text := "An output of the step " + step[len(step)-1] + "."
			if len(about.Elements) > 0 && !about.Group {
				text = "An output of each instance of the step " + step[len(step)-1] + "; other steps read a list of them."
			}
			return help{nameAndType(name, o.Type), text}
		}
	}
	return help{}
}

func ofInput(scopes *check.Scopes, step []string, name string) help {
	about, _ := scopes.About(step)
	for _, in := range about.Inputs {
		if in.Name == name {
			return help{nameAndType(name, in.Type), "An input of the step " + step[len(step)-1] + "."}
		}
	}
	for _, p := range about.Params {
		if p.Name == name {
			return help{nameAndType(name, p.Type), p.Description}
		}
	}
	return help{}
}

func ofElement(scopes *check.Scopes, step []string, key, name string) help {
	for _, e := range scopes.Elements(step, key) {
		if e.Name == name {
			return help{nameAndType("each."+name, e.Type), "The element of the foreach."}
		}
	}
	return help{}
}
