package lsp

import "github.com/sourcegraph/jsonrpc2"

// answer computes what a request asks for. It is called beside the handler of messages.
type answer func() (any, error)

// prepare reads a request and takes the document that it is about as it is now.
func (s *Server) prepare(req *jsonrpc2.Request) (answer, error) {
	switch req.Method {
	case "textDocument/hover":
		return at(s, req, func(d *document, offset int) (any, error) { return orNull(d.hover(offset)), nil })
	case "textDocument/completion":
		return s.completion(req)
	case "textDocument/definition":
		return at(s, req, func(d *document, offset int) (any, error) { return orNull(d.definition(offset)), nil })
	case "textDocument/prepareRename":
		return at(s, req, func(d *document, offset int) (any, error) {
			u, err := d.renamable(offset)
			return d.text.span(u.start, u.end), err
		})
	case "textDocument/references":
		var p referenceParams
		return on(s, req, &p, &p.Document, func(d *document) (any, error) {
			return d.references(d.text.offset(p.Position), p.Context.IncludeDeclaration), nil
		})
	case "textDocument/rename":
		var p renameParams
		return on(s, req, &p, &p.Document, func(d *document) (any, error) {
			edit, err := d.rename(d.text.offset(p.Position), p.NewName)
			return edit, err
		})
	case "textDocument/documentSymbol":
		var p documentParams
		return on(s, req, &p, &p.Document, func(d *document) (any, error) { return d.symbols(), nil })
	case "textDocument/codeAction":
		var p codeActionParams
		return on(s, req, &p, &p.Document, func(d *document) (any, error) { return d.actions(p.Range), nil })
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "there is no method " + req.Method}
}

// on answers a request about a document; null if that is no spec.
func on(s *Server, req *jsonrpc2.Request, params any, id *documentID, f func(*document) (any, error)) (answer, error) {
	if err := decode(req, params); err != nil {
		return nil, err
	}
	d := s.open.get(id.URI)
	if d == nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the document is not open: " + id.URI}
	}
	return func() (any, error) {
		if !d.isSpec && req.Method != "textDocument/codeAction" {
			return nil, nil
		}
		return f(d)
	}, nil
}

// at answers a request about a place of a document.
func at(s *Server, req *jsonrpc2.Request, f func(d *document, offset int) (any, error)) (answer, error) {
	var p positionParams
	return on(s, req, &p, &p.Document, func(d *document) (any, error) { return f(d, d.text.offset(p.Position)) })
}

// completion answers also for a file that is no spec yet.
func (s *Server) completion(req *jsonrpc2.Request) (answer, error) {
	var p positionParams
	if err := decode(req, &p); err != nil {
		return nil, err
	}
	d := s.open.get(p.Document.URI)
	if d == nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the document is not open: " + p.Document.URI}
	}
	return func() (any, error) {
		list := completionList{Items: []completionItem{}}
		if d.isSpec || d.mayBecomeSpec() {
			list.Items = append(list.Items, d.complete(d.text.offset(p.Position))...)
		}
		return list, nil
	}, nil
}

// orNull makes a nil pointer the null of the protocol.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}
