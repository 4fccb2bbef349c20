package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// build compiles zenc for a platform and returns the program. -trimpath, no version control and an empty build id keep out of it
// where it was built; -s and -w leave out the symbols, a quarter of its size.
func build(v version, p platform, work string) ([]byte, error) {
	path := filepath.Join(work, p.os+"-"+p.arch+"-"+p.program())
	if err := compile(v, p, path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func compile(v version, p platform, path string) error {
	_, err := goTool(p, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+v.semver, "-o", path, "./cmd/zenc")
	return err
}

// goTool runs the go command for a platform and returns what it prints. Settings of the user that would change a program are
// overridden.
func goTool(p platform, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=-trimpath", "GOWORK=off",
		"GOAMD64=v1", "GOARM64=v8.0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// completions are the files that the shells complete command lines of zenc with, as zenc itself prints them.
func completions(v version, work string) ([]file, error) {
	here := platform{os: runtime.GOOS, arch: runtime.GOARCH}
	program := filepath.Join(work, here.program())
	if err := compile(v, here, program); err != nil {
		return nil, err
	}
	var out []file
	for _, c := range []struct{ shell, name string }{{"bash", "zenc.bash"}, {"zsh", "_zenc"}, {"fish", "zenc.fish"}, {"powershell", "zenc.ps1"}} {
		text, err := exec.Command(program, "completion", c.shell).Output()
		if err != nil {
			return nil, fmt.Errorf("zenc completion %s: %w", c.shell, err)
		}
		out = append(out, file{"completions/" + c.name, 0o644, text})
	}
	return out, nil
}
