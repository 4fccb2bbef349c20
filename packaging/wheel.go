package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// wheel returns the wheel of a platform, with the program among its scripts: installers put those on the PATH. Its package zenc is
// there for python -m zenc.
// https://packaging.python.org/en/latest/specifications/binary-distribution-format/
func wheel(v version, p platform, program []byte, licenses file) (name string, data []byte, err error) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return "", nil, err
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return "", nil, err
	}
	top := "zenc_compiler-" + v.pep440
	info := top + ".dist-info/"
	files := []file{{top + ".data/scripts/" + p.program(), 0o755, program}}
	for _, module := range []string{"__init__.py", "__main__.py"} {
		text, err := os.ReadFile("packaging/zenc/" + module)
		if err != nil {
			return "", nil, err
		}
		files = append(files, file{"zenc/" + module, 0o644, text})
	}
	files = append(files,
		file{info + "METADATA", 0o644, metadata(v, string(readme))},
		file{info + "WHEEL", 0o644, wheelFile(p)},
		file{info + "licenses/LICENSE", 0o644, license},
		file{info + "licenses/" + licensesName, 0o644, licenses.data},
	)
	files = append(files, record(info+"RECORD", files))
	data, err = zipped(files)
	return fmt.Sprintf("%s-py3-none-%s.whl", top, strings.Join(p.tags, ".")), data, err
}

// wheelFile says what sort of wheel it is.
func wheelFile(p platform) []byte {
	var b bytes.Buffer
	b.WriteString("Wheel-Version: 1.0\nGenerator: zenc packaging\nRoot-Is-Purelib: false\n")
	for _, tag := range p.tags {
		fmt.Fprintf(&b, "Tag: py3-none-%s\n", tag)
	}
	return b.Bytes()
}

// record lists the files with their hashes, and itself without one.
func record(name string, files []file) file {
	var b bytes.Buffer
	for _, f := range files {
		sum := sha256.Sum256(f.data)
		fmt.Fprintf(&b, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.data))
	}
	fmt.Fprintf(&b, "%s,,\n", name)
	return file{name, 0o644, b.Bytes()}
}

const home = "https://github.com/zenc-dev/zenc"

// classifiers are those of the list that Python's package index has.
var classifiers = []string{
	"Development Status :: 4 - Beta",
	"Environment :: Console",
	"Intended Audience :: Developers",
	"Operating System :: MacOS",
	"Operating System :: Microsoft :: Windows",
	"Operating System :: POSIX :: Linux",
	"Programming Language :: Go",
	"Programming Language :: Python :: 3",
	"Topic :: Scientific/Engineering",
	"Topic :: Software Development :: Code Generators",
	"Topic :: Software Development :: Compilers",
	"Topic :: System :: Distributed Computing",
}

// metadata describes the distribution, with the README as the long text.
func metadata(v version, readme string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Metadata-Version: 2.4\nName: zenc-compiler\nVersion: %s\n", v.pep440)
	b.WriteString("Summary: A compiler for data and ML pipelines: one spec in YAML in; an Airflow DAG file, an Argo manifest or a Go program out\n")
	fmt.Fprintf(&b, "Project-URL: Homepage, %s\n", home)
	fmt.Fprintf(&b, "Project-URL: Documentation, %s/tree/v%s/docs\n", home, v.semver)
	fmt.Fprintf(&b, "Project-URL: Releases, %s/releases\n", home)
	b.WriteString("Keywords: airflow,argo,compiler,kubeflow,pipeline,workflow,yaml\n")
	b.WriteString("License-Expression: Apache-2.0\nLicense-File: LICENSE\nLicense-File: " + licensesName + "\n")
	for _, c := range classifiers {
		fmt.Fprintf(&b, "Classifier: %s\n", c)
	}
	b.WriteString("Requires-Python: >=3.10\nDescription-Content-Type: text/markdown\n\n")
	b.WriteString(absolute(readme, v))
	return b.Bytes()
}

var relativeLink = regexp.MustCompile(`(!?)\[((?:[^\[\]]|\[[^\[\]]*\](?:\([^()]*\))?)*)\]\(([^()#:]+)\)`)

// absolute has the relative links of a README lead to the files of the release: beside the wheel there are none.
func absolute(readme string, v version) string {
	return relativeLink.ReplaceAllStringFunc(readme, func(link string) string {
		parts := relativeLink.FindStringSubmatch(link)
		place := "blob"
		if parts[1] == "!" { // a picture
			place = "raw"
		}
		return fmt.Sprintf("%s[%s](%s/%s/v%s/%s)", parts[1], absolute(parts[2], v), home, place, v.semver, parts[3])
	})
}
