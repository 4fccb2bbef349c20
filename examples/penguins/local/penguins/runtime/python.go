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

// findPython returns the interpreter of the python steps: the given one; else that of the active virtual environment; else
// that of .venv below base; else python3 or python on the PATH, and, if there are requirements, that of a virtual
// environment below base which is made for them once.
func findPython(ctx context.Context, base, given string, requirements []string) (string, error) {
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
			return makeVenv(ctx, filepath.Join(base, ".zenc", "venvs"), path, requirements)
		}
	}
	return "", errors.New("no python3 on the PATH: install Python or name an interpreter with --python")
}

// makeVenv returns the interpreter of a virtual environment with the requirements. It appears under its name when it is
// complete, so that a run that is ended half-way leaves nothing that looks usable.
func makeVenv(ctx context.Context, dir, python string, requirements []string) (string, error) {
	content := strings.Join(requirements, "\n") + "\n"
	sum := sha256.Sum256([]byte(python + "\n" + content))
	venv := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	interpreter := filepath.Join(venv, filepath.FromSlash(venvPython))
	if _, err := os.Stat(interpreter); err == nil {
		return interpreter, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(dir, "building-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(building)
	list := filepath.Join(building, "requirements.txt")
	if err := os.WriteFile(list, []byte(content), 0o644); err != nil {
		return "", err
	}
	log := venv + ".log"
	temporary := filepath.Join(building, filepath.FromSlash(venvPython))
	for _, argv := range [][]string{
		{python, "-m", "venv", building},
		{temporary, "-m", "pip", "install", "--disable-pip-version-check", "-r", list},
	} {
		if err := logged(ctx, log, argv); err != nil {
			return "", fmt.Errorf("cannot make a virtual environment for the requirements: %w; see %s", err, log)
		}
	}
	if err := os.Rename(building, venv); err != nil {
		if _, missing := os.Stat(interpreter); missing != nil {
			return "", err
		}
	} // else another run was faster
	return interpreter, nil
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
	code, err := runProcess(ctx, cmd, defaultGrace)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s: exit code %d", strings.Join(argv, " "), code)
	}
	return err
}
