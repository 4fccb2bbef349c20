package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
)

var testVersion = version{"1.2.3-rc.4", "1.2.3rc4"}

func TestVersions(t *testing.T) {
	for text, want := range map[string]version{"1.2.3\n": {"1.2.3", "1.2.3"}, "0.10.0-rc.2": {"0.10.0-rc.2", "0.10.0rc2"}} {
		if got, err := parseVersion(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1.2", "v1.2.3", "01.2.3", "1.2.3-beta", "1.2.3\n4", "1.2.3 -X main.other=x"} {
		if got, err := parseVersion(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestChoose(t *testing.T) {
	chosen, err := choose([]string{"windows/amd64", "linux/arm64", "windows/amd64"})
	if got := names(chosen); err != nil || !slices.Equal(got, []string{"linux/arm64", "windows/amd64"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := choose([]string{"plan9/amd64"}); err == nil || !strings.Contains(err.Error(), `"plan9/amd64" is no platform`) {
		t.Errorf("plan9: %v", err)
	}
}

// TestArchives reads both sorts of archive: the same files in the same order, with fixed times, modes and no owner.
func TestArchives(t *testing.T) {
	program := bytes.Repeat([]byte("program "), 1000)
	files := []file{{"README.md", 0o644, []byte("text")}, {"completions/zenc.bash", 0o644, nil}, {"LICENSE", 0o644, []byte("license")}}
	name, data, err := archive(testVersion, platform{os: "linux", arch: "amd64"}, program, files)
	if err != nil || name != "zenc-1.2.3-rc.4-linux-amd64.tar.gz" {
		t.Fatal(name, err)
	}
	_, again, err := archive(testVersion, platform{os: "linux", arch: "amd64"}, program, []file{files[2], files[0], files[1]})
	if err != nil || !bytes.Equal(data, again) {
		t.Error("the order in which the files are given matters", err)
	}
	want := []string{"LICENSE", "README.md", "completions/zenc.bash", "zenc"}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, _ := strings.CutPrefix(h.Name, "zenc-1.2.3-rc.4-linux-amd64/")
		found = append(found, name)
		if !h.ModTime.Equal(madeAt) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || (h.Mode == 0o755) != (name == "zenc") {
			t.Errorf("%s: %+v", name, h)
		}
	}
	if !slices.Equal(found, want) {
		t.Errorf("tar.gz: %v", found)
	}
	name, data, err = archive(testVersion, platform{os: "windows", arch: "arm64"}, program, files)
	if err != nil || name != "zenc-1.2.3-rc.4-windows-arm64.zip" {
		t.Fatal(name, err)
	}
	found = nil
	for _, f := range unzipped(t, data) {
		name, _ := strings.CutPrefix(f.name, "zenc-1.2.3-rc.4-windows-arm64/")
		found = append(found, name)
		if name == "zenc.exe" && !bytes.Equal(f.data, program) {
			t.Error("the program is another one")
		}
	}
	if want[3] = "zenc.exe"; !slices.Equal(found, want) {
		t.Errorf("zip: %v", found)
	}
}

// unzipped reads a zip file; every file must have the time madeAt and its size before its content.
func unzipped(t *testing.T, data []byte) []file {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out []file
	for _, f := range r.File {
		const sizeFollows = 8
		if !f.Modified.Equal(madeAt) || f.Flags&sizeFollows != 0 {
			t.Errorf("%s: %v, flags %x", f.Name, f.Modified, f.Flags)
		}
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{f.Name, f.Mode(), content})
	}
	return out
}

func TestChecksums(t *testing.T) {
	got := string(checksums(map[string][]byte{"b": []byte("b\n"), "a": nil}))
	want := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n" +
		"0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f  b\n"
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestLinks has every relative link of the README lead somewhere, and leaves the others alone.
func TestLinks(t *testing.T) {
	base := home + "/blob/v1.2.3-rc.4/"
	for text, want := range map[string]string{
		"[a](docs/a.md)":                    "[a](" + base + "docs/a.md)",
		"[a](https://example.com/x)":        "[a](https://example.com/x)",
		"[a](#here)":                        "[a](#here)",
		"![p](docs/p.png)":                  "![p](" + home + "/raw/v1.2.3-rc.4/docs/p.png)",
		"[![p](docs/p.png)](docs/local.md)": "[![p](" + home + "/raw/v1.2.3-rc.4/docs/p.png)](" + base + "docs/local.md)",
		"f(x)[0](y":                         "f(x)[0](y",
	} {
		if got := absolute(text, testVersion); got != want {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

// TestWheel looks at what a wheel has; what installers make of it, test_release.py tells.
func TestWheel(t *testing.T) {
	t.Chdir("..")
	p := platforms[0]
	licenses := file{licensesName, 0o644, []byte("licenses")}
	name, data, err := wheel(testVersion, p, []byte("program"), licenses)
	if err != nil || name != "zenc_compiler-1.2.3rc4-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl" {
		t.Fatal(name, err)
	}
	files := map[string]file{}
	for _, f := range unzipped(t, data) {
		files[f.name] = f
	}
	if f := files["zenc_compiler-1.2.3rc4.data/scripts/zenc"]; f.mode.Perm() != 0o755 || string(f.data) != "program" {
		t.Errorf("the program: %v %q", f.mode, f.data)
	}
	info := "zenc_compiler-1.2.3rc4.dist-info/"
	if lines := strings.Count(string(files[info+"RECORD"].data), "\n"); lines != len(files) {
		t.Errorf("%d lines in RECORD for %d files", lines, len(files))
	}
	if text := string(files[info+"WHEEL"].data); strings.Count(text, "\nTag: py3-none-m") != len(p.tags) {
		t.Errorf("WHEEL:\n%s", text)
	}
	text := string(files[info+"METADATA"].data)
	for _, line := range []string{"Name: zenc-compiler", "Version: 1.2.3rc4", "License-Expression: Apache-2.0", "License-File: LICENSE"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("METADATA has no line %q", line)
		}
	}
	if strings.Contains(text, "](docs/") {
		t.Error("METADATA has a relative link")
	}
}
