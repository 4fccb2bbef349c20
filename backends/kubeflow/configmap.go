package kubeflow

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/templates"
)

const (
	volumeName = "zenc"
	limitsKey  = "max_active_runs"
	// maxConfigMap is what Kubernetes stores in one ConfigMap, in bytes.
	// https://kubernetes.io/docs/concepts/configuration/configmap/
	maxConfigMap = 1 << 20
)

// mounted is one file of the volume that the steps see at homeFolder.
type mounted struct {
	key        string // in the ConfigMap
	path       string // below homeFolder
	content    []byte
	isText     bool
	executable bool
}

// codeMap is the ConfigMap with the step runner, the shipped code and the scripts.
type codeMap struct {
	name  string
	files []mounted
}

// newCodeMap collects the files. The name tells the content: a kubelet keeps an immutable ConfigMap under its name.
func newCodeMap(p *ir.Pipeline) codeMap {
	files := []mounted{{path: "step.py", content: templates.StepRunner, isText: true}}
	for _, f := range p.Code {
		files = append(files, mounted{path: "code/" + f.Path, content: f.Content(), isText: f.Binary == nil, executable: f.Executable})
	}
	for _, s := range p.Steps {
		if s.Kind == ir.Run {
			files = append(files, mounted{path: "scripts/" + s.Name, content: []byte(s.Script), isText: true})
		}
	}
	hash := sha256.New()
	taken := make(map[string]bool, len(files))
	for i := range files {
		f := &files[i]
		f.key = unique(configMapKey(f.path), taken)
		taken[f.key] = true
		fmt.Fprintf(hash, "%q %t %d\n", f.path, f.executable, len(f.content))
		hash.Write(f.content)
	}
	return codeMap{name: contentName(p, "code", hash.Sum(nil)), files: files}
}

func contentName(p *ir.Pipeline, what string, sum []byte) string {
	return p.Name + "-" + what + "-" + hex.EncodeToString(sum)[:10]
}

var notInKey = regexp.MustCompile(`[^-._a-zA-Z0-9]`)

// configMapKey returns a key that Kubernetes takes, close to the path.
func configMapKey(path string) string {
	const longest = 200 // of 253, so that there is room for a number behind it
	key := notInKey.ReplaceAllString(strings.ReplaceAll(path, "/", "."), "_")
	return key[:min(len(key), longest)]
}

// size is what Kubernetes counts against maxConfigMap.
func (c codeMap) size() int {
	n := 0
	for _, f := range c.files {
		n += len(f.key) + len(f.content)
	}
	return n
}

func (c codeMap) node(m *manifest) *node {
	data, binary := object().spread(), object().spread()
	for _, f := range c.files {
		if f.isText {
			data.append(f.key, block(string(f.content)))
		} else {
			binary.append(f.key, str(base64.StdEncoding.EncodeToString(f.content)))
		}
	}
	return m.configMap(c.name, managedBy()).set("data", data).set("binaryData", binary)
}

// volume mounts every file at its path.
func (c codeMap) volume() *node {
	items := list().spread()
	for _, f := range c.files {
		item := object().set("key", str(f.key)).set("path", str(f.path))
		if f.executable {
			item.set("mode", plain("0755"))
		}
		items.add(item)
	}
	source := object().set("name", str(c.name)).set("items", items).spread()
	return object().set("name", str(volumeName)).set("configMap", source).spread()
}

// configMap returns an immutable ConfigMap without data. GitOps tools would delete it while runs still use it.
func (m *manifest) configMap(name string, labels *node) *node {
	meta := object().set("name", str(name)).spread()
	if m.settings.namespace != "" {
		meta.set("namespace", str(m.settings.namespace))
	}
	meta.set("labels", labels)
	meta.set("annotations", object().set("argocd.argoproj.io/sync-options", str("Prune=false")))
	return object().set("apiVersion", str("v1")).set("kind", str("ConfigMap")).set("metadata", meta).set("immutable", boolean(true)).spread()
}

// defaultsMap is the ConfigMap with the defaults of parameters that Argo would change: it substitutes its tags in the
// values of a workflow's arguments, but not in what it reads from there.
type defaultsMap struct {
	name   string
	params []*ir.Param
}

func newDefaultsMap(p *ir.Pipeline) defaultsMap {
	hash := sha256.New()
	var d defaultsMap
	for _, param := range p.Params {
		if param.Default != nil && !isTagFree(textForm(param.Default, param.Type)) {
			d.params = append(d.params, param)
			fmt.Fprintf(hash, "%s %q\n", param.Name, param.Default.Text)
		}
	}
	d.name = contentName(p, "defaults", hash.Sum(nil))
	return d
}

// ref is where a parameter has its default.
func (d defaultsMap) ref(p *ir.Param) *node {
	return object().set("configMapKeyRef", object().set("name", str(d.name)).set("key", str(p.Name)))
}

// node returns nil where every default may stand in the arguments. Argo reads only ConfigMaps that are labelled for it.
func (d defaultsMap) node(m *manifest) *node {
	if len(d.params) == 0 {
		return nil
	}
	data := object().spread()
	for _, p := range d.params {
		data.append(p.Name, block(textForm(p.Default, p.Type)))
	}
	labels := managedBy().set("workflows.argoproj.io/configmap-type", str("Parameter"))
	return m.configMap(d.name, labels).set("data", data)
}

func limitsName(p *ir.Pipeline) string { return p.Name + "-limits" }

// limits returns the ConfigMap of the semaphore that bounds the runs, or nil. Its number may be changed in the cluster.
func (m *manifest) limits() *node {
	if m.p.MaxActiveRuns < 2 {
		return nil
	}
	meta := object().set("name", str(limitsName(m.p))).spread()
	if m.settings.namespace != "" {
		meta.set("namespace", str(m.settings.namespace))
	}
	data := object().set(limitsKey, str(ir.IntText(int64(m.p.MaxActiveRuns)))).spread()
	return object().set("apiVersion", str("v1")).set("kind", str("ConfigMap")).
		set("metadata", meta.set("labels", managedBy())).set("data", data).spread()
}

// textForm returns a parameter's value as text. A "{{" within JSON is escaped, so that Argo sees no tag there.
func textForm(v *ir.Value, t ir.Type) string {
	if t == ir.String {
		return v.Text
	}
	var b strings.Builder
	writeCompact(&b, v)
	return b.String()
}

// writeCompact writes JSON without blanks, keys sorted.
func writeCompact(b *strings.Builder, v *ir.Value) {
	switch v.Kind {
	case ir.ListValue:
		b.WriteByte('[')
		for i := range v.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCompact(b, &v.Items[i])
		}
		b.WriteByte(']')
	case ir.MapValue:
		b.WriteByte('{')
		fields := slices.SortedFunc(slices.Values(v.Map), func(x, y ir.Field) int { return strings.Compare(x.Key, y.Key) })
		for i := range fields {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(jsonQuote(fields[i].Key) + ":")
			writeCompact(b, &fields[i].Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(jsonValue(v).text)
	}
}
