package project

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/expr"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// settings are what one file says. The values have been checked by themselves, and are read again when all files are merged.
type settings struct {
	code, first  *spec.Entry
	flavors      []spec.Entry
	defaults     []spec.Entry // of steps
	require      []*spec.Value
	pipelines    []*spec.Value
	stacks       []stackTree
	stackParams  []spec.Entry
	stackOptions []group
}

// stackTree is one entry of stacks.
type stackTree struct {
	name            spec.String
	at              *spec.Value
	fields          []spec.Entry // flavor, output and python
	params, options []spec.Entry
}

// group is entries below a name.
type group struct {
	name    spec.String
	entries []spec.Entry
}

// reader reads the shapes that a zenc.yaml is made of, and reports what has another one.
type reader struct{ diags *diag.List }

func (r reader) settings(root *spec.Value) *settings {
	out := &settings{}
	fields := r.fields(root, "a zenc.yaml", "code", "default", "defaults", "extends", "flavors", "pipelines", "require", "requires",
		"stack_defaults", "stacks")
	if e, ok := fields["code"]; ok && r.folder(e) {
		out.code = &e
	}
	if e, ok := fields["default"]; ok && r.text(e) != "" {
		out.first = &e
	}
	if e, ok := fields["defaults"]; ok {
		out.defaults = r.entries(e.Value, "defaults")
	}
	if e, ok := fields["flavors"]; ok {
		out.flavors = r.flavors(e)
	}
	if e, ok := fields["require"]; ok {
		out.require = r.require(e)
	}
	if e, ok := fields["pipelines"]; ok {
		out.pipelines = r.pipelines(e)
	}
	if e, ok := fields["stacks"]; ok {
		for _, s := range r.entries(e.Value, "stacks") {
			out.stacks = append(out.stacks, r.stack(s))
		}
	}
	if e, ok := fields["stack_defaults"]; ok {
		r.stackDefaults(e, out)
	}
	return out
}

// names of stacks are in file headers and on command lines, those of flavors are names of folders as well.
var (
	stackName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	flavorName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

const maxName = 48

func (r reader) stack(e spec.Entry) stackTree {
	out := stackTree{name: e.Key, at: e.Value}
	if !stackName.MatchString(e.Key.Value) || len(e.Key.Value) > maxName {
		r.diags.Errorf(e.Key.Pos, diag.BadName, "%q cannot be the name of a stack: letters, digits, '-', '_' and '.', at most %d", e.Key.Value, maxName).
			WithHelp("such as prod or eu-west")
	}
	what := "the stack " + strconv.Quote(e.Key.Value)
	for _, f := range r.entries(e.Value, what) {
		switch f.Key.Value {
		case "flavor", "python":
			r.text(f)
			out.fields = append(out.fields, f)
		case "output":
			r.folder(f)
			out.fields = append(out.fields, f)
		case "params":
			out.params = r.params(f.Value)
		case "options":
			out.options = r.options(f.Value, "options")
		default:
			r.unknown(f.Key, what, "flavor", "options", "output", "params", "python")
		}
	}
	return out
}

func (r reader) stackDefaults(e spec.Entry, out *settings) {
	const what = "stack_defaults"
	fields := r.fields(e.Value, what, "options", "params")
	if params, ok := fields["params"]; ok {
		out.stackParams = r.params(params.Value)
	}
	options, ok := fields["options"]
	if !ok {
		return
	}
	for _, f := range r.entries(options.Value, "options of stack_defaults") {
		if f.Value.Kind != spec.Mapping {
			r.diags.Errorf(f.Value.Pos, diag.WrongShape, "options of stack_defaults are by flavor, and %q must be a mapping, not %s",
				f.Key.Value, shape(f.Value)).
				WithHelp("write {airflow: {%s: …}}", f.Key.Value)
			continue
		}
		out.stackOptions = append(out.stackOptions, group{f.Key, r.options(f.Value, "the options for "+f.Key.Value)})
	}
}

// params reads values of parameters, whose types the pipelines know.
func (r reader) params(v *spec.Value) []spec.Entry { return r.entries(v, "params") }

func (r reader) options(v *spec.Value, what string) []spec.Entry {
	out := r.entries(v, what)
	for _, e := range out {
		expr.Constant(e.Value, r.diags)
	}
	return out
}

func (r reader) flavors(e spec.Entry) []spec.Entry {
	out := r.entries(e.Value, "flavors")
	for _, f := range out {
		if !flavorName.MatchString(f.Key.Value) || len(f.Key.Value) > maxName {
			r.diags.Errorf(f.Key.Pos, diag.BadName, "%q cannot be the name of a flavor: lower-case letters, digits and '-', a letter first", f.Key.Value)
		}
		r.text(f)
	}
	return out
}

func (r reader) require(e spec.Entry) []*spec.Value {
	out := r.items(e.Value, "require")
	for _, v := range out {
		name := r.typed(v, ir.String)
		if name != nil && findRule(name.Text) == nil {
			r.diags.Errorf(v.Pos, diag.BadChoice, "nothing can be required that is called %q", name.Text).Suggest(name.Text, ruleNames())
		}
	}
	return out
}

// pipelines reads the entries: paths, or mappings with a path.
func (r reader) pipelines(e spec.Entry) []*spec.Value {
	out := r.items(e.Value, "pipelines")
	for _, v := range out {
		if v.Kind == spec.Scalar {
			r.path(v)
			continue
		}
		fields := r.fields(v, "an entry of pipelines", "defaults", "path", "stacks")
		if path, ok := fields["path"]; ok {
			r.path(path.Value)
		} else if v.Kind == spec.Mapping {
			r.diags.Errorf(v.Pos, diag.MissingKey, "the entry has no \"path\"").WithHelp("write {path: etl/*.yaml, …}")
		}
		if stacks, ok := fields["stacks"]; ok {
			for _, name := range r.items(stacks.Value, "stacks") {
				r.typed(name, ir.String)
			}
			if stacks.Value.Kind == spec.Sequence && len(stacks.Value.Items) == 0 {
				r.diags.Errorf(stacks.Value.Pos, diag.MissingKey, "stacks is empty").WithHelp("name a stack, or leave the key out for all of them")
			}
		}
		if defaults, ok := fields["defaults"]; ok {
			r.entries(defaults.Value, "defaults")
		}
	}
	return out
}

// path reads a path or pattern below the project.
func (r reader) path(v *spec.Value) {
	if text := r.typed(v, ir.String); text != nil {
		r.local(v, text.Text, "a pipeline")
	}
}

// folder reads a folder below the project.
func (r reader) folder(e spec.Entry) bool {
	text := r.text(e)
	return text != "" && r.local(e.Value, text, e.Key.Value)
}

func (r reader) local(v *spec.Value, text, what string) bool {
	switch {
	case strings.ContainsFunc(text, unicode.IsControl):
		r.diags.Errorf(v.Pos, diag.BadName, "%q has a control character", text)
	case text == "" || !filepath.IsLocal(filepath.FromSlash(text)):
		r.diags.Errorf(v.Pos, diag.BadFile, "%q is not below the project, where %s must be", text, what).
			WithHelp("write a path relative to the folder of zenc.yaml, without ..")
	default:
		return true
	}
	return false
}

// allDefaults checks the defaults of steps that the file has: for all pipelines, and for those of an entry.
func (f *File) allDefaults(s *settings) {
	if len(s.defaults) > 0 {
		f.checkDefaults(lookup(f.root, "defaults").Value)
	}
	for _, v := range s.pipelines {
		if e := lookup(v, "defaults"); e != nil && e.Value.Kind == spec.Mapping {
			f.checkDefaults(e.Value)
		}
	}
}

// checkDefaults holds defaults of steps to what a pipeline would say of them, with their places in the file.
func (f *File) checkDefaults(v *spec.Value) {
	found := f.Diags.Len()
	d := spec.ReadDefaults(v, f.Source.Data, &f.Diags)
	if f.Diags.Len() > found {
		return
	}
	text := func(s string) *spec.String { return &spec.String{Value: s, Pos: v.Pos} }
	step := &spec.Step{Name: *text("x"), Run: text("true"), Keys: []spec.String{*text("run")}}
	check.Pipeline(&spec.Pipeline{Name: text("x"), Defaults: d, Steps: []*spec.Step{step}}, check.Folders{}, &f.Diags)
}

// entries are those of a mapping.
func (r reader) entries(v *spec.Value, what string) []spec.Entry {
	if v.Kind != spec.Mapping {
		r.diags.Errorf(v.Pos, diag.WrongShape, "%s must be a mapping, not %s", what, shape(v))
		return nil
	}
	return v.Entries
}

// fields are the entries of a mapping with given keys, by key.
func (r reader) fields(v *spec.Value, what string, keys ...string) map[string]spec.Entry {
	out := map[string]spec.Entry{}
	for _, e := range r.entries(v, what) {
		if !slices.Contains(keys, e.Key.Value) {
			r.unknown(e.Key, what, keys...)
			continue
		}
		out[e.Key.Value] = e
	}
	return out
}

func (r reader) unknown(key spec.String, what string, keys ...string) {
	r.diags.Errorf(key.Pos, diag.UnknownKey, "%q is not a key of %s", key.Value, what).Suggest(key.Value, keys)
}

func (r reader) items(v *spec.Value, what string) []*spec.Value {
	if v.Kind != spec.Sequence {
		d := r.diags.Errorf(v.Pos, diag.WrongShape, "%s must be a list, not %s", what, shape(v))
		if v.Kind == spec.Scalar && v.Text != "" {
			d.WithHelp("write [%s]", v.Text)
		}
		return nil
	}
	return v.Items
}

// text is the value of a key; "" after an error, also where it is empty.
func (r reader) text(e spec.Entry) string {
	v := r.typed(e.Value, ir.String)
	if v == nil {
		return ""
	}
	if v.Text == "" {
		r.diags.Errorf(e.Value.Pos, diag.WrongShape, "%s is empty", e.Key.Value).WithHelp("leave the key out")
	}
	return v.Text
}

// typed reads a value of a type; nil after an error.
func (r reader) typed(v *spec.Value, t ir.Type) *ir.Value { return check.Typed(v, t, r.diags) }

// textOf is a text that has been read before without an error.
func textOf(v *spec.Value) string {
	if text := check.Typed(v, ir.String, &diag.List{}); text != nil {
		return text.Text
	}
	return ""
}

// cleanPath is a path of the file with no more points and slashes than it needs.
func cleanPath(text string) string { return path.Clean(filepath.ToSlash(text)) }

// lookup returns the entry of a key in a mapping, or nil.
func lookup(v *spec.Value, key string) *spec.Entry {
	for i := range v.Entries {
		if v.Entries[i].Key.Value == key {
			return &v.Entries[i]
		}
	}
	return nil
}

func shape(v *spec.Value) string {
	switch {
	case v.Kind == spec.Mapping:
		return "a mapping"
	case v.Kind == spec.Sequence:
		return "a list"
	case v.FormOf() == spec.NullForm && v.Text == "":
		return "empty"
	}
	return strconv.Quote(v.Text)
}
