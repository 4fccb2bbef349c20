package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// file is a file of an archive or a wheel; name has slashes.
type file struct {
	name string
	mode fs.FileMode
	data []byte
}

// commonFiles are what every archive has beside the program.
func commonFiles(v version, work string) ([]file, error) {
	var out []file
	for _, name := range []string{"LICENSE", "README.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, file{name, 0o644, data})
	}
	shells, err := completions(v, work)
	return append(out, shells...), err
}

// licensesName is what the licenses of others are called in archives and wheels.
const licensesName = "THIRD-PARTY-LICENSES.txt"

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-.].*)?$`)

// thirdParty are the licenses of the modules that the program of a platform is made of, and of Go: they want to be told wherever the
// program goes.
func thirdParty(p platform) (file, error) {
	list, err := goTool(p, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/zenc")
	if err != nil {
		return file{}, err
	}
	modules := strings.Split(strings.TrimSpace(list), "\n")
	slices.Sort(modules)
	root, err := goTool(p, "env", "GOROOT")
	if err != nil {
		return file{}, err
	}
	modules = append(slices.Compact(modules), "Go "+strings.TrimPrefix(runtime.Version(), "go")+"\t"+strings.TrimSpace(root))
	var b strings.Builder
	b.WriteString("The program zenc contains the following works, under the licenses that are given with each.\n")
	for _, module := range modules {
		label, dir, _ := strings.Cut(module, "\t")
		if err := addLicenses(&b, label, dir); err != nil {
			return file{}, err
		}
	}
	return file{licensesName, 0o644, []byte(b.String())}, nil
}

func addLicenses(b *strings.Builder, label, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if !e.Type().IsRegular() || !licenseFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(b, "\n%s\n%s, %s\n\n%s\n", strings.Repeat("=", 80), label, e.Name(), strings.TrimSpace(string(text)))
	}
	if !found {
		return fmt.Errorf("%s has no license in %s", label, dir)
	}
	return nil
}
