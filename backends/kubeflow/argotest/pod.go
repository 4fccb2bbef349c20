package argotest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Where containers see what lies in a folder of this machine.
const (
	volumePath = "/zenc"
	outPath    = "/tmp/zenc-out"
	inPath     = "/tmp/zenc-in"
)

// mountVolumes writes what the ConfigMaps of volumes have.
func (c *controller) mountVolumes() error {
	for _, v := range c.manifest.workflow.Spec.Volumes {
		folder := filepath.Join(c.options.Dir, "volumes", v.Name)
		source, known := c.manifest.configMaps[v.ConfigMap.Name]
		if !known {
			return fmt.Errorf("there is no ConfigMap %q", v.ConfigMap.Name)
		}
		for _, item := range v.ConfigMap.Items {
			data, isBinary := source.BinaryData[item.Key]
			text, isText := source.Data[item.Key]
			if !isText && !isBinary {
				return fmt.Errorf("no key %q in the ConfigMap %q", item.Key, v.ConfigMap.Name)
			}
			if isText {
				data = []byte(text)
			}
			mode := fs.FileMode(0o644)
			if item.Mode != 0 {
				mode = fs.FileMode(item.Mode)
			}
			path := filepath.Join(folder, filepath.FromSlash(item.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, data, mode); err != nil {
				return err
			}
		}
		c.volumes[v.Name] = folder
	}
	return nil
}

// pod runs a script template once, in a new folder, and returns its exit code as the controller tells it.
func (c *controller) pod(ctx context.Context, t *template, files map[string]string, dir string) (*Node, string) {
	at, err := c.paths(t, dir)
	if err == nil {
		err = c.stage(t, files, at)
	}
	source := filepath.Join(dir, "source")
	if err == nil {
		err = os.WriteFile(source, []byte(at.Replace(t.Script.Source)), 0o644)
	}
	if err != nil {
		return &Node{Phase: Error, Message: err.Error()}, "-1"
	}
	if seconds, err := t.ActiveDeadlineSeconds.Int64(); err == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
		defer cancel()
	}
	log, err := c.container(ctx, t, at, dir, source)
	c.result.Log += log
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return &Node{Phase: Failed, Message: "Pod was active on the node longer than the specified deadline"}, "143"
	case errors.As(err, &exit):
		c.upload(t, at) // also what a failed container has written
		return &Node{Phase: Failed, Message: fmt.Sprintf("Error (exit code %d)", exit.ExitCode())}, strconv.Itoa(exit.ExitCode())
	case err != nil:
		return &Node{Phase: Error, Message: err.Error()}, "-1"
	}
	c.upload(t, at)
	return collect(t, at), "0"
}

// pathMap turns the paths of a container, where they begin a text or a JSON string, into those of this machine.
type pathMap struct{ from, to []string }

func (p pathMap) Replace(text string) string {
	for i, from := range p.from {
		if rest, begins := strings.CutPrefix(text, from); begins {
			text = p.to[i] + rest
		}
		text = strings.ReplaceAll(text, `"`+from, `"`+p.to[i])
	}
	return text
}

func (c *controller) paths(t *template, dir string) (pathMap, error) {
	p := pathMap{from: []string{outPath, inPath}, to: []string{filepath.Join(dir, "out"), filepath.Join(dir, "in")}}
	for _, m := range t.Script.VolumeMounts {
		name, _ := m["name"].(string)
		if folder := c.volumes[name]; folder != "" && m["mountPath"] == volumePath {
			p.from, p.to = append(p.from, volumePath), append(p.to, folder)
		}
	}
	return p, os.MkdirAll(dir, 0o755)
}

// stage puts the artifacts among the inputs in their places.
func (c *controller) stage(t *template, files map[string]string, at pathMap) error {
	for _, a := range t.Inputs.Artifacts {
		path := at.Replace(a.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if a.S3 != nil {
			if err := c.download(a, path); err != nil {
				return err
			}
			continue
		}
		if err := copyFile(files[a.Name], path); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func (c *controller) container(ctx context.Context, t *template, at pathMap, dir, source string) (string, error) {
	var argv []string
	for _, word := range t.Script.Command {
		argv = append(argv, at.Replace(expand(word, nil)))
	}
	if argv[0] == "python3" && c.options.Python != "" {
		argv[0] = c.options.Python
	}
	cmd := exec.CommandContext(ctx, argv[0], append(argv[1:], source)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8", "TMPDIR=" + dir}
	env := map[string]string{}
	for _, v := range t.Script.Env {
		env[v.Name] = expand(v.Value, env)
		if ref := v.ValueFrom.SecretKeyRef; ref.Name != "" {
			value, found := c.options.Secrets[ref.Name+"/"+ref.Key]
			if !found {
				return "", fmt.Errorf("no key %q in the Secret %q", ref.Key, ref.Name)
			}
			env[v.Name] = value
		}
		cmd.Env = append(cmd.Env, v.Name+"="+env[v.Name])
	}
	endAsGroup(cmd)
	cmd.WaitDelay = 30 * time.Second // terminationGracePeriodSeconds
	printed, err := cmd.CombinedOutput()
	return string(printed), err
}

// expand replaces $(NAME) as Kubernetes does in env, command and args: $$ is a $, and an unknown name stays.
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func expand(text string, env map[string]string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		switch text[i+1] {
		case '$':
			b.WriteByte('$')
			i++
		case '(':
			name, _, closed := strings.Cut(text[i+2:], ")")
			if value, known := env[name]; closed && known {
				b.WriteString(value)
				i += len(name) + 2
				continue
			}
			b.WriteByte('$')
		default:
			b.WriteByte('$')
		}
	}
	return b.String()
}

// collect reads the outputs; one that is missing is an error of the pod.
func collect(t *template, at pathMap) *Node {
	n := &Node{Phase: Succeeded, Outputs: map[string]string{}, Artifacts: map[string]string{}}
	for _, p := range t.Outputs.Parameters {
		text, err := os.ReadFile(at.Replace(p.ValueFrom.Path))
		if err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
		n.Outputs[p.Name] = oneNewline(string(text))
	}
	for _, a := range t.Outputs.Artifacts {
		path := at.Replace(a.Path)
		if _, err := os.Stat(path); err != nil && a.Optional {
			continue
		} else if err != nil {
			return &Node{Phase: Error, Message: err.Error()}
		}
		n.Artifacts[a.Name] = path
	}
	return n
}

// repository is the folder that stands for the cluster's artifact repository.
func (c *controller) repository() string { return filepath.Join(c.options.Dir, "repository") }

// upload stores the artifacts with a key that are there.
func (c *controller) upload(t *template, at pathMap) {
	for _, a := range t.Outputs.Artifacts {
		if a.S3 == nil {
			continue
		}
		place := filepath.Join(c.repository(), filepath.FromSlash(a.S3.Key))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err == nil {
			_ = copyFile(at.Replace(a.Path), place) // what is missing, collect tells
		}
	}
}

// download puts what lies at a key, or below it, to a path.
func (c *controller) download(a artifact, path string) error {
	place := filepath.Join(c.repository(), filepath.FromSlash(a.S3.Key))
	info, err := os.Stat(place)
	switch {
	case err != nil && a.Optional:
		return nil
	case err != nil:
		return fmt.Errorf("no artifact at the key %q", a.S3.Key)
	case info.IsDir():
		return os.CopyFS(path, os.DirFS(place))
	}
	return copyFile(place, path)
}
