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

// journal is the file that holds every event of a run, one JSON line each, in order. Others hear of an event after it: what
// they know to have ended is on the disk. A lock on the file tells that somebody writes it.
type journal struct {
	file   *os.File
	err    error // of the first write that failed; nothing is written after it
	next   Sink
	untold []Event // that next has not been told of
	ended  bool    // one of them says that something has ended
}

func newJournal(dir string, next Sink) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(dir, journalFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return writeJournal(file, next)
}

// continueJournal opens a journal to go on after its whole lines.
func continueJournal(h *History, next Sink) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(h.Dir, journalFile), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	j, err := writeJournal(file, next)
	if err == nil {
		err = os.Truncate(file.Name(), h.good) // by its name: Windows does not cut a file that is open for appending
	}
	return j, err
}

func writeJournal(file *os.File, next Sink) (*journal, error) {
	if err := lockFile(file); err != nil {
		file.Close()
		return nil, err
	}
	return &journal{file: file, next: next}, nil
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

// Event writes the event. Others are told of it later.
func (j *journal) Event(e Event) {
	if j.err == nil {
		line := e
		line.Steps = nil // their events have told
		line.Outputs, line.Large = e.Outputs.split()
		j.err = writeEvent(j.file, line)
	}
	j.untold = append(j.untold, e)
	j.ended = j.ended || e.Event == eventInstanceEnded || e.Event == eventStepEnded || e.Event == eventRunEnded
}

// tell passes the first n events on that have not been.
func (j *journal) tell(n int) {
	for _, e := range j.untold[:n] {
		j.next.Event(e)
	}
	j.untold = append(j.untold[:0], j.untold[n:]...)
}

// flush puts everything on the disk and passes it on.
func (j *journal) flush() {
	if j.err == nil {
		j.err = j.file.Sync()
	}
	j.tell(len(j.untold))
	j.ended = false
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
