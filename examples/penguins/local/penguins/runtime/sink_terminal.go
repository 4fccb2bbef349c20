package runtime

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// redraw is how often the steps that run are drawn again.
const redraw = 100 * time.Millisecond

// Control sequences of ECMA-48, which every terminal but TERM=dumb knows.
const (
	cursorUp = "\x1b[%dA\r" // to the start of the line so many lines above
	eraseEnd = "\x1b[J"     // from the cursor to the end of the screen
	plain    = "\x1b[0m"
)

var colours = map[State]string{Succeeded: "\x1b[32m", Failed: "\x1b[31m", Skipped: "\x1b[33m", UpstreamFailed: "\x1b[33m"}

// terminalSink draws the steps that run below the lines of those that have ended.
type terminalSink struct {
	out    io.Writer
	size   func() (width, height int) // in characters
	now    func() time.Time
	colour bool

	mu      sync.Mutex // guards all below, and out
	text    *textSink
	running []*running // in the order they started
	done    int
	drawn   int           // lines of the region that is on the screen
	ended   chan struct{} // closed when the run has ended
}

// shownInstances is how many instances a foreach has at most whose success has a line of its own.
const shownInstances = 20

// running is a step that runs. Of a foreach, which may have a million instances, only those are kept that run.
type running struct {
	step        string
	started     time.Time
	total, done int          // of a foreach: instances, and how many of them have ended
	active      map[int]bool // places of those that run
	failed      int
}

// newTerminalSink returns a sink for a terminal, or nil if w is none that can be drawn on.
func newTerminalSink(w io.Writer) Sink {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return nil
	}
	if width, _ := terminalSize(file); width == 0 {
		return nil
	}
	size := func() (int, int) { return terminalSize(file) }
	return &terminalSink{out: file, size: size, now: time.Now, colour: os.Getenv("NO_COLOR") == "", text: &textSink{}}
}

// Event writes the lines of the event above the region. The start of the run starts the clock of the region, and
// its end stops it.
func (t *terminalSink) Event(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.remember(e)
	switch e.Event {
	case eventNote:
		io.WriteString(t.out, t.text.lines(e))
		return
	case eventRunStarted:
		t.ended = make(chan struct{})
		go t.tick(t.ended)
	case eventStepStarted:
		t.begun(e)
		t.draw("") // what runs is in the region, not above it
		return
	case eventStepRetry, eventInstanceEnded, eventStepEnded:
		if e.Event == eventStepEnded {
			t.done++
		}
		t.left(e)
	case eventRunEnded:
		close(t.ended)
		io.WriteString(t.out, t.erase()+t.text.lines(e))
		return
	}
	t.draw(t.painted(e))
}

// begun notes that an attempt runs.
func (t *terminalSink) begun(e Event) {
	i := slices.IndexFunc(t.running, func(r *running) bool { return r.step == e.Step })
	if i < 0 {
		i = len(t.running)
		t.running = append(t.running, &running{step: e.Step, started: e.Time, active: map[int]bool{}})
	}
	r := t.running[i]
	r.active[e.place()] = true
	if e.Index != nil {
		r.total, r.done = e.Total, e.Done
	}
}

// left notes that an attempt has ended, or the whole step has.
func (t *terminalSink) left(e Event) {
	i := slices.IndexFunc(t.running, func(r *running) bool { return r.step == e.Step })
	if i < 0 {
		return
	}
	r := t.running[i]
	delete(r.active, e.place())
	switch e.Event {
	case eventStepEnded:
		t.running = slices.Delete(t.running, i, i+1)
	case eventInstanceEnded:
		r.total, r.done = e.Total, e.Done
		if e.State == Failed {
			r.failed++
		}
	}
}

func (t *terminalSink) tick(ended <-chan struct{}) {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			t.mu.Lock()
			select {
			case <-ended: // while this waited for the lock
			default:
				t.draw("")
			}
			t.mu.Unlock()
		}
	}
}

// painted returns the lines of an event, the first one in the colour of the state. What the region counts has none.
func (t *terminalSink) painted(e Event) string {
	lines := t.text.lines(e)
	if e.Event == eventInstanceEnded && e.Total > shownInstances && (e.State == Succeeded || e.State == Skipped && e.Error == "") {
		return ""
	}
	colour := colours[e.State]
	if !t.colour || colour == "" {
		return lines
	}
	first, rest, _ := strings.Cut(lines, "\n")
	return colour + first + plain + "\n" + rest
}

// draw replaces the region by the lines and a new region below them, in one write, so that nothing flickers.
func (t *terminalSink) draw(lines string) {
	region := t.region()
	io.WriteString(t.out, t.erase()+lines+strings.Join(region, "\n")+"\n")
	t.drawn = len(region)
}

// erase removes the region and leaves the cursor where it began.
func (t *terminalSink) erase() string {
	if t.drawn == 0 {
		return ""
	}
	s := fmt.Sprintf(cursorUp, t.drawn) + eraseEnd
	t.drawn = 0
	return s
}

// region returns a line for each step that runs, as many as fit, and one for the whole run.
func (t *terminalSink) region() []string {
	width, height := t.size()
	now := t.now()
	shown := t.running[:min(len(t.running), max(1, height-4))]
	var lines []string
	for _, r := range shown {
		lines = append(lines, fmt.Sprintf("%8s  %s", Elapsed(now.Sub(r.started)), r))
	}
	if hidden := len(t.running) - len(shown); hidden > 0 {
		lines = append(lines, fmt.Sprintf("%8s  and %d more", "", hidden))
	}
	lines = append(lines, fmt.Sprintf("%8s  %d of %d steps done, %d running",
		Elapsed(now.Sub(t.text.started)), t.done, t.text.total, len(t.running)))
	for i, line := range lines {
		lines[i] = cut(line, width-1) // a line that is wrapped would be two
	}
	return lines
}

// String is the step, and of a foreach how far it is.
func (r *running) String() string {
	if r.total == 0 {
		return r.step
	}
	s := fmt.Sprintf("%s: %d of %d done, %d running", r.step, r.done, r.total, len(r.active))
	if r.failed > 0 {
		s += fmt.Sprintf(", %d failed", r.failed)
	}
	return s
}

// cut shortens a line to a number of characters.
func cut(line string, width int) string {
	runes := []rune(line)
	if width < 1 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}
