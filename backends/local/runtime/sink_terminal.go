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
	running []string // in the order they started
	done    int
	drawn   int           // lines of the region that is on the screen
	ended   chan struct{} // closed when the run has ended
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
		if e.Attempt == 1 {
			t.running = append(t.running, e.label())
		}
		t.draw("") // what runs is in the region, not above it
		return
	case eventInstanceEnded, eventStepEnded:
		if e.Event == eventStepEnded {
			t.done++
		}
		if i := slices.Index(t.running, e.label()); i >= 0 {
			t.running = slices.Delete(t.running, i, i+1)
		}
	case eventRunEnded:
		close(t.ended)
		io.WriteString(t.out, t.erase()+t.text.lines(e))
		return
	}
	t.draw(t.painted(e))
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

// painted returns the lines of an event, the first one in the colour of the state.
func (t *terminalSink) painted(e Event) string {
	lines := t.text.lines(e)
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
	for _, name := range shown {
		lines = append(lines, fmt.Sprintf("%8s  %s", Elapsed(now.Sub(t.text.steps[name])), name))
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

// cut shortens a line to a number of characters.
func cut(line string, width int) string {
	runes := []rune(line)
	if width < 1 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}
