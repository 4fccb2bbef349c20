package runtime

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// maxString is the size of one argument or NAME=value with its NUL, in bytes: MAX_ARG_STRLEN of Linux.
const maxString = 128 * 1024

// prepared is a step whose expressions have been evaluated.
type prepared struct {
	with []argument
	env  []string // NAME=value
}

// argument is the value of an input.
type argument struct {
	name, typ string
	value     any
}

// briefly is how many bytes of an input the journal has.
const briefly = 512

// brief returns the inputs as a journal has them: of a long one the beginning of its text form.
func (p *prepared) brief() Values {
	out := make(Values, len(p.with))
	for _, a := range p.with {
		out[a.name] = a.value
		if large, ok := a.value.(stored); ok {
			out[a.name] = large.String()
			continue
		}
		if text, err := textOf(a.value); err != nil || len(text) > briefly {
			out[a.name] = strings.ToValidUTF8(text[:min(len(text), briefly)], "") + "…"
		}
	}
	return out
}

// prepare evaluates the inputs and the environment of a step, which are the same for every attempt.
func prepare(step *Step, s *scope) (*prepared, error) {
	p := &prepared{}
	for _, in := range step.With {
		v, err := evalStored(in.Value, s)
		if large, ok := v.(stored); err == nil && (!ok || large.typ != in.Type) {
			if v, err = Loaded(v); err == nil {
				v, err = conform(v, in.Type)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
		p.with = append(p.with, argument{in.Name, in.Type, v})
	}
	for _, variable := range step.Env {
		text, err := evalText(variable.Value, s)
		if err != nil {
			return nil, fmt.Errorf("env %q: %w", variable.Name, err)
		}
		if p.env, err = setEnv(p.env, fmt.Sprintf("env %q", variable.Name), variable.Name, text); err != nil {
			return nil, err
		}
	}
	if err := checkFiles(p.with); err != nil {
		return nil, err
	}
	return p, checkProcess(step, p, s)
}

// checkProcess finds what the step's process cannot be given, before there is an attempt.
func checkProcess(step *Step, p *prepared, s *scope) error {
	if step.Python != "" {
		return nil
	}
	if _, err := processEnv(step, p, ""); err != nil {
		return err
	}
	_, err := commandArgv(step, s, "")
	return err
}

// commandArgv evaluates a command whose outputs are written to the folder out.
func commandArgv(step *Step, s *scope, out string) ([]string, error) {
	inner := *s
	inner.paths = outputPaths(step, out)
	argv := make([]string, len(step.Command))
	for i, x := range step.Command {
		label := fmt.Sprintf("argument %d", i)
		var err error
		if argv[i], err = evalText(x, &inner); err != nil {
			return nil, fmt.Errorf("%s: %w", label, err)
		}
		if err := checkString(label, argv[i]); err != nil {
			return nil, err
		}
	}
	return argv, nil
}

// checkFiles refuses inputs whose file or folder is not there.
func checkFiles(with []argument) error {
	for _, a := range with {
		typ, paths := a.typ, []any{a.value}
		if elem := elemOf(typ); isArtifact(elem) && a.value != nil {
			typ, paths = elem, a.value.([]any)
		}
		if !isArtifact(typ) {
			continue
		}
		for _, path := range paths {
			if path == nil { // of an instance that did not succeed
				continue
			}
			info, err := os.Stat(path.(string))
			switch {
			case typ == "dir" && (err != nil || !info.IsDir()):
				return fmt.Errorf("input %q: no folder at %s", a.name, path)
			case typ != "dir" && (err != nil || !info.Mode().IsRegular()):
				return fmt.Errorf("input %q: no file at %s", a.name, path)
			}
		}
	}
	return nil
}

func evalText(x Expr, s *scope) (string, error) {
	v, err := x.eval(s)
	if err != nil {
		return "", err
	}
	return textOf(v)
}

// setEnv appends NAME=value if a process can be given it.
func setEnv(env []string, label, name, value string) ([]string, error) {
	variable := name + "=" + value
	if err := checkString(label, variable); err != nil {
		return nil, err
	}
	return append(env, variable), nil
}

// checkString refuses what one argument or environment variable cannot hold.
func checkString(label, s string) error {
	if strings.Contains(s, "\x00") {
		return fmt.Errorf("%s: has a NUL character: pass it as a file", label)
	}
	if len(s) >= maxString {
		return fmt.Errorf("%s: exceeds the 128 KiB of an argument or environment variable: pass it as a file", label)
	}
	return nil
}

// processEnv returns what a script or command is given: IN_<NAME> and OUT_<NAME>.
func processEnv(step *Step, p *prepared, out string) ([]string, error) {
	env := slices.Clone(p.env)
	for _, a := range p.with {
		label := fmt.Sprintf("input %q", a.name)
		text, err := textAs(a.value, a.typ)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", label, err)
		}
		if env, err = setEnv(env, label, "IN_"+strings.ToUpper(a.name), text); err != nil {
			return nil, err
		}
	}
	for _, o := range step.Outputs {
		env = append(env, "OUT_"+strings.ToUpper(o.Name)+"="+filepath.Join(out, o.Name))
	}
	return env, nil
}

// outputPaths returns where an attempt writes its outputs.
func outputPaths(step *Step, out string) map[string]string {
	paths := make(map[string]string, len(step.Outputs))
	for _, o := range step.Outputs {
		paths[o.Name] = filepath.Join(out, o.Name)
	}
	return paths
}

// readOutputs returns the outputs that an attempt left in out.
func readOutputs(step *Step, out string) (Values, error) {
	values := Values{}
	for _, o := range step.Outputs {
		v, err := readOutput(o, filepath.Join(out, o.Name), step.Python != "", !step.hasInstances())
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", o.Name, err)
		}
		values[o.Name] = v
	}
	return values, nil
}

// readOutput reads one output. A large value may be left in its file, where there are not many of them.
func readOutput(o OutputSpec, path string, python, mayBeStored bool) (any, error) {
	info, err := os.Lstat(path)
	switch {
	case o.Type == "dir" && (err != nil || !info.IsDir()):
		return nil, fmt.Errorf("there is no folder at %s", path)
	case o.Type == "dir":
		return path, nil
	case err != nil && isArtifact(o.Type) && python:
		return nil, fmt.Errorf("no file was written to %s", path)
	case err != nil:
		return nil, fmt.Errorf("nothing was written to $OUT_%s", strings.ToUpper(o.Name))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is a folder, link or device, not a file", path)
	case isArtifact(o.Type):
		return path, nil
	}
	if mayBeStored && info.Size() > largeValue {
		v := stored{path, o.Type}
		return v, checkStored(v)
	}
	return readValue(path, o.Type)
}

// lookProgram returns cmd's program as the environment of the step finds it: its PATH may be another than ours.
func lookProgram(name string, env []string) string {
	if strings.ContainsRune(name, '/') || filepath.IsAbs(name) {
		return name
	}
	for _, variable := range slices.Backward(env) {
		folders, ok := strings.CutPrefix(variable, "PATH=")
		if !ok {
			continue
		}
		for _, folder := range filepath.SplitList(folders) {
			if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil && filepath.IsAbs(path) {
				return path
			}
		}
		break
	}
	return name
}
