package lsp

import (
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// mark is written where the cursor is, before the text is read: so that something stands there, whatever it is.
const mark = "xqcursorqx"

// candidate is something that can stand at the cursor.
type candidate struct {
	label  string
	insert string // "": the label
	kind   int
	detail string
	help   string
}

// complete lists what can be written at a place.
func (d *document) complete(offset int) []completionItem {
	content := d.text.content
	root := outline.Parse(content[:offset] + mark + content[offset:])
	loc := root.Locate(offset + 1)
	if loc.Node == nil || loc.Node.Kind != outline.Scalar || !strings.Contains(loc.Node.Text, mark) {
		return nil
	}
	c := completer{document: d, root: root, offset: offset}
	d.analysis().with(func(scopes *check.Scopes) {
		c.scopes = scopes
		if loc.InKey {
			if parent := loc.Path[:len(loc.Path)-1]; c.replace(loc.Node.Text) {
				c.keys(placeOf(root, parent), parent, loc.Entry.Colon)
			}
			return
		}
		c.value(placeOf(root, loc.Path), loc)
	})
	return c.items
}

// completer collects what can stand at one cursor.
type completer struct {
	*document
	root       *outline.Node // of the text with the mark
	scopes     *check.Scopes
	offset     int
	start, end int // what is replaced
	items      []completionItem
}

// replace sets what is replaced: the text around the mark, if that stands in the document as it is, on one line.
func (c *completer) replace(text string) bool {
	before, after, _ := strings.Cut(text, mark)
	c.start, c.end = c.offset-len(before), c.offset+len(after)
	content := c.text.content
	return !strings.ContainsAny(before+after, "\r\n") && c.start >= 0 && c.end <= len(content) &&
		content[c.start:c.offset] == before && content[c.offset:c.end] == after
}

func (c *completer) add(x candidate) {
	if x.insert == "" {
		x.insert = x.label
	}
	item := completionItem{Label: x.label, Kind: x.kind, Detail: x.detail, TextEdit: &textEdit{c.text.span(c.start, c.end), x.insert}}
	if x.help != "" {
		doc := help{text: x.help}.markdown()
		item.Documentation = &doc
	}
	c.items = append(c.items, item)
}

func (c *completer) words(words []word, kind int) {
	for _, w := range words {
		insert := w.name
		if strings.Contains(insert, "[") && c.inFlow() { // means something to YAML there
			insert = `"` + insert + `"`
		}
		c.add(candidate{label: w.name, insert: insert, kind: kind, help: w.description})
	}
}

// inFlow reports whether the cursor is within braces or brackets, and not in quotes.
func (c *completer) inFlow() bool {
	quoted := false
	for n := c.root; n != nil; {
		if n.Flow {
			return !quoted && (c.start == 0 || !strings.ContainsRune(`"'`, rune(c.text.content[c.start-1])))
		}
		next := (*outline.Node)(nil)
		for _, e := range n.Entries {
			if e.Value != nil && c.offset >= e.Value.Start && c.offset <= e.Value.End {
				next = e.Value
			}
		}
		for _, item := range n.Items {
			if c.offset >= item.Start && c.offset <= item.End {
				next = item
			}
		}
		n = next
	}
	return false
}

// kindKeys are the keys that say what a step runs; it has one of them.
var kindKeys = []string{"python", "run", "command", "steps", "pipeline", "operator"}

// keys lists the keys of a mapping that are not there yet.
func (c *completer) keys(at place, path []string, hasColon bool) {
	mapping := c.root
	if len(path) > 0 {
		mapping = nil
		if e := c.root.Find(path...); e != nil {
			mapping = e.Value
		}
	}
	has := func(key string) bool { return mapping.Get(key) != nil }
	hasKind := at.kind == "steps." && slices.ContainsFunc(kindKeys, has)
	end := ": "
	if hasColon {
		end = ""
	}
	for _, key := range legalKeys(at.kind) {
		if !has(key) && !(hasKind && slices.Contains(kindKeys, key)) && (strings.HasSuffix(at.kind, ".") || at.kind == "") {
			c.add(candidate{label: key, insert: key + end, kind: itemProperty, help: describe(at.kind, key)})
		}
	}
	if at.key == "with" && len(at.rest) == 0 {
		for _, x := range c.inputs(at.step) {
			if !has(x.label) {
				x.insert = x.label + end
				c.add(x)
			}
		}
	}
	if at.key == "options" && len(at.rest) == 0 {
		for _, w := range choices("options") {
			if !has(w.name) {
				c.add(candidate{label: w.name, insert: w.name + end, kind: itemProperty})
			}
		}
	}
}

// inputs are the names that with of a step can give: parameters of the pipeline that it inlines, or of the function that it calls.
func (c *completer) inputs(step []string) []candidate {
	var out []candidate
	about, _ := c.scopes.About(step)
	for _, p := range about.Params {
		out = append(out, candidate{label: p.Name, kind: itemVariable, detail: string(p.Type), help: p.Description})
	}
	if about.Kind == ir.Python {
		_, _, f, _ := c.entryPoint(about.What)
		for _, name := range f.parameters() {
			if !slices.ContainsFunc(about.Outputs, func(o ir.Output) bool { return o.Name == name }) {
				out = append(out, candidate{label: name, kind: itemVariable, detail: "of " + f.name + "()"})
			}
		}
	}
	return out
}

// value lists what a value can be.
func (c *completer) value(at place, loc outline.Location) {
	text := loc.Node.Text
	if at.kind == expression || at.kind == expressions {
		if c.expression(at, text) {
			return
		}
	}
	if !c.replace(text) {
		return
	}
	switch at.kind {
	case stepList:
		c.needs(at, loc)
	case "steps.python":
		c.python(strings.Split(text, mark)[0])
	case "steps.pipeline", "requirements", "files":
		c.files(strings.Split(text, mark)[0], at.kind)
	default:
		if words := choices(at.kind); words != nil && at.key != "options" {
			c.words(words, itemValue)
		}
		if strings.TrimLeft(c.lineBefore(loc.Node.Start), " \t") == "" {
			c.keys(at, loc.Path, false)
		}
	}
}

// lineBefore is what stands on the line before a place.
func (c *completer) lineBefore(at int) string {
	before := c.text.content[:at]
	return before[strings.LastIndexAny(before, "\r\n")+1:]
}

func (c *completer) needs(at place, loc outline.Location) {
	scope, ok := c.scopes.At(at.step, at.key)
	if !ok {
		return
	}
	listed := map[string]bool{}
	if e := c.root.Find(loc.Path[:len(loc.Path)-1]...); e != nil && e.Value != nil {
		for _, item := range e.Value.Items {
			listed[item.Text] = true
		}
	}
	for _, name := range scope.StepNames() {
		if !listed[name.Value] {
			listed[name.Value] = true
			c.add(c.step(at, name.Value))
		}
	}
}

// step is a step as something to choose.
func (c *completer) step(at place, name string) candidate {
	x := candidate{label: name, kind: itemFunction}
	if step, ok := c.scopes.Resolve(at.step, at.key, name); ok {
		about, _ := c.scopes.About(step)
		x.detail, x.help = strings.TrimSpace(string(about.Kind)+" "+about.What), about.Description
		if about.Group {
			x.detail = "group"
		}
	}
	return x
}

// expression lists what can stand in an expression; false if the cursor is not in one.
func (c *completer) expression(at place, text string) bool {
	i := strings.Index(text, mark)
	for _, s := range expr.Spans(text) {
		if i < s.Start || i >= s.End {
			continue
		}
		for _, chain := range expr.Chains(text[s.Start:s.End]) {
			for n, part := range chain.Parts {
				if strings.Contains(part.Text, mark) && c.replace(part.Text) {
					names := make([]string, n)
					for k := range names {
						names[k] = chain.Parts[k].Text
					}
					c.names(at, names)
				}
			}
		}
		return true
	}
	return false
}

// names lists what can follow the names of a reference.
func (c *completer) names(at place, before []string) {
	scope, ok := c.scopes.At(at.step, at.key)
	if !ok {
		return
	}
	switch root := strings.Join(before, "."); {
	case root == "":
		c.roots(at, scope)
	case root == "params":
		for _, p := range scope.Params {
			c.add(candidate{label: p.Name, kind: itemVariable, detail: string(p.Type), help: p.Description})
		}
	case root == "steps":
		seen := map[string]bool{}
		for _, name := range scope.StepNames() {
			if !seen[name.Value] {
				seen[name.Value] = true
				c.add(c.step(at, name.Value))
			}
		}
	case len(before) == 2 && before[0] == "steps":
		if p, ok := scope.Step(before[1]); ok {
			for _, o := range p.Outputs {
				c.add(candidate{label: o.Name, kind: itemField, detail: expr.TypeOf(typed(c.scopes, at, root+"."+o.Name))})
			}
		}
	case root == "each":
		for _, e := range c.scopes.Elements(at.step, at.key) {
			c.add(candidate{label: e.Name, kind: itemVariable, detail: string(e.Type)})
		}
	case root == "outputs" && scope.InCommand:
		for _, o := range scope.Outputs {
			c.add(candidate{label: o.Name, kind: itemField, detail: "the path to write the " + string(o.Type) + " to"})
		}
	case before[0] == "run":
		c.run(strings.Join(before[1:], "."), scope.InFinally)
	}
}

// roots lists what an expression begins with.
func (c *completer) roots(at place, scope expr.Scope) {
	for _, root := range expr.Roots() {
		switch root.Name {
		case "params":
			if len(scope.Params) == 0 {
				continue
			}
		case "each":
			if len(c.scopes.Elements(at.step, at.key)) == 0 {
				continue
			}
		case "outputs":
			if !scope.InCommand {
				continue
			}
		}
		c.add(candidate{label: root.Name, kind: itemKeyword, help: root.Description})
	}
	for _, f := range expr.Functions() {
		c.add(candidate{label: f.Name, kind: itemFunction, detail: f.Name + "(" + f.Takes + "): " + f.Gives, help: f.Description})
	}
}

func (c *completer) run(below string, inFinally bool) {
	if below != "" {
		below += "."
	}
	seen := map[string]bool{}
	for _, f := range expr.RunFields() {
		name, ok := strings.CutPrefix(f.Name, below)
		if !ok || f.Finally && !inFinally {
			continue
		}
		if name, _, nested := strings.Cut(name, "."); nested {
			if !seen[name] {
				c.add(candidate{label: name, kind: itemField})
			}
			seen[name] = true
			continue
		}
		detail := "string"
		if f.Nullable {
			detail += ", or null"
		}
		c.add(candidate{label: name, kind: itemField, detail: detail, help: f.Description})
	}
}
