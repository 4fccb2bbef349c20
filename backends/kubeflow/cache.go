package kubeflow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// The cache of a step is an artifact of its own, which the step runner reads and writes: a tar with the outputs and with the key,
// the hash of all that they are made of. Where it lies the controller has to know before there is a pod. So that is a hash of what
// runs and one of its parameters, without the contents of its files: an entry of another key there is a miss, and is replaced.
//
// Argo's own memoize asks for no contents either, and gives out what it has noted without a look at the artifacts.
// https://argo-workflows.readthedocs.io/en/latest/memoization/

// cacheEntry is what the artifact of an entry is called. No output of a spec has capitals.
const cacheEntry = "CACHE"

// entryArtifact is an entry among the artifacts of a template: optional, and not to be unpacked.
func entryArtifact(folder, key string) *node {
	return object().set("name", str(cacheEntry)).set("path", str(folder+"/"+cacheEntry)).set("optional", boolean(true)).
		set("archive", asIs()).set("s3", s3(key))
}

// startCacheKey notes what distinguishes the instances of a step: the elements where the controller can tell them, else the place.
// What was asked for until now are the lists alone.
func (w *wiring) startCacheKey(s *ir.Step, lists []ir.Each) {
	if !s.Cache.On {
		return
	}
	w.cacheParts = nil
	switch len(lists) {
	case 0:
	case 1:
		w.cacheParts = append(w.cacheParts, w.element(lists[0].Items))
	default:
		w.cacheParts = append(w.cacheParts, inputRef(itemInput))
	}
	w.used = nil
}

// element prints the element of an instance, whose list was asked for last, or else its place.
func (w *wiring) element(items *ir.Expr) string {
	const longest = 1000 // bytes of a literal that are repeated
	place, list := inputRef(itemInput), ""
	switch {
	case items.IsLit():
		if text, ok := exprLiteral(items.Value); ok && len(text) < longest {
			list = text
		}
	case len(w.used) > 0 && !items.FanIn && (items.Op == ir.ParamRef || items.Op == ir.OutputRef):
		list = "fromJSON(fromBase64(" + inputRef(w.used[len(w.used)-1].name) + "))"
	}
	if list == "" {
		return place
	}
	return "toJSON(" + list + "[int(" + place + ")])"
}

// cache returns what the step runner is told of the cache. All inputs have been asked for.
func (w *wiring) cache(s *ir.Step) jsonNode {
	seen := map[string]bool{itemInput: true}
	for _, in := range w.used {
		if in.path == "" && !seen[in.name] {
			seen[in.name] = true
			w.cacheParts = append(w.cacheParts, inputRef(in.name))
		}
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q %q %d\n", s.Module, s.Function, s.Script, s.Shell, len(s.Command))
	for _, o := range s.Outputs {
		fmt.Fprintf(hash, "%s %s\n", o.Name, o.Type)
	}
	w.cacheKey = "zenc-cache/" + w.m.p.Name + "/" + hex.EncodeToString(hash.Sum(nil))[:10]
	if len(w.cacheParts) > 0 {
		w.cacheKey += "/{{=sprig.sha256sum(" + strings.Join(w.cacheParts, " + ' ' + ") + ")}}"
	}
	n := jsonObject().with("from", jsonString(inFolder+"/"+cacheEntry))
	if s.Cache.TTL > 0 {
		n = n.with("ttl", jsonRaw(strconv.FormatInt(s.Cache.TTL, 10)))
	}
	env, secrets := jsonObject(), jsonObject()
	for _, v := range s.Env {
		if isContainerEnv(v) { // the others are the step runner's own
			env = env.with(v.Name, jsonString(v.Value.Value.Text))
		}
	}
	for _, secret := range s.Secrets {
		secrets = secrets.with(secret.Name, jsonString(secret.Ref()))
	}
	if len(env.items) > 0 {
		n = n.with("env", env)
	}
	if len(secrets.items) > 0 {
		n = n.with("secrets", secrets)
	}
	return n
}

// inputRef is how an expression names an input.
func inputRef(name string) string {
	if strings.Contains(name, "-") {
		return "inputs.parameters['" + name + "']"
	}
	return "inputs.parameters." + name
}
