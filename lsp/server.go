// Package lsp is a language server for pipeline specs: what an editor asks, answered by the compiler itself.
//
// A document is a chain of versions that never change (document.go). What stands where is read by package outline, which takes
// texts that are being typed; what it means is asked of compiler/check. Each request is answered from the version that was there
// when it came in.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/zenc-dev/zenc/compiler/spec"
)

// Options are what the server needs to be told.
type Options struct {
	// Project tells what the project of a spec says of it. It is asked anew each time.
	Project func(spec string) Project
	// Delay is the time without a change after which a document is checked.
	Delay time.Duration
	// Log is told what goes wrong in the server itself.
	Log io.Writer
}

// Project is what a spec takes from its project.
type Project struct {
	Code     string         // the folder that Python imports begin in; "": none
	Defaults *spec.Defaults // for what the spec's own do not say; nobody else has them
}

// Server answers one client.
type Server struct {
	options Options
	log     *log.Logger

	// The handler of messages alone has these.
	state     state
	watches   bool // the client can be asked to watch files
	cancelled map[jsonrpc2.ID]context.CancelFunc
	mu        sync.Mutex // of cancelled
	busy      sync.WaitGroup

	open     documents
	checking sync.Mutex // one document is checked at a time
	exit     chan error
	exitOnce sync.Once
}

// state says what the client may send.
type state int

const (
	uninitialized state = iota
	running
	shutDown
)

// errNoShutdown is the end of a client that has not said that it would end.
var errNoShutdown = errors.New("the client has ended without a shutdown")

// Serve answers a client until it ends. The error is nil after a shutdown and an exit.
func Serve(ctx context.Context, in io.Reader, out io.Writer, options Options) error {
	s := &Server{options: options, log: log.New(options.Log, "zenc lsp: ", 0), cancelled: map[jsonrpc2.ID]context.CancelFunc{}, exit: make(chan error, 1)}
	s.open.all = map[string]*document{}
	s.open.timers = map[string]*time.Timer{}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages := &stream{in: bufio.NewReaderSize(in, 1<<16), out: out, log: s.log.Printf, ended: s.inputEnded}
	conn := jsonrpc2.NewConn(ctx, messages, s, jsonrpc2.SetLogger(quiet{}))
	var err error
	select {
	case err = <-s.exit:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.open.close()
	_ = conn.Close() // nothing is written any more
	return err
}

// quiet is a logger that says nothing: what is wrong with messages the stream says itself.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// end ends the server.
func (s *Server) end(err error) {
	s.exitOnce.Do(func() { s.exit <- err })
}

// inputEnded ends the server where nothing comes any more.
func (s *Server) inputEnded(err error) {
	switch {
	case err != io.EOF:
		s.end(err)
	case s.state == shutDown:
		s.end(nil)
	default:
		s.end(errNoShutdown)
	}
}

// Handle takes one message after the other, in their order. A request is answered beside that, from the documents as they are now.
func (s *Server) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	if req.Notif {
		s.guard(req.Method, func() { s.notified(ctx, conn, req) })
		return
	}
	reply := func(result any, err error) {
		var failure *jsonrpc2.Error
		switch {
		case err == nil:
			err = conn.Reply(ctx, req.ID, result)
		case errors.As(err, &failure):
			err = conn.ReplyWithError(ctx, req.ID, failure)
		default:
			err = conn.ReplyWithError(ctx, req.ID, &jsonrpc2.Error{Code: codeRequestFailed, Message: err.Error()})
		}
		if err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
			s.log.Printf("answering %s: %v", req.Method, err)
		}
	}
	if s.state != running || req.Method == "shutdown" || req.Method == "initialize" {
		reply(s.lifecycle(req))
		return
	}
	answer, err := s.prepare(req)
	if err != nil {
		reply(nil, err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.cancelled[req.ID] = cancel
	s.mu.Unlock()
	s.busy.Go(func() {
		result, err := any(nil), error(&jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: "a bug of zenc; it is in the log"})
		s.guard(req.Method, func() {
			if ctx.Err() == nil {
				result, err = answer()
			}
		})
		if ctx.Err() != nil {
			err = &jsonrpc2.Error{Code: codeRequestCancelled, Message: "cancelled"}
		}
		s.mu.Lock()
		delete(s.cancelled, req.ID)
		s.mu.Unlock()
		cancel()
		reply(result, err)
	})
}

// Codes of errors that the protocol adds to those of JSON-RPC.
const (
	codeNotInitialized   = -32002
	codeRequestCancelled = -32800
	codeRequestFailed    = -32803
)

// guard keeps a bug in one answer from ending the server.
func (s *Server) guard(method string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Printf("internal error in %s: %v\n%s", method, r, debug.Stack())
		}
	}()
	f()
}

// lifecycle answers what begins and ends a session, and refuses what comes before or after.
func (s *Server) lifecycle(req *jsonrpc2.Request) (any, error) {
	switch {
	case s.state == shutDown:
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server is shut down"}
	case s.state == uninitialized && req.Method == "initialize":
		var p initializeParams
		if err := decode(req, &p); err != nil {
			return nil, err
		}
		s.state = running
		s.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
		return s.initialized(), nil
	case s.state == uninitialized:
		return nil, &jsonrpc2.Error{Code: codeNotInitialized, Message: "the first request must be initialize"}
	case req.Method == "initialize":
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "initialize is there twice"}
	}
	s.state = shutDown
	s.busy.Wait() // what was asked before is answered before
	return nil, nil
}

// initialized says what the server can do.
func (s *Server) initialized() initializeResult {
	var out initializeResult
	out.ServerInfo.Name = "zenc"
	c := &out.Capabilities
	c.PositionEncoding = "utf-16"
	c.TextDocumentSync.OpenClose, c.TextDocumentSync.Change, c.TextDocumentSync.Save = true, 2, true
	c.HoverProvider, c.DefinitionProvider, c.ReferencesProvider, c.DocumentSymbolProvider = true, true, true, true
	c.CompletionProvider.TriggerCharacters = []string{".", "{", ":", "[", " ", "/"}
	c.RenameProvider.PrepareProvider = true
	c.CodeActionProvider.CodeActionKinds = []string{"quickfix"}
	return out
}

// decode reads the parameters of a message.
func decode(req *jsonrpc2.Request, to any) error {
	if req.Params == nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: req.Method + " needs parameters"}
	}
	if err := json.Unmarshal(*req.Params, to); err != nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("the parameters of %s: %v", req.Method, err)}
	}
	return nil
}

// notified takes a notification.
func (s *Server) notified(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	if req.Method == "exit" {
		if s.state == shutDown {
			s.end(nil)
		} else {
			s.end(errNoShutdown)
		}
		return
	}
	if s.state != running {
		return
	}
	if err := s.changed(ctx, conn, req); err != nil {
		s.log.Print(err)
	}
}

// cancel ends a request that is being answered.
func (s *Server) cancel(req *jsonrpc2.Request) error {
	var p cancelParams
	if err := decode(req, &p); err != nil {
		return err
	}
	var id jsonrpc2.ID
	if err := json.Unmarshal(p.ID, &id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.cancelled[id]; cancel != nil {
		cancel()
	}
	return nil
}
