package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cacheVersion changes when the key or the form of an entry does.
const cacheVersion = 1

// cache keeps the outputs of steps below .zenc/cache, in a folder for each key. An entry is written beside its place and moved
// there, so that it is whole or not there; one that is not what it was is a miss.
type cache struct {
	dir  string // .zenc/cache, absolute
	runs string // .zenc/runs: paths below it are artifacts
	code string // hash of the shipped tree
}

func newCache(st *store) (*cache, error) {
	code, err := hashOf(st.code())
	runs := filepath.Dir(st.dir)
	return &cache{dir: filepath.Join(filepath.Dir(runs), "cache"), runs: runs, code: code}, err
}

// key is the hash of all that the outputs of a step are made of: the code, what is run, the inputs (of artifacts the content),
// the variables, what secrets are called, and the declared outputs. Values of secrets are not in it, and neither is what the
// engine decides: images, timeouts, retries. It is the key that the step runner has for the same step.
func (c *cache) key(step *Step, inputs *prepared, argv []string) (string, error) {
	key := map[string]any{"version": int64(cacheVersion), "code": c.code}
	with, env, secrets, outputs := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	for _, a := range inputs.with {
		value, err := c.content(a.value, a.typ)
		if err != nil {
			return "", err
		}
		with[a.name] = []any{a.typ, value}
	}
	for _, variable := range inputs.env {
		name, text, _ := strings.Cut(variable, "=")
		env[name] = text
	}
	for _, secret := range step.Secrets {
		secrets[secret.Name] = secret.Ref
	}
	for _, o := range step.Outputs {
		outputs[o.Name] = o.Type
	}
	key["with"], key["env"], key["secrets"], key["outputs"] = with, env, secrets, outputs
	switch {
	case step.Python != "":
		key["python"] = step.Python
	case step.Command != nil:
		for i, arg := range argv {
			if strings.HasPrefix(arg, c.runs+string(filepath.Separator)) { // an artifact
				var err error
				if argv[i], err = hashOf(arg); err != nil {
					return "", err
				}
			}
		}
		key["command"] = texts(argv)
	default:
		key["run"], key["shell"] = step.Script, texts(step.shell())
	}
	text, err := jsonText(key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}

// content is a value with the hash of its content in place of each artifact.
func (c *cache) content(value any, typ string) (any, error) {
	if items, ok := value.([]any); ok && isArtifact(elemOf(typ)) {
		out := make([]any, len(items))
		for i, item := range items {
			var err error
			if out[i], err = c.content(item, elemOf(typ)); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if path, ok := value.(string); ok && isArtifact(typ) {
		return hashOf(path)
	}
	return Loaded(value)
}

// cacheEntry is entry.json: when the outputs were made, and the hash of each.
type cacheEntry struct {
	Created time.Time         `json:"created"`
	Hashes  map[string]string `json:"hashes"`
}

func (c *cache) folder(key string) string { return filepath.Join(c.dir, key[:2], key) }

// load puts the outputs of an entry into the folder out; false for a miss.
func (c *cache) load(key string, step *Step, out string) bool {
	folder := c.folder(key)
	text, err := os.ReadFile(filepath.Join(folder, "entry.json"))
	var entry cacheEntry
	if err != nil || json.Unmarshal(text, &entry) != nil || step.CacheTTL > 0 && time.Since(entry.Created) > step.CacheTTL {
		return false
	}
	for _, o := range step.Outputs {
		hash, err := hashOf(filepath.Join(folder, o.Name))
		if err != nil || hash != entry.Hashes[o.Name] {
			return false
		}
	}
	for _, o := range step.Outputs {
		target := filepath.Join(out, o.Name)
		if os.RemoveAll(target) != nil || copyTree(filepath.Join(folder, o.Name), target) != nil {
			os.RemoveAll(target)
			return false
		}
	}
	return true
}

// save keeps what a step has left in the folder out. Who comes second leaves the entry as it is, unless it was no good.
func (c *cache) save(key string, step *Step, out string) error {
	folder := c.folder(key)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	entry := cacheEntry{Created: time.Now().UTC(), Hashes: map[string]string{}}
	for _, o := range step.Outputs {
		place := filepath.Join(temporary, o.Name)
		if err := copyTree(filepath.Join(out, o.Name), place); err != nil {
			return err
		}
		if entry.Hashes[o.Name], err = hashOf(place); err != nil {
			return err
		}
	}
	text, err := json.Marshal(entry)
	if err == nil {
		err = os.WriteFile(filepath.Join(temporary, "entry.json"), text, 0o644)
	}
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Rename(temporary, folder); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// hashOf is the SHA-256 of a file, and of a folder that of the hashes and names of the files in it. Empty folders do not count,
// which most artifact stores do not have.
func hashOf(path string) (string, error) {
	sum := sha256.New()
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return fileHash(path)
	}
	hashes := map[string]string{}
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(path, name)
		if err != nil {
			return err
		}
		hashes[filepath.ToSlash(relative)], err = fileHash(name)
		return err
	})
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		fmt.Fprintf(sum, "%s %s\n", hashes[name], name)
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}

func fileHash(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
}
