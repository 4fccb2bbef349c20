package runtime

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// largeValue is from which size on, in bytes of its text, a value stays in the file that its step wrote.
const largeValue = 1 << 20

// stored is a value in a file, which is read again each time that it is needed. Only the outputs of a step without foreach are
// such values, and what is passed on of them whole; nothing within a list or a map is.
type stored struct{ path, typ string }

func (v stored) load() (any, error) { return readValue(v.path, v.typ) }

// Loaded returns a value as it is without files.
func Loaded(v any) (any, error) {
	if v, ok := v.(stored); ok {
		return v.load()
	}
	return v, nil
}

// readValue reads a value that a step has written.
func readValue(path, typ string) (any, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if typ == "string" {
		if !utf8.Valid(content) {
			return nil, errNotUTF8
		}
		return strings.TrimSuffix(string(content), "\n"), nil
	}
	return parseAs(strings.Trim(string(content), " \t\r\n"), typ)
}

var errNotUTF8 = errors.New("want string, got bytes that are not UTF-8")

// checkStored finds what readValue would find wrong, of a string without reading it whole.
func checkStored(v stored) error {
	if v.typ != "string" {
		_, err := v.load()
		return err
	}
	file, err := os.Open(v.path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<16)
	for {
		r, size, err := reader.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case r == utf8.RuneError && size == 1:
			return errNotUTF8
		}
	}
}

// split returns the values that are in files apart: their paths, by name.
func (v Values) split() (inline Values, large map[string]string) {
	for name, value := range v {
		if value, ok := value.(stored); ok {
			if large == nil {
				large, inline = map[string]string{}, Values{}
			}
			large[name] = value.path
		}
	}
	if large == nil {
		return v, nil
	}
	for name, value := range v {
		if _, ok := value.(stored); !ok {
			inline[name] = value
		}
	}
	return inline, large
}

// join is the reverse of split, with the types of the outputs.
func (v Values) join(large map[string]string, outputs []OutputSpec) Values {
	if len(large) == 0 {
		return v
	}
	out := Values{}
	for name, value := range v {
		out[name] = value
	}
	for _, o := range outputs {
		if path, ok := large[o.Name]; ok {
			out[o.Name] = stored{path, o.Type}
		}
	}
	return out
}

// String names it in a message.
func (v stored) String() string { return fmt.Sprintf("(%s in %s)", v.typ, v.path) }
