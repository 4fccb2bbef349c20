package lsp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// offline makes a document without a server around it.
func offline(path, content string) *document {
	s := &Server{options: Options{Project: beside}}
	return s.newDocument(uriOf(path), 1, content, nil)
}

// ask asks everything at a place, as the requests do. What is answered must lie in the document.
func ask(t *testing.T, d *document, offset int) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("%s: at %d: %v\n%s", d.uri, offset, r, d.text.content[max(0, offset-200):min(len(d.text.content), offset+50)])
		}
	}()
	inside := func(r span) {
		if start, end := d.text.offset(r.Start), d.text.offset(r.End); start > end || d.text.position(start) != r.Start || d.text.position(end) != r.End {
			t.Errorf("%s: at %d: %+v is no place of the text", d.uri, offset, r)
		}
	}
	if h := d.hover(offset); h != nil {
		inside(h.Range)
		if h.Contents.Value == "" {
			t.Errorf("%s: at %d: an empty hover", d.uri, offset)
		}
	}
	for _, item := range d.complete(offset) {
		inside(item.TextEdit.Range)
		if r := item.TextEdit.Range; r.Start.Line != r.End.Line || d.text.offset(r.Start) > offset || d.text.offset(r.End) < offset {
			t.Errorf("%s: at %d: %s would be written elsewhere: %+v", d.uri, offset, item.Label, r)
		}
	}
	if at := d.definition(offset); at != nil && at.URI == d.uri {
		inside(at.Range)
	}
	if offset%23 == 0 { // they go over the whole text
		for _, at := range d.references(offset, true) {
			inside(at.Range)
		}
		_, _ = d.rename(offset, "new_name") // refused, as a rule
	}
}

// TestEverywhere asks everything at every place of every spec of the tests, right and wrong.
func TestEverywhere(t *testing.T) {
	asked := 0
	for _, pattern := range []string{"../golden/*/pipeline.yaml", "../golden/errors/*/pipeline.yaml", "../examples/*/pipeline.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := offline(absolute(t, file), string(data))
			step := 1 + len(data)/1000 // of a large one some places will do
			for i := 0; i <= len(data); i += step {
				ask(t, d, i)
				asked++
			}
			d.symbols()
			for _, found := range d.diagnostics() {
				if d.text.position(d.text.offset(found.Range.Start)) != found.Range.Start {
					t.Errorf("%s: %+v is no place of the text", file, found)
				}
			}
			d.actions(d.text.span(0, len(data)))
		}
	}
	if asked < 15_000 {
		t.Errorf("asked at %d places only", asked)
	}
}

func absolute(t testing.TB, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPrefixes asks at the end of every beginning of a spec, as it is while one types it; with what follows cut off, with the rest of
// the text on later lines, and with the line ends of Windows.
func TestPrefixes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipeline.yaml")
	for i := range pipeline {
		line := strings.IndexByte(pipeline[i:], '\n')
		for _, content := range []string{pipeline[:i], pipeline[:i] + pipeline[i+line:], strings.ReplaceAll(pipeline[:i], "\n", "\r\n")} {
			at := i
			if strings.Contains(content, "\r") {
				at = len(content)
			}
			d := offline(path, content)
			ask(t, d, at)
			d.symbols()
		}
	}
}

// FuzzDocument asks at the end and in the middle of any text.
func FuzzDocument(f *testing.F) {
	f.Add(pipeline, 100)
	f.Add("steps: &x {a: {steps: *x, with: {v: \"${{ steps.a", 40)
	f.Add("steps:\n  a: &a\n    steps: {b: *a}\n    outputs: {o: \"${{ steps.b.o }}\"}\n", 30)
	f.Fuzz(func(t *testing.T, content string, offset int) {
		d := offline("/nowhere/pipeline.yaml", content)
		d.isSpec = true
		if offset < 0 || offset > len(content) {
			offset = len(content)
		}
		ask(t, d, d.text.offset(d.text.position(offset)))
		d.symbols()
		d.diagnostics()
		d.actions(d.text.span(0, len(content)))
	})
}
