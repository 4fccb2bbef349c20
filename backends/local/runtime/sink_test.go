package runtime

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)

func at(s float64, e Event) Event {
	e.Time = epoch.Add(seconds(s))
	return e
}

// failedRun is the events of a run with one step of each end; log is that of the failed one.
func failedRun(log string) []Event {
	return []Event{
		at(0, Event{Event: eventRunStarted, Run: "r1", Pipeline: "churn", Total: 3, Dir: "/runs/r1", Notes: []string{"schedule is not applied"}}),
		at(0.1, Event{Event: eventStepStarted, Step: "extract", Attempt: 1}),
		at(0.2, Event{Event: eventStepStarted, Step: "train", Attempt: 1}),
		at(1.5, Event{Event: eventStepEnded, Step: "extract", State: Succeeded, Attempts: 1, Outputs: Values{"count": int64(3), "rows": "/runs/r1/rows"}}),
		at(2, Event{Event: eventStepRetry, Step: "train", Attempt: 1, Delay: 90, Error: "exit code 1"}),
		at(92, Event{Event: eventStepStarted, Step: "train", Attempt: 2}),
		at(93, Event{Event: eventStepEnded, Step: "train", State: Failed, Attempts: 2, Error: "exit code 1", Log: log}),
		at(93, Event{Event: eventStepEnded, Step: "pick", State: UpstreamFailed}),
		at(93, Event{Event: eventRunEnded, Status: RunFailed, Steps: map[string]StepResult{
			"extract": {State: Succeeded}, "train": {State: Failed}, "pick": {State: UpstreamFailed}}}),
	}
}

func hostileLog(t *testing.T) string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	content := strings.Repeat("early\n", 30) + strings.Repeat("late\n", 19) + "\x1b[2Jboom\x07\u202e\n"
	if err := os.WriteFile(log, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestTextSink(t *testing.T) {
	var b bytes.Buffer
	sink := NewTextSink(&b)
	log := hostileLog(t)
	for _, e := range failedRun(log) {
		sink.Event(e)
	}
	want := `    0.0s  run r1 of churn: 3 steps
    0.0s  note: schedule is not applied
    0.1s  extract: started
    0.2s  train: started
    1.5s  extract: succeeded in 1.4s
    2.0s  train: attempt 1 failed: exit code 1; next in 1m30s
   1m32s  train: attempt 2
   1m33s  train: failed after 1m33s: exit code 1
` + strings.Repeat("          | late\n", 19) + "          | \uFFFD[2Jboom\uFFFD\uFFFD\n          log: " + log + `
   1m33s  pick: upstream_failed

failed in 1m33s: 1 succeeded, 1 failed, 1 upstream_failed
  extract.count = 3
  extract.rows = /runs/r1/rows
  run folder: /runs/r1
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestSummaryOfManyOutputs(t *testing.T) {
	sink := &textSink{}
	for range 10 {
		sink.remember(Event{Event: eventStepEnded, Step: "s", Outputs: Values{"b": int64(1), "a": strings.Repeat("x", 100)}})
	}
	got := sink.lastOutputs()
	if !strings.HasPrefix(got, "  (8 earlier outputs are in the journal)\n  s.a = xxx") || strings.Count(got, "\n") != 13 || len(got) > 800 {
		t.Error(got)
	}
}

// screen is what a terminal of unbounded height shows after the output: it knows the sequences that the sink writes.
func screen(output string) string {
	lines := []string{""}
	row := 0
	for len(output) > 0 {
		switch {
		case strings.HasPrefix(output, "\x1b["):
			end := strings.IndexAny(output, "AJm")
			if n := 0; output[end] == 'A' {
				for _, digit := range output[2:end] {
					n = n*10 + int(digit-'0')
				}
				row -= n
			} else if output[end] == 'J' {
				lines = append(lines[:row], "")
			}
			output = output[end+1:]
		case output[0] == '\n':
			row++
			if row == len(lines) {
				lines = append(lines, "")
			}
			output = output[1:]
		case output[0] == '\r':
			output = output[1:]
		default:
			lines[row] += output[:1]
			output = output[1:]
		}
	}
	return strings.Join(lines, "\n")
}

func TestTerminalSink(t *testing.T) {
	var b bytes.Buffer
	now := epoch
	sink := &terminalSink{out: &b, size: func() (int, int) { return 40, 5 }, now: func() time.Time { return now }, colour: true, text: &textSink{}}
	all := failedRun(hostileLog(t))
	shown := func(s float64) string {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		now = epoch.Add(seconds(s))
		sink.draw("")
		return screen(b.String())
	}
	for _, e := range all[:3] {
		sink.Event(e)
	}
	if got, want := shown(1), `    0.0s  run r1 of churn: 3 steps
    0.0s  note: schedule is not applied
    0.9s  extract
          and 1 more
    1.0s  0 of 3 steps done, 2 running
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	sink.Event(all[3])
	if got, want := shown(1.7), `    0.0s  run r1 of churn: 3 steps
    0.0s  note: schedule is not applied
    1.5s  extract: succeeded in 1.4s
    1.5s  train
    1.7s  1 of 3 steps done, 1 running
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, e := range all[4:] {
		sink.Event(e)
	}
	got := screen(b.String())
	if strings.Contains(got, "steps done") || !strings.HasSuffix(got, "  run folder: /runs/r1\n") || strings.Contains(b.String(), "\x1b[2J") {
		t.Errorf("at the end:\n%s", got)
	}
	if !strings.Contains(b.String(), "\x1b[31m   1m33s  train: failed") {
		t.Error("a failure is not red")
	}
}

func TestTerminalFanOut(t *testing.T) {
	var b bytes.Buffer
	now := epoch.Add(seconds(3))
	sink := &terminalSink{out: &b, size: func() (int, int) { return 80, 25 }, now: func() time.Time { return now }, text: &textSink{}}
	place := func(n int) *int { return &n }
	log := hostileLog(t)
	for _, e := range []Event{
		at(0, Event{Event: eventRunStarted, Run: "r1", Pipeline: "churn", Total: 2}),
		at(1, Event{Event: eventStepStarted, Step: "fan", Index: place(0), Total: 50, Attempt: 1}),
		at(1, Event{Event: eventStepStarted, Step: "fan", Index: place(1), Total: 50, Attempt: 1}),
		at(1, Event{Event: eventStepStarted, Step: "fan", Index: place(2), Total: 50, Attempt: 1}),
		at(2, Event{Event: eventInstanceEnded, Step: "fan", Index: place(0), Total: 50, Done: 1, State: Succeeded}),
		at(2, Event{Event: eventInstanceEnded, Step: "fan", Index: place(9), Total: 50, Done: 2, State: Skipped}),
		at(2, Event{Event: eventInstanceEnded, Step: "fan", Index: place(1), Total: 50, Done: 3, State: Failed, Error: "exit code 1", Log: log}),
		at(2, Event{Event: eventStepRetry, Step: "fan", Index: place(2), Attempt: 1, Error: "exit code 2"}),
		at(2, Event{Event: eventStepStarted, Step: "fan", Index: place(3), Total: 50, Done: 3, Attempt: 1}),
	} {
		sink.Event(e)
	}
	got := screen(b.String())
	for _, want := range []string{
		"    2.0s  fan[1]: failed after 1.0s: exit code 1\n          | late\n",
		"          log: " + log + "\n    2.0s  fan[2]: attempt 1 failed: exit code 2; next in 0.0s\n" +
			"    2.0s  fan: 3 of 50 done, 1 running, 1 failed\n    3.0s  0 of 2 steps done, 1 running\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", got, want)
		}
	}
	if strings.Contains(got, "fan[0]") || strings.Contains(got, "fan[9]") {
		t.Errorf("what the region counts has lines, too:\n%s", got)
	}
	sink.Event(at(3, Event{Event: eventStepEnded, Step: "fan", State: Failed, Instances: map[State]int{Failed: 1, Succeeded: 49}}))
	sink.Event(at(3, Event{Event: eventRunEnded, Status: RunFailed}))
	if got := screen(b.String()); !strings.Contains(got, "fan: failed: 49 succeeded, 1 failed") || strings.Contains(got, "of 50 done") {
		t.Errorf("at the end:\n%s", got)
	}
}

func TestTerminalLinesAreCut(t *testing.T) {
	if got := cut("abcdef", 4); got != "abc…" {
		t.Error(got)
	}
	if got := cut("abcd", 4); got != "abcd" {
		t.Error(got)
	}
}

func TestJSONSink(t *testing.T) {
	var b bytes.Buffer
	sink := NewJSONSink(&b)
	sink.Event(at(0, Event{Event: eventStepEnded, Run: "r", Step: "s", State: Succeeded, Attempts: 1, Outputs: Values{"f": 1.0, "s": "<&>"}}))
	want := `{"event":"step_ended","time":"2026-01-01T02:00:00Z","run":"r","step":"s","state":"succeeded","attempts":1,"outputs":{"f":1.0,"s":"<&>"}}` + "\n"
	if b.String() != want {
		t.Errorf("got %s", b.String())
	}
}

func TestRetryDelays(t *testing.T) {
	for _, c := range []struct {
		r        Retries
		attempts int
		want     time.Duration
	}{
		{Retries{Delay: time.Second}, 5, time.Second},
		{Retries{Delay: time.Second, Backoff: 2}, 1, time.Second},
		{Retries{Delay: time.Second, Backoff: 2}, 4, 8 * time.Second},
		{Retries{Delay: time.Second, Backoff: 2, MaxDelay: 5 * time.Second}, 4, 5 * time.Second},
		{Retries{Delay: time.Second, Backoff: 10}, 1000, 1<<63 - 1},
		{Retries{}, 3, 0},
	} {
		if got := c.r.delay(c.attempts); got != c.want {
			t.Errorf("%+v after %d: got %v, want %v", c.r, c.attempts, got, c.want)
		}
	}
}
