package lsp

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/zenc-dev/zenc/compiler/check"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
	"github.com/zenc-dev/zenc/lsp/outline"
)

// document is one version of an open file. It never changes: an edit makes another one.
type document struct {
	uri     string
	path    string // of the file; "" if it is none of this machine's
	version int
	text    *text
	// isSpec says that it is a spec, or was one in an earlier version.
	isSpec  bool
	project func(spec string) Project // Options.Project

	outline  func() *outline.Node
	analysis func() *analysis
	findings func() []*diag.Diagnostic
}

func (s *Server) newDocument(uri string, version int, content string, before *document) *document {
	d := &document{uri: uri, path: pathOf(uri), version: version, text: newText(content), project: s.options.Project}
	d.outline = sync.OnceValue(func() *outline.Node { return outline.Parse(content) })
	d.analysis = sync.OnceValue(d.analyze)
	d.findings = sync.OnceValue(d.compile)
	d.isSpec = before != nil && before.isSpec || d.looksLikeSpec()
	return d
}

// looksLikeSpec reports a mapping with steps. Test files and zenc.yaml have another form.
func (d *document) looksLikeSpec() bool {
	return len(d.text.content) <= spec.MaxSize && !d.isTest() && filepath.Base(d.path) != "zenc.yaml" && d.outline().Get("steps") != nil
}

// mayBecomeSpec reports a document that has nothing yet that a spec has not.
func (d *document) mayBecomeSpec() bool {
	if d.isTest() || filepath.Base(d.path) == "zenc.yaml" || len(d.text.content) > spec.MaxSize {
		return false
	}
	root := d.outline()
	if root == nil {
		return true
	}
	keys := legalKeys("")
	return root.Kind == outline.Scalar || root.Kind == outline.Mapping && !slices.ContainsFunc(root.Entries, func(e *outline.Entry) bool {
		return e.Colon && !slices.Contains(keys, e.Key.Text)
	})
}

func (d *document) isTest() bool {
	return strings.HasSuffix(d.path, ".test.yaml") || strings.HasSuffix(d.path, ".test.yml")
}

// pathOf is the path that a URI names, "" if that is no file.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path)
}

// uriOf is the URI of a path.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// folders are where the code and the files of a spec are looked for, open for as long as f runs. Both are nil if there are none.
func (d *document) folders(f func(check.Folders)) {
	var folders check.Folders
	if d.path != "" {
		var closeCode, closeFolder func()
		project := d.project(d.path)
		folders.Defaults = project.Defaults
		folders.Code, closeCode = openFolder(project.Code)
		defer closeCode()
		folders.Pipeline, closeFolder = openFolder(filepath.Dir(d.path))
		defer closeFolder()
	}
	f(folders)
}

// openFolder opens a folder, of which nothing outside can be reached; nil if it is not there.
func openFolder(dir string) (fs.FS, func()) {
	if dir == "" {
		return nil, func() {}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, func() {}
	}
	return root.FS(), func() { _ = root.Close() } // read only
}

// analysis is what the names of a document mean. Its methods may be called at once.
type analysis struct {
	mu     sync.Mutex
	scopes *check.Scopes
	exact  bool // the text is YAML: nothing had to be guessed
}

// analyze reads the text as the compiler does; one that is no YAML at the moment as what can be made of it.
func (d *document) analyze() *analysis {
	var found diag.List
	tree := spec.Parse([]byte(d.text.content), &found)
	exact := tree != nil
	if !exact {
		tree = spec.Parse([]byte(d.outline().YAML()), &diag.List{})
	}
	if tree == nil {
		tree = &spec.Pipeline{}
	}
	a := &analysis{exact: exact}
	d.folders(func(folders check.Folders) {
		folders.Code = nil // what a spec ships changes nothing of its names
		a.scopes = check.NewScopes(tree, folders)
	})
	return a
}

// with calls f with the scopes, while nobody else does.
func (a *analysis) with(f func(*check.Scopes)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(a.scopes)
}
