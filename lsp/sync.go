package lsp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// documents are the files that the client has open.
type documents struct {
	mu     sync.Mutex
	all    map[string]*document
	timers map[string]*time.Timer // of those that are to be checked
}

func (o *documents) get(uri string) *document {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all[uri]
}

// set makes d the version that there is.
func (o *documents) set(d *document) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[d.uri] = d
}

// remove forgets a document.
func (o *documents) remove(uri string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.timers[uri]; t != nil {
		t.Stop()
	}
	delete(o.all, uri)
	delete(o.timers, uri)
}

// later calls f after a delay, unless it is called again before.
func (o *documents) later(uri string, delay time.Duration, f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if t := o.timers[uri]; t != nil {
		t.Stop()
	}
	o.timers[uri] = time.AfterFunc(delay, f)
}

func (o *documents) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for uri, t := range o.timers {
		t.Stop()
		delete(o.timers, uri)
	}
	clear(o.all)
}

// changed takes what the client says of its files.
func (s *Server) changed(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	switch req.Method {
	case "initialized":
		s.watch(ctx, conn)
	case "textDocument/didOpen":
		var p didOpenParams
		if err := decode(req, &p); err != nil {
			return err
		}
		s.open.set(s.newDocument(p.Document.URI, p.Document.Version, p.Document.Text, nil))
		s.checkLater(ctx, conn, p.Document.URI, 0)
	case "textDocument/didChange":
		return s.edited(ctx, conn, req)
	case "textDocument/didClose":
		var p documentParams
		if err := decode(req, &p); err != nil {
			return err
		}
		s.open.remove(p.Document.URI)
		s.checking.Lock() // nothing is published of it behind that
		defer s.checking.Unlock()
		return conn.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: p.Document.URI, Diagnostics: []diagnostic{}})
	case "textDocument/didSave", "workspace/didChangeWatchedFiles":
		s.checkAgain(ctx, conn)
	case "$/cancelRequest":
		return s.cancel(req)
	}
	return nil
}

// edited makes the next version of a document.
func (s *Server) edited(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) error {
	var p didChangeParams
	if err := decode(req, &p); err != nil {
		return err
	}
	before := s.open.get(p.Document.URI)
	if before == nil {
		return fmt.Errorf("a change of %q, which is not open", p.Document.URI)
	}
	t := before.text
	for i, change := range p.Changes {
		content := t.change(change)
		if i == len(p.Changes)-1 {
			s.open.set(s.newDocument(p.Document.URI, p.Document.Version, content, before))
		} else {
			t = newText(content)
		}
	}
	s.checkLater(ctx, conn, p.Document.URI, s.options.Delay)
	return nil
}

// checkLater checks a document once nothing has changed for a time.
func (s *Server) checkLater(ctx context.Context, conn *jsonrpc2.Conn, uri string, delay time.Duration) {
	s.open.later(uri, delay, func() { s.guard("diagnostics", func() { s.publish(ctx, conn, uri) }) })
}

// publish tells the client what is wrong with a document, unless it has changed meanwhile.
func (s *Server) publish(ctx context.Context, conn *jsonrpc2.Conn, uri string) {
	s.checking.Lock()
	defer s.checking.Unlock()
	d := s.open.get(uri)
	if d == nil {
		return
	}
	found := d.diagnostics()
	if s.open.get(uri) != d {
		return // another check is on its way
	}
	err := conn.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Version: &d.version, Diagnostics: found})
	if err != nil && ctx.Err() == nil {
		s.log.Printf("telling of findings: %v", err)
	}
}

// checkAgain checks all documents: a file that they name may be another one now.
func (s *Server) checkAgain(ctx context.Context, conn *jsonrpc2.Conn) {
	s.open.mu.Lock()
	var uris []string
	for uri, d := range s.open.all {
		s.open.all[uri] = s.newDocument(d.uri, d.version, d.text.content, d)
		uris = append(uris, uri)
	}
	s.open.mu.Unlock()
	for _, uri := range uris {
		s.checkLater(ctx, conn, uri, s.options.Delay)
	}
}

// watch asks the client to tell of files that specs name.
func (s *Server) watch(ctx context.Context, conn *jsonrpc2.Conn) {
	if !s.watches {
		return
	}
	params := registrationParams{[]registration{{ID: "files", Method: "workspace/didChangeWatchedFiles", Options: watchOptions{
		[]watcher{{"**/*.py"}, {"**/*.{yaml,yml}"}}}}}}
	go func() { // the answer comes by what this is called from
		err := conn.Call(ctx, "client/registerCapability", params, nil)
		if err != nil && ctx.Err() == nil && !errors.Is(err, jsonrpc2.ErrClosed) {
			s.log.Printf("the client does not watch files: %v", err)
		}
	}()
}
