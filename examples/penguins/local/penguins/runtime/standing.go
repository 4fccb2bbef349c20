package runtime

import (
	"path/filepath"
	"time"
)

// What is told of a run that has not ended, and of its steps, but in no journal.
const (
	RunRunning Status = "running"
	RunKilled  Status = "killed" // nobody works on it any more
	Killed     State  = "killed" // it was running when that ended
)

// Standing is how the run ended, or else whether it still runs.
func (h *History) Standing() Status {
	switch {
	case h.Status != "":
		return h.Status
	case h.Running:
		return RunRunning
	}
	return RunKilled
}

// StateOf is where a step of the plan stands.
func (h *History) StateOf(step string) State {
	if s := h.Steps[step]; s != nil {
		return h.now(s.State)
	}
	return Pending
}

// StateOfTry is how an attempt ended, or whether it still runs: one that was under way when the run was killed does not, even if the
// run has been resumed since.
func (h *History) StateOfTry(t *Try) State {
	if n := len(h.Parts); n > 0 && t.State == Running && t.Started.Before(h.Parts[n-1].Started) {
		return Killed
	}
	return h.now(t.State)
}

func (h *History) now(s State) State {
	if s == Running && h.Standing() != RunRunning {
		return Killed
	}
	return s
}

// LastTime is when the run ended, or the last thing that is known of it.
func (h *History) LastTime() time.Time {
	if n := len(h.Parts); n > 0 {
		return h.Parts[n-1].Ended
	}
	return h.Started
}

// LogOf is the path of an attempt's log, in the folder of the run, which may have been moved since; "" for a name that leads out of it.
func (h *History) LogOf(step string, t *Try) string {
	if !filepath.IsLocal(step) {
		return ""
	}
	return logBeside((&store{dir: h.Dir}).attempt(step, t.Place, t.Attempt))
}
