package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// FindPython returns the interpreter that runs of the pipeline in a folder have, "" if it has no python steps: given, or else what is
// found there, or made for its requirements. making is called before one is made, which can take minutes.
func FindPython(ctx context.Context, p *Pipeline, dir, given string, making func()) (string, error) {
	if !usesPython(p) {
		return "", nil
	}
	base, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return findPython(ctx, base, given, p.Requirements, making)
}

// findPython returns the interpreter of the python steps: the given one; else that of the active virtual environment; else
// that of .venv below base; else python3 or python on the PATH, and, if there are requirements, that of a virtual
// environment below base which is made for them once.
// making is called before an environment is made, which can take minutes.
func findPython(ctx context.Context, base, given string, requirements []string, making func()) (string, error) {
	if given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("no python interpreter %q: %w", given, bare(err))
		}
		return filepath.Abs(path)
	}
	for _, venv := range []string{os.Getenv("VIRTUAL_ENV"), filepath.Join(base, ".venv")} {
		path := filepath.Join(venv, filepath.FromSlash(venvPython))
		if _, err := exec.LookPath(path); err == nil && venv != "" {
			return path, nil
		}
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			if len(requirements) == 0 {
				return filepath.Abs(path)
			}
			return venvFor(ctx, filepath.Join(base, ".zenc", "venvs"), path, requirements, making)
		}
	}
	return "", errors.New("no python3 on the PATH: install Python or name an interpreter with --python")
}

// venvFor returns the interpreter of the virtual environment with the requirements, which it makes if there is none. The
// environment stays where it was made, for its scripts hold its path; a small file leads to it from the hash of what it was
// made for, and is written last, so that a run that is ended half-way leaves nothing that looks usable.
func venvFor(ctx context.Context, dir, python string, requirements []string, making func()) (string, error) {
	content := strings.Join(requirements, "\n") + "\n"
	sum := sha256.Sum256([]byte(python + "\n" + content))
	link := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	if name, err := os.ReadFile(link); err == nil {
		interpreter := filepath.Join(dir, string(name), filepath.FromSlash(venvPython))
		if _, err := os.Stat(interpreter); err == nil {
			return interpreter, nil
		}
	}
	making()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	venv, err := os.MkdirTemp(dir, filepath.Base(link)+"-")
	if err != nil {
		return "", err
	}
	if err := fillVenv(ctx, venv, python, content, link+".log"); err != nil {
		return "", errors.Join(err, os.RemoveAll(venv))
	}
	temporary := filepath.Join(venv, "name")
	if err := os.WriteFile(temporary, []byte(filepath.Base(venv)), 0o644); err != nil {
		return "", err
	}
	return filepath.Join(venv, filepath.FromSlash(venvPython)), os.Rename(temporary, link)
}

// fillVenv makes the virtual environment and installs the requirements in it.
func fillVenv(ctx context.Context, venv, python, requirements, log string) error {
	list := filepath.Join(venv, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return err
	}
	interpreter := filepath.Join(venv, filepath.FromSlash(venvPython))
	for _, argv := range [][]string{
		{python, "-m", "venv", venv},
		{interpreter, "-m", "pip", "install", "--disable-pip-version-check", "-r", list},
	} {
		if err := logged(ctx, log, argv); err != nil {
			return fmt.Errorf("cannot make a virtual environment for the requirements: %w; see %s", err, log)
		}
	}
	return nil
}

// logged runs a program to its end and appends what it prints to a log.
func logged(ctx context.Context, log string, argv []string) error {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = file, file
	code, err := runProcess(ctx, cmd, defaultGrace, nil)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && code != 0:
		return fmt.Errorf("%s: exit code %d", strings.Join(argv, " "), code)
	}
	return err
}
