package runtime

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Secret is an environment variable of a step whose value is not in the pipeline: it is the variable of that name of the
// run itself, or else its line in a file .env.
type Secret struct {
	Name string `json:"name"`
	Ref  string `json:"ref"` // where other engines have it, for messages
}

// dotenv is the file beside .zenc that is looked at for secrets.
const dotenv = ".env"

// readSecrets returns the values by name, those that are given before others, or an error that names all that are missing.
func readSecrets(steps []Step, base string, given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var missing []string
	var file map[string]string
	for i := range steps {
		for _, s := range steps[i].Secrets {
			if _, known := values[s.Name]; known {
				continue
			}
			value, found := given[s.Name]
			if !found {
				value, found = os.LookupEnv(s.Name)
			}
			if !found {
				if file == nil {
					var err error
					if file, err = readDotenv(filepath.Join(base, dotenv)); err != nil {
						return nil, err
					}
				}
				value, found = file[s.Name]
			}
			if !found {
				missing = append(missing, fmt.Sprintf("the step %q needs the secret %s (%s): set the environment variable, or write %s=… in %s",
					steps[i].Name, s.Name, s.Ref, s.Name, filepath.Join(base, dotenv)))
			}
			values[s.Name] = value
		}
	}
	if missing != nil {
		return nil, &ParamError{Problems: missing}
	}
	return values, nil
}

// readDotenv reads NAME=value lines: an optional "export ", quotes around the value, comments and empty lines.
func readDotenv(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, maxString)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !found {
			return nil, fmt.Errorf("%s:%d: not NAME=value", path, n)
		}
		value = strings.TrimSpace(value)
		if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		values[strings.TrimSpace(name)] = value
	}
	return values, lines.Err()
}

// mask takes the place of a secret in a log.
const mask = "***"

// shortest is the length from which on a line of a secret is masked by itself; a shorter one would be found everywhere.
const shortest = 4

// hidden are the texts that must not be seen: each secret, and the lines of those that have several.
func hidden(secrets map[string]string) []string {
	var out []string
	for _, value := range secrets {
		out = append(out, value)
		if lines := strings.Split(value, "\n"); len(lines) > 1 {
			for _, line := range lines {
				if len(line) >= shortest {
					out = append(out, line)
				}
			}
		}
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) }) // one may be within another
	return out
}

// masked returns text without the hidden ones.
func masked(text string, hide []string) string {
	for _, s := range hide {
		text = strings.ReplaceAll(text, s, mask)
	}
	return text
}

// maskingLog is a log that a process writes to through a pipe, since what it prints may have a secret in it.
type maskingLog struct {
	pipe *os.File // the end that the process writes to
	from *os.File
	done chan error
}

// drain is how long a log is waited for once nothing of the process's group is left: what left the group may hold it.
const drain = time.Second

func newMaskingLog(to io.Writer, hide []string) (*maskingLog, error) {
	from, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	l := &maskingLog{pipe: pipe, from: from, done: make(chan error, 1)}
	go func() { l.done <- copyMasked(to, from, hide) }()
	return l, nil
}

// close waits for what is still in the pipe.
func (l *maskingLog) close() error {
	err := errors.Join(l.pipe.Close(), l.from.SetReadDeadline(time.Now().Add(drain)))
	copied := <-l.done
	if errors.Is(copied, os.ErrDeadlineExceeded) {
		copied = nil
	}
	return errors.Join(err, copied, l.from.Close())
}

// copyMasked copies and masks. It holds back as many bytes as the longest secret has: what begins there is not yet known.
func copyMasked(to io.Writer, from io.Reader, hide []string) error {
	longest := 1
	for _, s := range hide {
		longest = max(longest, len(s))
	}
	var kept []byte
	chunk := make([]byte, 64<<10)
	for {
		n, err := from.Read(chunk)
		kept = append(kept, chunk[:n]...)
		end := len(kept) - longest + 1
		if err != nil {
			end = len(kept)
		}
		text, used := maskUntil(kept, end, hide)
		if _, failed := to.Write(text); failed != nil {
			return failed
		}
		kept = append(kept[:0], kept[used:]...)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// maskUntil masks what begins before end, the longest of those that begin at one place, and returns how much of text that
// took.
func maskUntil(text []byte, end int, hide []string) (out []byte, used int) {
	for {
		at, found := -1, ""
		for _, s := range hide { // longest first
			if i := bytes.Index(text[used:], []byte(s)); i >= 0 && (at < 0 || i < at) {
				at, found = i, s
			}
		}
		if at < 0 || used+at >= end {
			break
		}
		out = append(append(out, text[used:used+at]...), mask...)
		used += at + len(found)
	}
	if end > used {
		out, used = append(out, text[used:end]...), end
	}
	return out, used
}

// checkHidden refuses an output that has a secret in it: the journal and other steps would see it.
func checkHidden(outputs Values, secrets map[string]string) error {
	if len(secrets) == 0 {
		return nil
	}
	for name, value := range outputs {
		text, err := textOf(value)
		if err != nil {
			return err
		}
		for _, secret := range hidden(secrets) {
			if strings.Contains(text, secret) {
				return fmt.Errorf("output %q: it has a secret in it", name)
			}
		}
	}
	return nil
}
