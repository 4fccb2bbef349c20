package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// cacheKey is what makes two steps the same: the code, what is run, the inputs (of artifacts the content) and the declared
// outputs. Values of secrets are not in it, and neither is what the step does not say: images, timeouts, retries.
type cacheKey struct {
	Version int               `json:"version"`
	Code    string            `json:"code"`
	Python  string            `json:"python,omitempty"`
	Script  string            `json:"script,omitempty"`
	Shell   []string          `json:"shell,omitempty"`
	Command []string          `json:"command,omitempty"`
	With    map[string]string `json:"with,omitempty"` // type and text form, or the hashes of the content
	Env     []string          `json:"env,omitempty"`
	Secrets []Secret          `json:"secrets,omitempty"`
	Outputs []OutputSpec      `json:"outputs,omitempty"`
}

// key is the hash of a step with its inputs.
func (c *cache) key(step *Step, inputs *prepared, argv []string) (string, error) {
	k := cacheKey{Version: cacheVersion, Code: c.code, Python: step.Python, Script: step.Script, Shell: step.Shell, With: map[string]string{},
		Env: inputs.env, Secrets: step.Secrets, Outputs: step.Outputs}
	for _, arg := range argv {
		if strings.HasPrefix(arg, c.runs+string(filepath.Separator)) { // an artifact
			var err error
			if arg, err = hashOf(arg); err != nil {
				return "", err
			}
		}
		k.Command = append(k.Command, arg)
	}
	for _, a := range inputs.with {
		value, err := c.content(a.value, a.typ)
		if err == nil {
			value, err = jsonText(value)
		}
		if err != nil {
			return "", err
		}
		k.With[a.name] = fmt.Sprintf("%s %s", a.typ, value)
	}
	text, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
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
	return value, nil
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

// hashOf is the hash of a file, or of a folder with all that is in it: names, contents, and which files are programs.
func hashOf(path string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(path, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			fmt.Fprintf(sum, "folder %q\n", filepath.ToSlash(relative))
			return nil
		}
		fmt.Fprintf(sum, "file %q %v %d\n", filepath.ToSlash(relative), info.Mode()&0o111 != 0, info.Size())
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(sum, file)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
