package runtime

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

// logTail is how many lines of a failed step's log are shown, and shownOutputs how many outputs the summary has.
const (
	logTail      = 20
	shownOutputs = 12
)

// NewTextSink tells a run in lines, for a log or a terminal without control sequences, and ends with a summary.
func NewTextSink(w io.Writer) Sink { return &textSink{out: w} }

type textSink struct {
	out     io.Writer
	total   int
	dir     string
	started time.Time            // of the run
	steps   map[string]time.Time // starts of the steps that run
	outputs []string             // lines of the outputs that came last
	hidden  int                  // how many outputs there were before them
}

// Event writes the event's lines. What cannot be written is lost: the run does not depend on who watches it.
func (t *textSink) Event(e Event) {
	t.remember(e)
	io.WriteString(t.out, t.lines(e))
}

func (t *textSink) remember(e Event) {
	switch e.Event {
	case eventRunStarted:
		t.total, t.dir, t.started, t.steps = e.Total, e.Dir, e.Time, map[string]time.Time{}
	case eventStepStarted:
		if _, again := t.steps[e.label()]; !again {
			t.steps[e.label()] = e.Time
		}
	case eventStepEnded:
		for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
			t.outputs = append(t.outputs, fmt.Sprintf("  %s.%s = %s\n", e.Step, name, Printable(brief(e.Outputs[name]))))
		}
		if more := len(t.outputs) - shownOutputs; more > 0 {
			t.outputs, t.hidden = slices.Delete(t.outputs, 0, more), t.hidden+more
		}
	}
}

// lines returns what to write for an event, each line with its end.
func (t *textSink) lines(e Event) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "%8s  %s\n", Elapsed(e.Time.Sub(t.started)), Printable(fmt.Sprintf(format, args...)))
	}
	switch e.Event {
	case eventNote:
		for _, note := range e.Notes {
			fmt.Fprintf(&b, "%8s  %s\n", "", Printable(note))
		}
	case eventRunStarted:
		line("run %s of %s: %d steps", e.Run, e.Pipeline, e.Total)
		if e.Done > 0 {
			line("%d of them have ended before", e.Done)
		}
		for _, note := range e.Notes {
			line("note: %s", note)
		}
	case eventStepStarted:
		if e.Attempt > 1 {
			line("%s: attempt %d", e.label(), e.Attempt)
		} else {
			line("%s: started", e.label())
		}
	case eventStepRetry:
		line("%s: attempt %d failed: %s; next in %s", e.label(), e.Attempt, e.Error, Elapsed(seconds(e.Delay)))
		writeTail(&b, e.Log)
	case eventInstanceEnded, eventStepEnded:
		t.stepEnded(&b, line, e)
	case eventRunEnded:
		b.WriteString(t.summary(e))
	}
	return b.String()
}

func (t *textSink) stepEnded(b *strings.Builder, line func(string, ...any), e Event) {
	label := e.label()
	started, ran := t.steps[label]
	if e.From != "" {
		if e.State == Succeeded {
			line("%s: %s (from the run %s)", label, e.State, e.From)
		}
		return
	}
	if e.Instances != nil {
		line("%s: %s: %s", label, e.State, StateCounts(e.Instances))
		return
	}
	delete(t.steps, label)
	switch {
	case e.State == Failed && ran:
		line("%s: failed after %s: %s", label, Elapsed(e.Time.Sub(started)), e.Error)
		writeTail(b, e.Log)
	case e.State == Skipped && ran && e.Error != "":
		line("%s: skipped: %s", label, e.Error)
		writeTail(b, e.Log)
	case ran:
		line("%s: %s in %s", label, e.State, Elapsed(e.Time.Sub(started)))
	case e.Error != "":
		line("%s: %s: %s", label, e.State, e.Error)
	default:
		line("%s: %s", label, e.State)
	}
}

// LogTail returns the last lines of a log, as a run shows them for a step that failed; none if there is no log.
func LogTail(path string) []string {
	if path == "" {
		return nil
	}
	return lastLines(path, logTail)
}

// writeTail writes the end of a log, and where it is.
func writeTail(b *strings.Builder, log string) {
	if log == "" {
		return
	}
	for _, text := range lastLines(log, logTail) {
		fmt.Fprintf(b, "          | %s\n", Printable(text))
	}
	fmt.Fprintf(b, "          log: %s\n", Printable(log))
}

// summary says how the run ended, what it made and where that is.
func (t *textSink) summary(e Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s in %s: %s", e.Status, Elapsed(e.Time.Sub(t.started)), counts(e.Steps))
	if e.Error != "" {
		fmt.Fprintf(&b, " (%s)", e.Error)
	}
	b.WriteByte('\n')
	b.WriteString(t.lastOutputs())
	fmt.Fprintf(&b, "  run folder: %s\n", Printable(t.dir))
	return b.String()
}

// lastOutputs returns the outputs of the steps that ended last, in the order they ended.
func (t *textSink) lastOutputs() string {
	lines := strings.Join(t.outputs, "")
	if t.hidden > 0 {
		lines = fmt.Sprintf("  (%d earlier outputs are in the journal)\n", t.hidden) + lines
	}
	return lines
}

// brief returns a value for the summary: a path whole, everything else cut.
func brief(v any) string {
	if s, ok := v.(string); ok && filepath.IsAbs(s) {
		return s
	}
	if s, ok := v.(string); ok {
		return strings.Trim(short(s), `"`)
	}
	return short(v)
}

// counts says how many steps are in which state.
func counts(steps map[string]StepResult) string {
	n := map[State]int{}
	for _, step := range steps {
		n[step.State]++
	}
	if len(steps) == 0 {
		return "no steps"
	}
	return StateCounts(n)
}

// StateCounts writes how many are in which state.
func StateCounts(n map[State]int) string {
	var parts []string
	for _, state := range []State{Succeeded, Running, Failed, Killed, Skipped, UpstreamFailed, Pending} {
		if n[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[state], state))
		}
	}
	return strings.Join(parts, ", ")
}

// Elapsed writes a duration with a tenth of a second below a minute, and with whole seconds above.
func Elapsed(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Printable replaces what could move the cursor or change colours: control and format characters and broken UTF-8.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, s)
}
