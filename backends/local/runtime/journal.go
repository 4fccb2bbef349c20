package runtime

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journalFile is in the folder of a run.
const journalFile = "journal.jsonl"

// journal is the file that holds every event of a run, one JSON line each, in order.
//
// A kill of this process loses nothing of it. For a power cut it is synced in the background as often as the disk can: what has
// ended in that very moment may be lost, and runs again. A lock on the file tells that somebody writes it.
type journal struct {
	file   *os.File
	err    error         // of the first write that failed; nothing is written after it
	dirty  chan struct{} // there is something to sync
	synced chan error    // the end of syncing, with its first error
}

func newJournal(dir string) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(dir, journalFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return writeJournal(file)
}

// continueJournal opens a journal to go on after its whole lines.
func continueJournal(h *History) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(h.Dir, journalFile), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	j, err := writeJournal(file)
	if err == nil {
		err = file.Truncate(h.good)
	}
	return j, err
}

func writeJournal(file *os.File) (*journal, error) {
	if err := lockFile(file); err != nil {
		file.Close()
		return nil, err
	}
	j := &journal{file: file, dirty: make(chan struct{}, 1), synced: make(chan error, 1)}
	go func() {
		var first error
		for range j.dirty {
			if err := file.Sync(); first == nil {
				first = err
			}
		}
		j.synced <- first
	}()
	return j, nil
}

// IsRunning reports a run that somebody works on at this moment.
func IsRunning(dir string) bool {
	file, err := os.Open(filepath.Join(dir, journalFile))
	if err != nil {
		return false
	}
	defer file.Close()
	return isLocked(file)
}

// Event writes the event.
func (j *journal) Event(e Event) {
	if j.err != nil {
		return
	}
	e.Steps = nil // their events have told
	if j.err = writeEvent(j.file, e); j.err != nil {
		return
	}
	select {
	case j.dirty <- struct{}{}:
	default: // the next sync has it as well
	}
}

// close returns the first error of all writes.
func (j *journal) close() error {
	close(j.dirty)
	err := <-j.synced
	if closeErr := j.file.Close(); err == nil {
		err = closeErr
	}
	if j.err == nil {
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
