package lsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// messages frames what a client sends.
func messages(bodies ...string) io.Reader {
	var b bytes.Buffer
	for _, body := range bodies {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	return &b
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`
	shutdown   = `{"jsonrpc":"2.0","id":9,"method":"shutdown","params":null}`
	exit       = `{"jsonrpc":"2.0","method":"exit"}`
)

// TestLifecycle is about what begins and ends a session, and about what is no message at all.
func TestLifecycle(t *testing.T) {
	hover := `{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///x"},"position":{"line":0,"character":0}}}`
	for _, c := range []struct {
		name   string
		in     io.Reader
		failed string
		said   []string
	}{
		{"in order", messages(initialize, shutdown, exit), "", []string{`"positionEncoding":"utf-16"`, `"id":9,"result":null`}},
		{"no shutdown", messages(initialize, exit), "without a shutdown", nil},
		{"exit at once", messages(exit), "without a shutdown", nil},
		{"input ends", messages(initialize), "without a shutdown", nil},
		{"input ends after shutdown", messages(initialize, shutdown), "", nil},
		{"request before initialize", messages(hover, initialize, shutdown, exit), "", []string{"-32002"}},
		{"request after shutdown", messages(initialize, shutdown, hover, exit), "", []string{"-32600", "shut down"}},
		{"twice", messages(initialize, initialize, shutdown, exit), "", []string{"initialize is there twice"}},
		{"shutdown first", messages(shutdown, initialize, shutdown, exit), "", []string{"-32002"}},
		{"not open", messages(initialize, hover, shutdown, exit), "", []string{"-32602", "not open"}},
		{"unknown method", messages(initialize, `{"jsonrpc":"2.0","id":3,"method":"no/such"}`, shutdown, exit), "", []string{"-32601"}},
		{"unknown notification", messages(initialize, `{"jsonrpc":"2.0","method":"$/no"}`, shutdown, exit), "", nil},
		{"wrong parameters", messages(initialize, `{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":[1]}`, `{"jsonrpc":"2.0","id":4,"method":"textDocument/hover"}`, shutdown, exit), "", []string{"-32602"}},
		{"no JSON", messages(initialize, `{"jsonrpc":`, `[]`, `{}`, `"x"`, shutdown, exit), "", []string{"-32700", `"id":9,"result":null`}},
		{"no header", strings.NewReader("hello\n\n"), "is not the header", nil},
		{"no length", strings.NewReader("A: b\r\n\r\n{}"), "no Content-Length", nil},
		{"huge", strings.NewReader("Content-Length: 99999999999999\r\n\r\n{}"), "is not the length", nil},
		{"negative", strings.NewReader("Content-Length: -1\r\n\r\n{}"), "is not the length", nil},
		{"endless header", strings.NewReader(strings.Repeat("x", 1<<17)), "has no end", nil},
		{"cut off", strings.NewReader("Content-Length: 10\r\n\r\n{}"), "unexpected EOF", nil},
		{"nothing", strings.NewReader(""), "without a shutdown", nil},
	} {
		var out, log output
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		err := Serve(ctx, c.in, &out, Options{Project: beside, Log: &log})
		cancel()
		if got := fmt.Sprint(err); c.failed == "" && err != nil || !strings.Contains(got, c.failed) {
			t.Errorf("%s: %v, want %q", c.name, err, c.failed)
		}
		for _, want := range c.said {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %s in %s", c.name, want, out.String())
			}
		}
	}
}

// TestDiagnostics types into a file and sees what is wrong with it come and go.
func TestDiagnostics(t *testing.T) {
	c, dir := start(t, files)
	content := "name: demo\nsteps:\n  a: {run: x, with: {v: \"😀 ${{ steps.b.n }}\"}}\n"
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
	found := c.diagnostics(uri)
	if len(found) != 1 || found[0].Code != "unknown-name" || found[0].Severity != severityError || found[0].Source != "zenc" {
		t.Fatalf("%+v", found)
	}
	if at := newText(content).span(strings.Index(content, "b.n"), strings.Index(content, ".n }}")); found[0].Range != at {
		t.Errorf("the finding is at %+v, want %+v", found[0].Range, at)
	}
	end := newText(content).position(len(content))
	c.change(uri, contentChange{&span{end, end}, "  b: {run: x, outputs: {n: int}}\n"})
	if found := c.diagnostics(uri); len(found) > 0 && found[0].Severity == severityError {
		t.Errorf("after the step is there: %+v", found)
	}
	c.change(uri, contentChange{&span{position{1, 0}, position{1, 6}}, "stps:"}, contentChange{&span{position{0, 0}, position{0, 4}}, "nme"})
	codes := ""
	for _, d := range c.diagnostics(uri) {
		codes += d.Code + " "
	}
	if !strings.Contains(codes, "unknown-key") {
		t.Errorf("a spec whose keys are misspelt is one still: %q", codes)
	}
	c.change(uri, contentChange{nil, "name: demo\nsteps: {a: {run: x}}\n"})
	if found := c.diagnostics(uri); len(found) != 0 {
		t.Errorf("the text is another one: %+v", found)
	}
	c.change(uri, contentChange{nil, "name: demo\nsteps: [\n"})
	if found := c.diagnostics(uri); len(found) != 1 || found[0].Code != "bad-yaml" {
		t.Errorf("no YAML: %+v", found)
	}
	c.notify("textDocument/didClose", documentParams{documentID{uri}})
	for p := range c.published {
		if p.URI == uri && p.Version == nil && len(p.Diagnostics) == 0 {
			break
		}
	}
}

// TestRelated: notes are places, and the place of a finding without one is the start of the file.
func TestRelated(t *testing.T) {
	c, dir := start(t, files)
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), "name: demo\nsteps:\n  a: {run: x}\n  a: {run: y}\n")
	found := c.diagnostics(uri)
	if len(found) != 1 || len(found[0].Related) != 1 || found[0].Related[0].Location.Range.Start != (position{2, 2}) {
		t.Errorf("%+v", found)
	}
}

// TestOtherFiles: only specs and test files have findings; those of a test file are its own.
func TestOtherFiles(t *testing.T) {
	c, dir := start(t, map[string]string{"pipeline.yaml": "name: demo\nsteps: {a: {run: x, outputs: {n: int}}}\n"})
	for name, e := range map[string]struct{ content, want string }{
		"zenc.yaml":          {"code: .\nstacks: {prod: {flavor: airflow}}\nsteps: {}\n", ""},
		"deployment.yaml":    {"apiVersion: v1\nkind: Pod\nspec: [\n", ""},
		"empty.yaml":         {"", ""},
		"notes.md":           {"# steps\n", ""},
		"pipeline.test.yaml": {"cases:\n  one:\n    expect: {status: sideways}\n", "sideways"},
		"good.yaml":          {"pipeline: x\n", ""},
		"x.test.yaml":        {"cases: {one: {expect: {status: succeeded}}}\n", "cannot read the pipeline"},
	} {
		uri := c.open(filepath.Join(dir, name), e.content)
		found := c.diagnostics(uri)
		text := fmt.Sprint(found)
		if e.want == "" && len(found) > 0 || !strings.Contains(text, e.want) {
			t.Errorf("%s: %v, want %q", name, found, e.want)
		}
		var got *hover
		if c.must("textDocument/hover", where(uri, position{0, 1}), &got); got != nil {
			t.Errorf("%s: %s", name, got.Contents.Value)
		}
	}
	uri := "untitled:Untitled-1"
	c.version++
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "version": c.version, "text": "name: x\nsteps: {a: {python: a:b, ned: 1}}\n"}})
	if found := c.diagnostics(uri); len(found) != 1 || found[0].Code != "unknown-key" {
		t.Errorf("a file that is not saved: %+v", found)
	}
}

// TestSaved: what is wrong with a spec may change with another file.
func TestSaved(t *testing.T) {
	c, dir := start(t, nil)
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), "name: demo\nsteps: {a: {python: steps:run}}\n")
	if found := c.diagnostics(uri); len(found) != 1 || found[0].Code != "missing-code" {
		t.Fatalf("%+v", found)
	}
	if method := <-c.asked; method != "client/registerCapability" {
		t.Errorf("the server asks for %s", method)
	}
	if err := os.WriteFile(filepath.Join(dir, "steps.py"), []byte("def run():\n    pass\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
	if found := c.diagnostics(uri); len(found) != 0 {
		t.Errorf("the module is there: %+v", found)
	}
}

// TestActions applies what a finding says to write instead.
func TestActions(t *testing.T) {
	c, dir := start(t, files)
	content := "name: demo\r\nparams: {region: eu}\r\nsteps:\r\n  a: {run: x, with: {v: \"😀 ${{ params.regio }}\"}, timeot: 1h}\r\n"
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), content)
	c.diagnostics(uri)
	all := newText(content).span(0, len(content))
	var got []codeAction
	c.must("textDocument/codeAction", codeActionParams{documentID{uri}, all}, &got)
	after := content
	for i := len(got) - 1; i >= 0; i-- {
		if len(got[i].Diagnostics) != 1 || got[i].Kind != "quickfix" || got[i].Title == "" {
			t.Errorf("%+v", got[i])
		}
		edit := got[i].Edit.Changes[uri][0]
		after = newText(after).change(contentChange{&edit.Range, edit.NewText})
	}
	want := strings.NewReplacer("regio }", "region }", "timeot", "timeout").Replace(content)
	if after != want {
		t.Errorf("%d actions make\n%q, want\n%q", len(got), after, want)
	}
	c.must("textDocument/codeAction", codeActionParams{documentID{uri}, span{}}, &got)
	if len(got) != 0 {
		t.Errorf("fixes of what stands elsewhere: %+v", got)
	}
}

// TestManyDocuments: each is answered from its own text, and from that which it has when it is asked.
func TestManyDocuments(t *testing.T) {
	c, dir := start(t, nil)
	var uris []string
	for i := range 20 {
		uris = append(uris, c.open(filepath.Join(dir, fmt.Sprintf("p%d.yaml", i)), fmt.Sprintf("name: p\nsteps:\n  s%d: {run: x}\n", i)))
	}
	for i, uri := range uris {
		c.change(uri, contentChange{&span{position{2, 2}, position{2, 3}}, "step_"})
		var got hover
		if c.must("textDocument/hover", where(uri, position{2, 3}), &got); !strings.Contains(got.Contents.Value, fmt.Sprintf("step step_%d: run", i)) {
			t.Errorf("%s: %s", uri, got.Contents.Value)
		}
	}
}

// TestChange holds the changes of a text to what an editor makes of them.
func TestChange(t *testing.T) {
	at := func(line, from, to int) *span { return &span{position{line, from}, position{line, to}} }
	for _, c := range []struct {
		content string
		change  contentChange
		want    string
	}{
		{"a\nb\n", contentChange{at(1, 0, 1), "x"}, "a\nx\n"},
		{"a\r\nb\r\n", contentChange{at(1, 1, 1), "x"}, "a\r\nbx\r\n"},
		{"😀b", contentChange{at(0, 2, 3), "x"}, "😀x"},
		{"😀b", contentChange{at(0, 1, 2), "x"}, "xb"}, // half of it: all of it
		{"é\u2028b\nc", contentChange{at(1, 0, 1), "x"}, "é\u2028b\nx"},
		{"a", contentChange{at(5, 0, 9), "x"}, "ax"},
		{"a\n", contentChange{at(0, 9, 9), "x"}, "ax\n"},
		{"ab", contentChange{at(0, 2, 0), "x"}, "x"},
		{"ab", contentChange{at(-1, -5, 1), "x"}, "xab"},
		{"a\rb", contentChange{at(1, 0, 1), "x"}, "a\rx"},
		{"a", contentChange{nil, "x"}, "x"},
	} {
		if got := newText(c.content).change(c.change); got != c.want {
			t.Errorf("%q: %q, want %q", c.content, got, c.want)
		}
	}
}

// TestPositions goes from every place to a position and back.
func TestPositions(t *testing.T) {
	content := "a😀é\r\nb\u2028c\rd\n\n𝒳\n"
	text := newText(content)
	for i := range content {
		if strings.HasPrefix(content[i:], "\n") && i > 0 && content[i-1] == '\r' {
			continue // within a break
		}
		if back := text.offset(text.position(i)); back != i {
			t.Errorf("byte %d is at %+v, which is byte %d", i, text.position(i), back)
		}
	}
}

// TestCancel: a request that is cancelled is answered, with an error.
func TestCancel(t *testing.T) {
	c, dir := start(t, nil)
	var b strings.Builder
	b.WriteString("name: many\nsteps:\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "  s%d: {run: x, with: {v: \"${{ steps.s%d.n }}\"}, outputs: {n: int}}\n", i, max(i-1, 0))
	}
	uri := c.open(filepath.Join(dir, "pipeline.yaml"), b.String())
	done := make(chan error, 1)
	go func() {
		done <- c.conn.Call(context.Background(), "textDocument/documentSymbol", documentParams{documentID{uri}}, nil, jsonrpc2.PickID(jsonrpc2.ID{Num: 4711}))
	}()
	for ended := false; !ended; {
		c.notify("$/cancelRequest", map[string]any{"id": 4711})
		select {
		case err := <-done: // it may have been too late
			var failure *jsonrpc2.Error
			if err != nil && (!errors.As(err, &failure) || failure.Code != codeRequestCancelled) {
				t.Error(err)
			}
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
}

// TestGuard: a bug in an answer is an error of that request alone.
func TestGuard(t *testing.T) {
	fromClient, toServer := io.Pipe()
	var out, log output
	go func() {
		_, _ = io.Copy(toServer, messages(initialize, `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///p/x.yaml","version":1,"text":"steps: {a: {python: a:b}}"}}}`,
			`{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///p/x.yaml"},"position":{"line":0,"character":21}}}`, shutdown, exit))
	}()
	err := Serve(context.Background(), fromClient, &out, Options{Project: func(string) Project { panic("a bug") }, Log: &log, Delay: time.Hour})
	if err != nil || !strings.Contains(out.String(), "-32603") || !strings.Contains(log.String(), "a bug") {
		t.Errorf("%v\n%s\n%s", err, out.String(), log.String())
	}
}
