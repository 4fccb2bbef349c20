package schema

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// editor speaks to the server that gives VS Code and others their support for YAML.
type editor struct {
	t           *testing.T
	in          io.Writer
	ids         int
	answers     chan message
	diagnostics chan message
	settings    string    // as JSON
	asked       chan bool // has the questions for settings; the sender never waits
}

type message struct {
	Version string          `json:"jsonrpc"`
	ID      any             `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// newEditor starts the server, which make node has installed.
func newEditor(t *testing.T, root string) *editor {
	t.Helper()
	node := os.Getenv("ZENC_NODE")
	if node == "" {
		node = "../.venv/node"
	}
	program := filepath.Join(node, "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%v; make node installs it, or set ZENC_NODE", err)
	}
	cmd := exec.Command("node", program, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	e := &editor{t: t, in: in, settings: editorSettings(t), answers: make(chan message, 100), diagnostics: make(chan message, 100), asked: make(chan bool, 1)}
	go e.read(bufio.NewReader(out))
	e.call("initialize", map[string]any{"processId": os.Getpid(), "rootUri": fileURL(root), "workspaceFolders": []map[string]any{{"uri": fileURL(root), "name": "x"}}, "capabilities": map[string]any{
		"workspace":    map[string]any{"configuration": true, "workspaceFolders": true},
		"textDocument": map[string]any{"completion": map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"markdown"}}}}}}, nil)
	e.send(message{Method: "initialized", Params: []byte("{}")})
	e.send(message{Method: "workspace/didChangeConfiguration", Params: []byte(`{"settings": {}}`)})
	select { // the first question of the server that has settings as its answer
	case <-e.asked:
	case <-time.After(2 * time.Minute):
		t.Fatal("the server does not ask for settings")
	}
	return e
}

// editorSettings are those that docs/editors.md shows, and none of the schemas of the internet.
func editorSettings(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/editors.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```json\n(.*?)^```").FindSubmatch(page)
	var shown map[string]any
	if block == nil || json.Unmarshal(block[1], &shown) != nil || shown["yaml.schemas"] == nil {
		t.Fatal("docs/editors.md does not show the settings of an editor")
	}
	text, err := json.Marshal(map[string]any{"completion": true, "hover": true, "validate": true, "schemaStore": map[string]any{"enable": false}, "schemas": shown["yaml.schemas"]})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answer answers a question of the server: with the settings, or with nothing.
func (e *editor) answer(m message) {
	if m.Method != "workspace/configuration" {
		e.send(message{ID: m.ID, Result: []byte("null")})
		return
	}
	var asked struct{ Items []struct{ Section string } }
	if err := json.Unmarshal(m.Params, &asked); err != nil {
		e.t.Error(err)
	}
	var out []string
	for _, item := range asked.Items {
		if item.Section == "yaml" {
			out = append(out, e.settings)
		} else {
			out = append(out, "{}")
		}
	}
	e.send(message{ID: m.ID, Result: []byte("[" + strings.Join(out, ",") + "]")})
	select {
	case e.asked <- true:
	default:
	}
}

func fileURL(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }

// read takes what the server says, and answers its own questions with nothing.
func (e *editor) read(out *bufio.Reader) {
	for {
		header, err := textproto.NewReader(out).ReadMIMEHeader()
		if err != nil {
			return // it has ended
		}
		length, _ := strconv.Atoi(header.Get("Content-Length"))
		body := make([]byte, length)
		if _, err := io.ReadFull(out, body); err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			e.t.Error(err)
			return
		}
		switch {
		case m.Method == "textDocument/publishDiagnostics":
			e.diagnostics <- m
		case m.Method != "" && m.ID != nil:
			e.answer(m)
		case m.Method == "":
			e.answers <- m
		}
	}
}

func (e *editor) send(m message) {
	m.Version = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		e.t.Error(err)
		return
	}
	if _, err := fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		e.t.Error(err)
	}
}

// call asks the server and reads the answer into result, if that is not nil.
func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		e.t.Fatal(err)
	}
	e.ids++
	e.send(message{ID: e.ids, Method: method, Params: text})
	m := e.next(e.answers)
	if m.Error != nil {
		e.t.Fatalf("%s: %s", method, m.Error)
	}
	if result != nil {
		if err := json.Unmarshal(m.Result, result); err != nil {
			e.t.Fatalf("%s: %v: %s", method, err, m.Result)
		}
	}
}

func (e *editor) next(from chan message) message {
	e.t.Helper()
	select {
	case m := <-from:
		return m
	case <-time.After(2 * time.Minute):
		e.t.Fatal("the server does not answer")
		return message{}
	}
}

// open opens a file and returns the messages about it.
func (e *editor) open(path, text string) []string {
	e.t.Helper()
	params, err := json.Marshal(map[string]any{"textDocument": map[string]any{"uri": fileURL(path), "languageId": "yaml", "version": 1, "text": text}})
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(message{Method: "textDocument/didOpen", Params: params})
	for {
		var found struct {
			URI         string
			Diagnostics []struct{ Message string }
		}
		if err := json.Unmarshal(e.next(e.diagnostics).Params, &found); err != nil {
			e.t.Fatal(err)
		}
		if found.URI != fileURL(path) {
			continue
		}
		var out []string
		for _, d := range found.Diagnostics {
			out = append(out, d.Message)
		}
		return out
	}
}

// at are the parameters of a question about the place of | in the text.
func at(path, text string) map[string]any {
	before, _, _ := strings.Cut(text, "|")
	line := strings.Count(before, "\n")
	return map[string]any{"textDocument": map[string]any{"uri": fileURL(path)},
		"position": map[string]any{"line": line, "character": len(before) - strings.LastIndex(before, "\n") - 1}}
}

// complete returns what is offered at the place of | in the text, with its description.
func (e *editor) complete(path, text string) map[string]string {
	e.t.Helper()
	e.open(path, strings.Replace(text, "|", "", 1))
	var list struct {
		Items []struct {
			Label         string
			Documentation any
		}
	}
	e.call("textDocument/completion", at(path, text), &list)
	out := map[string]string{}
	for _, item := range list.Items {
		out[item.Label] = fmt.Sprint(item.Documentation)
	}
	return out
}

// hover returns what is shown at the place of | in the text.
func (e *editor) hover(path, text string) string {
	e.t.Helper()
	e.open(path, strings.Replace(text, "|", "", 1))
	var found struct{ Contents struct{ Value string } }
	e.call("textDocument/hover", at(path, text), &found)
	return found.Contents.Value
}

// TestEditor has the server of VS Code's YAML extension complete, explain and check files by the schemas, as docs/editors.md sets it up.
func TestEditor(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".zenc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range Names {
		text, err := ByName(name).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ".zenc", name+".json"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := newEditor(t, dir)
	files := 0
	file := func(schema, text string) (path, content string) {
		files++
		return filepath.Join(dir, fmt.Sprintf("file-%d.yaml", files)), "# yaml-language-server: $schema=.zenc/" + schema + ".json\n" + text
	}
	for _, c := range []struct {
		schema, text string
		offered      []string
		not          []string
		description  string // of the first one
	}{
		{"spec", "|", []string{"name", "steps", "finally", "params"}, []string{"python"}, "Name of the pipeline"},
		{"spec", "name: x\nsteps:\n  a:\n    run: echo\n    |", []string{"timeout", "retries", "with", "outputs", "foreach"}, []string{"run", "cron"}, "How long an attempt may take."},
		{"spec", "name: x\nsteps:\n  a:\n    |", []string{"python", "run", "command", "steps"}, nil, "module:function"},
		{"spec", "name: x\nsteps:\n  g:\n    steps:\n      a:\n        run: echo\n        r|", []string{"retries", "resources", "run_if"}, nil, "How often a failed step"},
		{"spec", "name: x\nsteps:\n  a:\n    run: echo\n    run_if: |", []string{"not_failed", "done"}, nil, ""},
		{"spec", "name: x\nsteps:\n  a:\n    run: echo\n    allow_failure: |", []string{"true", "false"}, nil, ""},
		{"spec", "name: x\nsteps:\n  a:\n    run: echo\n    outputs:\n      n: |", []string{"int", "file", "list[string]"}, nil, ""},
		{"spec", "name: x\nsteps:\n  a:\n    run: echo\n    retries:\n      |", []string{"limit", "on_exit_codes"}, []string{"timeout"}, "Further attempts"},
		{"spec", "name: x\nsteps: {a: {run: echo}}\nschedule:\n  |", []string{"cron", "timezone"}, nil, "Minute, hour"},
		{"spec", "name: x\nsteps: {a: {run: echo}}\nparams:\n  p:\n    |", []string{"type", "default", "enum"}, nil, "Type of the value."},
		{"project", "stacks:\n  prod:\n    |", []string{"flavor", "output", "options"}, nil, "The engine."},
		{"tests", "cases:\n  c:\n    expect:\n      |", []string{"status", "refused", "steps"}, nil, "How the run ends"},
	} {
		got := e.complete(file(c.schema, c.text))
		for _, want := range c.offered {
			if _, ok := got[want]; !ok {
				t.Errorf("%q: %q is not offered: %q", c.text, want, got)
			}
		}
		for _, not := range c.not {
			if _, ok := got[not]; ok {
				t.Errorf("%q: %q is offered", c.text, not)
			}
		}
		if !strings.Contains(got[c.offered[0]], c.description) {
			t.Errorf("%q: %q is described as %q", c.text, c.offered[0], got[c.offered[0]])
		}
	}
	for text, want := range map[string]string{
		"name: x\nsteps:\n  a:\n    run: echo\n    skip_exit_co|de: 99\n":      "An exit code of run or command that counts as a skip.",
		"name: x\nfail_f|ast: true\nsteps: {a: {run: echo}}\n":                 "Whether a failure skips what has not started.",
		"name: x\nsteps:\n  g:\n    steps:\n      a:\n        ru|n: echo\n":    "A shell script.",
		"name: x\nsteps: {a: {run: echo}}\nschedule:\n  cro|n: '@daily'\n":     "Minute, hour, day",
		"name: x\nsteps:\n  a:\n    run: echo\n    retries:\n      del|ay: 3s": "Time before the next attempt.",
	} {
		if got := e.hover(file("spec", text)); !strings.Contains(got, want) {
			t.Errorf("%q: on hover: %q, want %q", text, got, want)
		}
	}
	path, text := file("spec", "name: x\nsteps:\n  a: {run: echo, timeuot: 5s, allow_failure: maybe}\n")
	found := e.open(path, text)
	slices.Sort(found)
	if want := []string{`Incorrect type. Expected "boolean".`, "Property timeuot is not allowed."}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	for path, text := range map[string]string{ // without a first line: by the settings
		"pipeline.yaml": "fail_f|ast: true\n", "pipelines/x.yaml": "fail_f|ast: true\n", "zenc.yaml": "stac|ks: {}\n", "x.test.yaml": "cas|es: {}\n",
	} {
		if got := e.hover(filepath.Join(dir, path), text); !strings.HasPrefix(got, "#### zenc ") {
			t.Errorf("%s: on hover: %q", path, got)
		}
	}
	e.quiet(dir)
}

// quiet holds that the server has nothing to say about what the tests hold for right, anchors and merge keys among them.
func (e *editor) quiet(dir string) {
	e.t.Helper()
	for schema, found := range map[string][]string{
		"spec":    files(e.t, 30, "../golden/*/pipeline.yaml", "../examples/*/pipeline.yaml", "../templates/init/*/pipeline.yaml"),
		"project": files(e.t, 3, "../examples/*/zenc.yaml", "../templates/init/*/zenc.yaml"),
		"tests":   files(e.t, 3, "../examples/*/*.test.yaml", "../templates/init/*/*.test.yaml"),
	} {
		for i, file := range found {
			if strings.Contains(file, "/literals/") { // whose YAML the server's own reader does not take
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				e.t.Fatal(err)
			}
			got := e.open(filepath.Join(dir, fmt.Sprintf("right-%s-%d.yaml", schema, i)), "# yaml-language-server: $schema=.zenc/"+schema+".json\n"+string(text))
			if len(got) > 0 {
				e.t.Errorf("%s: %q", file, got)
			}
		}
	}
}
