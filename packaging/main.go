// Command packaging makes what is released: for each platform an archive and a wheel, which is what pip and uv install, and the
// checksums of all of them.
//
//	go run ./packaging -o dist/release
//
// It runs at the top of the repository. What it makes depends on the files there and on the version of Go alone: not on the machine,
// the folder or the time. The version is that of the file VERSION.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("o", "dist/release", "`folder` to write to, which must be new or empty")
	wanted := flag.String("platforms", strings.Join(names(platforms), ","), "`list` of what to build for, such as linux/amd64,darwin/arm64")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "packaging: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := release(*out, strings.Split(*wanted, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// release writes the archives, the wheels and their checksums to the folder out.
func release(out string, wanted []string) error {
	text, err := os.ReadFile("VERSION")
	if err != nil {
		return err
	}
	version, err := parseVersion(string(text))
	if err != nil {
		return fmt.Errorf("VERSION: %w", err)
	}
	chosen, err := choose(wanted)
	if err != nil {
		return err
	}
	if err := makeEmpty(out); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "zenc-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	common, err := commonFiles(version, work)
	if err != nil {
		return err
	}
	made := map[string][]byte{}
	for _, p := range chosen {
		fmt.Printf("%s\n", p)
		if err := pack(made, version, p, common, work); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	made["SHA256SUMS"] = checksums(made)
	for name, data := range made {
		if err := os.WriteFile(filepath.Join(out, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pack builds zenc for a platform and adds the archive and the wheel to made, by their names.
func pack(made map[string][]byte, v version, p platform, common []file, work string) error {
	binary, err := build(v, p, work)
	if err != nil {
		return err
	}
	licenses, err := thirdParty(p)
	if err != nil {
		return err
	}
	name, data, err := archive(v, p, binary, append(common[:len(common):len(common)], licenses))
	if err != nil {
		return err
	}
	made[name] = data
	if name, data, err = wheel(v, p, binary, licenses); err != nil {
		return err
	}
	made[name] = data
	return nil
}

// makeEmpty makes a folder; it refuses one in which something lies, which would be taken for a part of the release.
func makeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(dir, 0o755)
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty: remove it", dir)
	}
	return nil
}
