package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// client is the other side of a server, over pipes.
type client struct {
	t         *testing.T
	conn      *jsonrpc2.Conn
	in        *io.PipeWriter
	ended     chan error
	published chan publishParams
	asked     chan string // methods of requests of the server
	log       *output
	version   int
}

// output is written to and read at once.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start begins a session; files are written below its folder first.
func start(t *testing.T, files map[string]string) (c *client, dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c = connect(t)
	c.call("initialize", map[string]any{"capabilities": map[string]any{"workspace": map[string]any{"didChangeWatchedFiles": map[string]any{"dynamicRegistration": true}}}}, nil)
	c.notify("initialized", map[string]any{})
	return c, dir
}

// beside is a project without a zenc.yaml.
func beside(spec string) Project { return Project{Code: filepath.Dir(spec)} }

// connect starts a server, without a word to it.
func connect(t *testing.T) *client {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	c := &client{t: t, in: toServer, ended: make(chan error, 1), published: make(chan publishParams, 100), asked: make(chan string, 10), log: &output{}}
	go func() {
		c.ended <- Serve(context.Background(), fromClient, toClient, Options{Project: beside, Delay: 5 * time.Millisecond, Log: c.log})
	}()
	reading := &stream{in: bufio.NewReader(fromServer), out: toServer, log: t.Logf, ended: func(error) {}}
	c.conn = jsonrpc2.NewConn(context.Background(), reading, jsonrpc2.HandlerWithError(c.handle))
	t.Cleanup(func() {
		_ = toServer.Close()
		_ = fromServer.Close()
		_ = c.conn.Close()
	})
	return c
}

func (c *client) handle(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
	if !req.Notif {
		c.asked <- req.Method
		return nil, nil
	}
	var p publishParams
	if err := json.Unmarshal(*req.Params, &p); err != nil {
		return nil, err
	}
	c.published <- p
	return nil, nil
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func (c *client) call(method string, params, result any) error {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := c.conn.Call(ctx, method, params, result)
	if ctx.Err() != nil {
		c.t.Fatalf("%s: no answer; the log is %s", method, c.log)
	}
	return err
}

func (c *client) must(method string, params, result any) {
	c.t.Helper()
	if err := c.call(method, params, result); err != nil {
		c.t.Fatalf("%s: %v; the log is %s", method, err, c.log)
	}
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatal(method, err)
	}
}

// open opens a text as a file; its URI is returned.
func (c *client) open(path, content string) string {
	c.t.Helper()
	uri := uriOf(path)
	c.version++
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": c.version, "text": content}})
	return uri
}

// change makes changes, of which each is a range and a text, or a text alone.
func (c *client) change(uri string, changes ...contentChange) {
	c.t.Helper()
	c.version++
	c.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri, "version": c.version}, "contentChanges": changes})
}

// diagnostics are the findings of the version that is open now.
func (c *client) diagnostics(uri string) []diagnostic {
	c.t.Helper()
	for {
		select {
		case p := <-c.published:
			if p.URI == uri && p.Version != nil && *p.Version == c.version {
				return p.Diagnostics
			}
		case <-time.After(patience):
			c.t.Fatalf("no diagnostics of %s; the log is %s", uri, c.log)
		}
	}
}

// cursor takes the mark | out of a text, and tells where it was.
func cursor(t *testing.T, marked string) (content string, at position) {
	t.Helper()
	i := strings.LastIndex(marked, "|")
	if i < 0 {
		t.Fatalf("no cursor in %q", marked)
	}
	content = marked[:i] + marked[i+1:]
	return content, newText(content).position(i)
}

func where(uri string, p position) positionParams { return positionParams{documentID{uri}, p} }
