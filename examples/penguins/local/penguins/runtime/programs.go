package runtime

import (
	_ "embed" // the programs
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// starter starts the others: it says why.
//
//go:embed start.py
var starter []byte

//go:embed forkserver.py
var forkServerProgram []byte

//go:embed preload.py
var preloadProgram []byte

// The files of the Python programs.
const (
	starterFile    = "start.py"
	runnerFile     = "step.py"
	forkServerFile = "forkserver.py"
	preloadFile    = "preload.py"
)

// writePrograms returns the folder of the Python programs that run the steps. All runs below base have the same that have the same
// programs: an interpreter keeps there what it has compiled of them.
func writePrograms(base string, stepRunner []byte) (string, error) {
	files := map[string][]byte{starterFile: starter, runnerFile: stepRunner, forkServerFile: forkServerProgram, preloadFile: preloadProgram}
	root := filepath.Join(base, ".zenc", "programs")
	dir := filepath.Join(root, digest("%q", files)[:16])
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	made, err := os.MkdirTemp(root, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(made)
	errs := []error{os.Chmod(made, 0o755)}
	for name, text := range files {
		errs = append(errs, os.WriteFile(filepath.Join(made, name), text, 0o644))
	}
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	if err := os.Rename(made, dir); err != nil && !errors.Is(err, fs.ErrExist) { // another run may have made it in the meantime
		return "", err
	}
	return dir, nil
}

// program returns the arguments of an interpreter that runs a program with a file.
func (in *interpreters) program(name, file string) []string {
	return []string{filepath.Join(in.programs, starterFile), name, file}
}
