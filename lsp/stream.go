package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// maxMessage bounds the size of a message in bytes: that of a spec, and what quoting it costs.
const maxMessage = 128 << 20

// stream reads and writes the messages of the protocol: a header with the length, then JSON.
type stream struct {
	in  *bufio.Reader
	out io.Writer
	log func(format string, args ...any)
	// ended is told why nothing more can be read.
	ended func(error)

	mu sync.Mutex // of out
}

// ReadObject reads the next message. One that is not JSON is answered and gone over; an error is the end, io.EOF where the client
// has closed its side.
func (s *stream) ReadObject(v any) error {
	for {
		data, err := s.read()
		if err != nil {
			s.ended(err)
			return err
		}
		if err = json.Unmarshal(data, v); err == nil {
			return nil
		}
		s.log("a message that cannot be read: %v", err)
		answer := map[string]any{"jsonrpc": "2.0", "id": nil, "error": map[string]any{"code": -32700, "message": "the message is not JSON-RPC: " + err.Error()}}
		if err := s.WriteObject(answer); err != nil {
			return err
		}
	}
}

func (s *stream) read() ([]byte, error) {
	length := -1
	for first := true; ; first = false {
		line, err := s.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, errors.New("the header of a message has no end")
		case err != nil && first && len(line) == 0:
			return nil, io.EOF
		case err != nil:
			return nil, io.ErrUnexpectedEOF
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, found := strings.Cut(text, ":")
		if !found {
			return nil, fmt.Errorf("%.80q is not the header of a message", text)
		}
		if strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxMessage {
				return nil, fmt.Errorf("%.80q is not the length of a message of at most %d bytes", value, maxMessage)
			}
		}
	}
	if length < 0 {
		return nil, errors.New("the header of a message has no Content-Length")
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(s.in, data); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return data, nil
}

// WriteObject writes a message as a whole.
func (s *stream) WriteObject(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = fmt.Fprintf(s.out, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

// Close does nothing: the streams are the caller's.
func (s *stream) Close() error { return nil }
