package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journal is the file that holds every event of a run, one JSON line each, in order.
type journal struct {
	file *os.File
	err  error // of the first write that failed; nothing is written after it
}

func newJournal(dir string) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(dir, "journal.jsonl"), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &journal{file: file}, nil
}

// Event writes the event, and what ended also to the disk.
func (j *journal) Event(e Event) {
	if j.err != nil {
		return
	}
	if j.err = writeEvent(j.file, e); j.err == nil && (e.Event == eventStepEnded || e.Event == eventRunEnded) {
		j.err = j.file.Sync()
	}
}

// close returns the first error of all writes.
func (j *journal) close() error {
	if err := j.file.Close(); j.err == nil {
		j.err = err
	}
	if j.err != nil {
		return fmt.Errorf("the journal is incomplete: %w", j.err)
	}
	return nil
}

// writeEvent writes an event as one JSON line.
func writeEvent(w io.Writer, e Event) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(e)
}
