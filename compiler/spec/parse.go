package spec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// Parse reads a spec. The tree is nil only if the text is not YAML or not a mapping; otherwise it holds whatever could be
// read, also beside errors.
func Parse(data []byte, diags *diag.List) *Pipeline {
	p := &parser{src: &source{diag.Lines(string(data))}, diags: diags}
	root := p.decode(data)
	if root == nil {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		diags.Errorf(p.pos(root), diag.WrongShape, "a pipeline is a mapping with name and steps, not %s", shape(root))
		return nil
	}
	out := p.pipeline(root)
	out.Text = string(data)
	return out
}

// reader says how the value of one key is read.
type reader func(n *yaml.Node, key String)

// keys is the legal keys of one kind of mapping.
type keys struct {
	what string            // as it is called in messages
	kind string            // as all of its kind are called; "": as it is
	read map[string]reader // by key
}

// object reads a mapping key by key and returns the keys that were written. A key that is close to one that is not there is taken for
// it: what would be missing without it is then not reported as well.
func (p *parser) object(n *yaml.Node, k keys) []String {
	if p.onKeys != nil {
		p.onKeys(k.what, k.legal())
	}
	entries := p.mapping(n, k.what)
	written := make([]String, len(entries))
	for i, e := range entries {
		written[i] = e.key
	}
	for i, e := range entries {
		read, ok := k.read[e.key.Value]
		if !ok {
			written[i].Value = p.unknownKey(e.key, k, written)
			read, ok = k.read[written[i].Value]
		}
		if ok {
			read(e.value, written[i])
		}
	}
	return written
}

// unknownKey reports a key that means nothing and returns the one that was meant, if that can be told.
func (p *parser) unknownKey(key String, k keys, written []String) (meant string) {
	absent := slices.DeleteFunc(k.legal(), func(name string) bool { return has(written, name) })
	d := p.diags.Errorf(key.Pos, diag.UnknownKey, "%q is not a key of %s", key.Value, k.kindOf())
	if meant = diag.Closest(key.Value, absent); meant != "" {
		d.Replace(meant, true)
		return meant
	}
	d.Suggest(key.Value, k.legal())
	return ""
}

func (k keys) kindOf() string { return cmp.Or(k.kind, k.what) }

// legal returns the keys, sorted.
func (k keys) legal() []string { return slices.Sorted(maps.Keys(k.read)) }

// everyMapping has one of each kind of mapping with keys of its own.
const everyMapping = "{schedule: {}, params: {x: {}}, defaults: {}, steps: {x: {retries: {}, resources: {}, cache: {}}}}"

// Keys returns the keys of the language: those of the pipeline by their names, the others behind that of their mapping:
// schedule.cron, params.type, steps.run, steps.retries.limit.
func Keys() []string {
	prefix := map[string]string{"a pipeline": "", "schedule": "schedule.", `the parameter "x"`: "params.", "defaults": "defaults.",
		`the step "x"`: "steps.", "retries": "steps.retries.", "cache": "steps.cache.", "resources": "steps.resources."}
	var out []string
	p := &parser{src: &source{[]string{everyMapping}}, diags: &diag.List{}, onKeys: func(what string, legal []string) {
		for _, key := range legal {
			out = append(out, prefix[what]+key)
		}
	}}
	p.pipeline(p.decode([]byte(everyMapping)))
	slices.Sort(out)
	return out
}

func (p *parser) pipeline(n *yaml.Node) *Pipeline {
	out := &Pipeline{}
	written := p.object(n, keys{
		what: "a pipeline",
		read: map[string]reader{
			"zenc":            p.languageVersion,
			"name":            p.intoString(&out.Name),
			"description":     p.intoString(&out.Description),
			"owner":           p.intoString(&out.Owner),
			"labels":          func(n *yaml.Node, _ String) { out.Labels = p.labels(n) },
			"schedule":        func(n *yaml.Node, k String) { out.Schedule = p.schedule(n, k) },
			"params":          func(n *yaml.Node, _ String) { out.Params = p.params(n) },
			"defaults":        func(n *yaml.Node, _ String) { out.Defaults = p.defaults(n) },
			"files":           func(n *yaml.Node, _ String) { out.Files = p.strings(n, "files") },
			"requirements":    func(n *yaml.Node, _ String) { out.Requirements = p.requirements(n) },
			"steps":           func(n *yaml.Node, _ String) { out.Steps = p.steps(n, "steps") },
			"finally":         func(n *yaml.Node, _ String) { out.Finally = p.steps(n, "finally") },
			"fail_fast":       func(n *yaml.Node, k String) { out.FailFast = p.boolean(n, k) },
			"timeout":         p.intoDuration(&out.Timeout),
			"max_parallel":    p.intoInt(&out.MaxParallel, 1),
			"max_active_runs": p.intoInt(&out.MaxActiveRuns, 1),
			"options":         func(n *yaml.Node, _ String) { out.Options = p.options(n) },
			"outputs":         func(n *yaml.Node, _ String) { out.Outputs = p.entries(n, "outputs") },
		},
	})
	for _, must := range []string{"name", "steps"} {
		if !has(written, must) {
			p.diags.Errorf(diag.Pos{Line: n.Line, Col: n.Column}, diag.MissingKey, "the pipeline has no %q", must)
		}
	}
	return out
}

func has(keys []String, name string) bool {
	for _, k := range keys {
		if k.Value == name {
			return true
		}
	}
	return false
}

func (p *parser) languageVersion(n *yaml.Node, key String) {
	if v := p.str(n, key); v != nil && v.Value != "1" {
		p.diags.Errorf(v.Pos, diag.BadChoice, "zenc: %s is not a version of the language that this zenc knows", v.Value).
			WithHelp("write 1, or leave the key out")
	}
}

func (p *parser) labels(n *yaml.Node) []Label {
	var out []Label
	for _, e := range p.mapping(n, "labels") {
		if v := p.str(e.value, e.key); v != nil {
			out = append(out, Label{p.plainKey(e.key), *v})
		}
	}
	return out
}

func (p *parser) schedule(n *yaml.Node, key String) *Schedule {
	out := &Schedule{Pos: key.Pos}
	if r := p.resolve(n); r != nil && r.Kind == yaml.ScalarNode && r.Tag != "!!null" {
		p.diags.Errorf(p.pos(n), diag.WrongShape, "schedule must be a mapping, not %s", shape(r)).
			WithHelp("write {cron: %q}", r.Value)
		return nil
	}
	found := p.diags.Len()
	p.object(n, keys{
		what: "schedule",
		read: map[string]reader{
			"cron":     p.intoString(&out.Cron),
			"every":    p.intoDuration(&out.Every),
			"timezone": p.intoString(&out.Timezone),
			"start":    p.intoString(&out.Start),
			"end":      p.intoString(&out.End),
			"catchup":  func(n *yaml.Node, k String) { out.Catchup = p.boolean(n, k) },
			"overlap":  p.intoString(&out.Overlap),
		},
	})
	if out.Cron == nil && out.Every == nil && p.diags.Len() > found {
		return nil // what is wrong with it has been said
	}
	return out
}

func (p *parser) params(n *yaml.Node) []*Param {
	var out []*Param
	for _, e := range p.mapping(n, "params") {
		param := &Param{Name: e.key}
		out = append(out, param)
		if v := p.resolve(e.value); v == nil || v.Kind != yaml.MappingNode {
			param.Default = p.value(e.value)
			continue
		}
		p.object(e.value, keys{
			what: fmt.Sprintf("the parameter %q", e.key.Value),
			read: map[string]reader{
				"type":        p.intoString(&param.Type),
				"default":     p.intoValue(&param.Default),
				"enum":        p.intoValue(&param.Enum),
				"min":         p.intoValue(&param.Min),
				"max":         p.intoValue(&param.Max),
				"pattern":     p.intoString(&param.Pattern),
				"description": p.intoString(&param.Description),
			},
		})
	}
	return out
}

func (p *parser) defaults(n *yaml.Node) *Defaults {
	out := &Defaults{}
	p.object(n, keys{
		what: "defaults",
		read: map[string]reader{
			"image":     p.intoString(&out.Image),
			"retries":   func(n *yaml.Node, k String) { out.Retries = p.retries(n, k) },
			"timeout":   p.intoDuration(&out.Timeout),
			"resources": func(n *yaml.Node, k String) { out.Resources = p.resources(n, k) },
			"env":       func(n *yaml.Node, _ String) { out.Env = p.entries(n, "env") },
			"shell":     p.intoString(&out.Shell),
		},
	})
	return out
}

func (p *parser) requirements(n *yaml.Node) *Requirements {
	if r := p.resolve(n); r != nil && r.Kind == yaml.SequenceNode {
		return &Requirements{Lines: p.strings(n, "requirements")}
	}
	if f := p.str(n, String{Value: "requirements"}); f != nil {
		return &Requirements{File: f}
	}
	return nil
}

func (p *parser) steps(n *yaml.Node, key string) []*Step {
	var out []*Step
	entries := p.mapping(n, key)
	for _, e := range entries {
		out = append(out, p.step(e))
	}
	if r := p.resolve(n); len(entries) == 0 && r != nil && r.Kind == yaml.MappingNode {
		p.diags.Errorf(p.pos(n), diag.MissingKey, "%s is empty", key).WithHelp("it has at least one step")
	}
	return out
}

func (p *parser) secrets(n *yaml.Node) []Secret {
	var out []Secret
	for _, e := range p.mapping(n, "secrets") {
		if ref := p.str(e.value, e.key); ref != nil {
			out = append(out, Secret{e.key, *ref})
		}
	}
	return out
}

func (p *parser) step(e entry) *Step {
	out := &Step{Name: e.key}
	found := p.diags.Len()
	var outputs *yaml.Node
	out.Keys = p.object(e.value, keys{
		what: fmt.Sprintf("the step %q", e.key.Value),
		kind: "a step",
		read: map[string]reader{
			"description": p.intoString(&out.Description),
			"python":      p.intoString(&out.Python),
			"operator":    p.intoString(&out.Operator),
			"run":         func(n *yaml.Node, k String) { out.Run = p.script(n, k) },
			"shell":       p.intoString(&out.Shell),
			"command":     func(n *yaml.Node, k String) { out.Command = p.command(n, k) },
			"with":        func(n *yaml.Node, _ String) { out.With = p.entries(n, "with") },
			"needs":       func(n *yaml.Node, _ String) { out.Needs = p.strings(n, "needs") },
			"outputs":     func(n *yaml.Node, _ String) { outputs = n },
			"steps":       func(n *yaml.Node, _ String) { out.Steps = p.steps(n, "steps") },
			"pipeline":    p.intoString(&out.Pipeline),
			"env":         func(n *yaml.Node, _ String) { out.Env = p.entries(n, "env") },
			"secrets":     func(n *yaml.Node, _ String) { out.Secrets = p.secrets(n) },
			"retries":     func(n *yaml.Node, k String) { out.Retries = p.retries(n, k) },
			"timeout":     p.intoDuration(&out.Timeout),
			"resources":   func(n *yaml.Node, k String) { out.Resources = p.resources(n, k) },
			"image":       p.intoString(&out.Image),
			"options":     func(n *yaml.Node, _ String) { out.Options = p.options(n) },
			"run_if":      p.intoString(&out.RunIf),
			"when":        func(n *yaml.Node, k String) { out.When = p.scalar(n, k, "a condition") },

			"foreach":        func(n *yaml.Node, k String) { out.Foreach = p.foreach(n, k) },
			"max_parallel":   p.intoInt(&out.MaxParallel, 1),
			"skip_exit_code": p.intoInt(&out.SkipExitCode, 1),
			"cache":          func(n *yaml.Node, k String) { out.Cache = p.cache(n, k) },
			"allow_failure":  func(n *yaml.Node, k String) { out.AllowFailure = p.boolean(n, k) },
		},
	})
	switch {
	case outputs == nil:
	case has(out.Keys, "steps"):
		out.GroupOutputs = p.entries(outputs, "outputs")
	default:
		out.Outputs = p.outputs(outputs)
	}
	out.Broken = p.diags.Len() > found
	return out
}

// foreach reads variables with their lists; a list without a name is a frequent mistake.
func (p *parser) foreach(n *yaml.Node, key String) *Foreach {
	if r := p.resolve(n); r != nil && r.Kind != yaml.MappingNode && r.Tag != "!!null" {
		p.diags.Errorf(p.pos(n), diag.WrongShape, "foreach must be a mapping of names to lists, not %s", shape(r)).
			WithHelp("name the element: foreach: {item: …}, and use it as ${{ each.item }}")
		return nil
	}
	out := &Foreach{Each: p.entries(n, "foreach"), Pos: key.Pos}
	if r := p.resolve(n); len(out.Each) == 0 && r != nil && r.Kind == yaml.MappingNode {
		p.diags.Errorf(key.Pos, diag.MissingKey, "foreach is empty").WithHelp("name the element and give its list: foreach: {item: [1, 2]}")
	}
	return out
}

func (p *parser) cache(n *yaml.Node, key String) *Cache {
	out := &Cache{Pos: key.Pos}
	if r := p.resolve(n); r != nil && r.Kind != yaml.MappingNode {
		out.On = p.boolean(n, key)
		return out
	}
	p.object(n, keys{what: "cache", read: map[string]reader{"ttl": p.intoDuration(&out.TTL)}})
	return out
}

// command reads the list of arguments; a text is a frequent mistake with an easy way out.
func (p *parser) command(n *yaml.Node, key String) *Value {
	if r := p.resolve(n); r != nil && r.Kind == yaml.ScalarNode {
		p.diags.Errorf(p.pos(n), diag.WrongShape, "command must be a list of arguments, not %s", shape(r)).
			WithHelp("write command: [%s], or run: for a shell script", strings.Join(strings.Fields(r.Value), ", "))
		return nil
	}
	v := p.value(n)
	if v.Kind != Sequence {
		p.diags.Errorf(v.Pos, diag.WrongShape, "command must be a list of arguments, not a mapping")
		return nil
	}
	return v
}

func (p *parser) outputs(n *yaml.Node) []Output {
	var out []Output
	for _, e := range p.mapping(n, "outputs") {
		if t := p.str(e.value, e.key); t != nil {
			out = append(out, Output{e.key, *t})
		}
	}
	return out
}

func (p *parser) retries(n *yaml.Node, key String) *Retries {
	out := &Retries{Pos: key.Pos}
	if r := p.resolve(n); r != nil && r.Kind != yaml.MappingNode {
		out.Limit = p.integer(n, key, 0)
		return out
	}
	p.object(n, keys{
		what: "retries",
		read: map[string]reader{
			"limit":     p.intoInt(&out.Limit, 0),
			"delay":     p.intoDuration(&out.Delay),
			"backoff":   func(n *yaml.Node, k String) { out.Backoff = p.float(n, k, 1) },
			"max_delay": p.intoDuration(&out.MaxDelay),

			"on_exit_codes": func(n *yaml.Node, k String) { out.OnExitCodes = p.integers(n, k, 1) },
		},
	})
	return out
}

func (p *parser) resources(n *yaml.Node, key String) *Resources {
	out := &Resources{Pos: key.Pos}
	p.object(n, keys{
		what: "resources",
		read: map[string]reader{
			"cpu":      p.intoString(&out.CPU),
			"memory":   p.intoString(&out.Memory),
			"gpu":      p.intoInt(&out.GPU, 0),
			"gpu_type": p.intoString(&out.GPUType),
			"disk":     p.intoString(&out.Disk),
		},
	})
	return out
}

func (p *parser) options(n *yaml.Node) []Options {
	var out []Options
	for _, e := range p.mapping(n, "options") {
		o := Options{Flavor: e.key}
		o.Fields = p.entries(e.value, fmt.Sprintf("the options for %s", e.key.Value))
		out = append(out, o)
	}
	return out
}

// entries reads a mapping of any keys to data.
func (p *parser) entries(n *yaml.Node, what string) []Entry {
	es := p.mapping(n, what)
	out := make([]Entry, 0, len(es))
	for _, e := range es {
		out = append(out, Entry{e.key, p.value(e.value)})
	}
	return out
}

// ParseValue reads data of any shape, such as the options of a stack; nil if the text is not YAML.
func ParseValue(data []byte, diags *diag.List) *Value {
	p := &parser{src: &source{diag.Lines(string(data))}, diags: diags}
	root := p.decode(data)
	if root == nil {
		return nil
	}
	return p.value(root)
}
