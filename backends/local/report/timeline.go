package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

const (
	mostLanes = 12  // instances of a foreach that have a row each
	finest    = 0.2 // what is nearer than this, in percent of the width, is one bar
	pause     = 3.0 // the width of the time between two parts of a run
)

// timeline is the attempts of a run over its time. Numbers are percents of its width.
type timeline struct {
	Ticks []tick
	Rows  []row
}

type tick struct {
	At    float64
	Label string
}

type row struct {
	Step  *step
	Label string // of an instance
	State runtime.State
	Bars  []bar
	Note  string // what the row shows, in words
}

// bar is an attempt, or several that are too near to each other to be told apart. Kind is a state, or "wait".
type bar struct {
	At, Width float64
	Kind      string
	Title     string
}

// clock tells where a time is on the width. The time between the parts of a run takes none but a small gap.
type clock struct {
	parts []runtime.Part
	scale float64 // percent a second
}

func newClock(parts []runtime.Part) *clock {
	total := 0.0
	for _, p := range parts {
		total += p.Ended.Sub(p.Started).Seconds()
	}
	c := &clock{parts: parts}
	if total > 0 {
		c.scale = (100 - pause*float64(len(parts)-1)) / total
	}
	return c
}

// at is the place of a time, at most that of the end of its part.
func (c *clock) at(t time.Time) float64 {
	x := 0.0
	for i, p := range c.parts {
		if i+1 == len(c.parts) || t.Before(c.parts[i+1].Started) {
			t = c.clamp(t, p)
			return x + c.scale*t.Sub(p.Started).Seconds()
		}
		x += c.scale*p.Ended.Sub(p.Started).Seconds() + pause
	}
	return x
}

func (c *clock) clamp(t time.Time, p runtime.Part) time.Time {
	switch {
	case t.Before(p.Started):
		return p.Started
	case t.After(p.Ended):
		return p.Ended
	}
	return t
}

// partEnd is when the part of the run ended that a time is in.
func (c *clock) partEnd(t time.Time) time.Time {
	for i, p := range c.parts {
		if i+1 == len(c.parts) || t.Before(c.parts[i+1].Started) {
			return p.Ended
		}
	}
	return t
}

func newTimeline(h *runtime.History, steps []*step) *timeline {
	if len(h.Parts) == 0 || len(h.Parts) > 20 {
		return nil
	}
	c := newClock(h.Parts)
	out := &timeline{Ticks: c.ticks()}
	for _, s := range steps {
		if s.history == nil || len(s.history.Tries) == 0 {
			continue
		}
		out.Rows = append(out.Rows, c.rows(h, s)...)
	}
	if out.Rows == nil {
		return nil
	}
	return out
}

// ticks are about five round times, or the starts of the parts of a run that was resumed.
func (c *clock) ticks() []tick {
	var out []tick
	if len(c.parts) > 1 {
		for i, p := range c.parts {
			label := "0s"
			if i > 0 {
				label = "resumed " + p.Started.Format(time.DateTime)
			}
			out = append(out, tick{c.at(p.Started), label})
		}
		return out
	}
	total := c.parts[0].Ended.Sub(c.parts[0].Started)
	step := roundStep(total / 5)
	for t := time.Duration(0); t <= total && len(out) < 12; t += step {
		label := t.Round(step).String()
		if t == 0 {
			label = "0s"
		}
		out = append(out, tick{c.at(c.parts[0].Started.Add(t)), label})
	}
	return out
}

// roundStep is the next round duration above one.
func roundStep(d time.Duration) time.Duration {
	for unit := time.Microsecond; unit < time.Minute; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit >= d && n*unit < time.Minute {
				return n * unit
			}
		}
	}
	for _, n := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440} {
		if n*time.Minute >= d {
			return n * time.Minute
		}
	}
	return d.Round(24*time.Hour) + 24*time.Hour
}

// rows are those of a step: one, or one for each instance if they are few.
func (c *clock) rows(h *runtime.History, s *step) []row {
	places := map[int][]*runtime.Try{}
	var order []int
	for _, t := range s.history.Tries {
		if places[t.Place] == nil {
			order = append(order, t.Place)
		}
		places[t.Place] = append(places[t.Place], t)
	}
	if len(order) > mostLanes {
		return []row{{Step: s, State: s.State, Bars: c.crowd(h, s), Note: fmt.Sprintf("%d instances", len(order))}}
	}
	slices.Sort(order)
	var out []row
	for _, place := range order {
		tries := places[place]
		r := row{Step: s, State: h.StateOfTry(tries[len(tries)-1])}
		if place >= 0 {
			r.Label = fmt.Sprintf("[%d]", place)
		}
		r.Bars, r.Note = c.lane(h, tries, s.ready)
		out = append(out, r)
	}
	return out
}

// lane is the attempts at one place, one after the other, with the waits before them.
func (c *clock) lane(h *runtime.History, tries []*runtime.Try, free time.Time) (bars []bar, note string) {
	for _, t := range tries {
		ended := t.Ended
		if ended.IsZero() {
			ended = c.partEnd(t.Started)
		}
		if !free.IsZero() && c.partEnd(free).Equal(c.partEnd(t.Started)) && c.at(t.Started)-c.at(free) > 2*finest {
			bars = append(bars, c.bar(free, t.Started, "wait", "waited "+took(t.Started.Sub(free))))
		}
		state := h.StateOfTry(t)
		note = took(ended.Sub(t.Started))
		bars = append(bars, c.bar(t.Started, ended, string(state), fmt.Sprintf("attempt %d: %s, %s", t.Attempt, stateText(state), note)))
		free = ended
	}
	if len(tries) > 1 {
		note = fmt.Sprintf("%d attempts", len(tries))
	}
	return bars, note
}

func (c *clock) bar(from, to time.Time, kind, title string) bar {
	x := c.at(from)
	return bar{At: x, Width: max(finest, c.at(to)-x), Kind: kind, Title: title}
}

// crowd is the attempts of many instances: when any ran, and above that when any failed.
func (c *clock) crowd(h *runtime.History, s *step) []bar {
	var all, bad []bar
	for _, t := range s.history.Tries {
		ended := t.Ended
		if ended.IsZero() {
			ended = c.partEnd(t.Started)
		}
		state := h.StateOfTry(t)
		kind := string(state)
		if state == runtime.Failed || state == runtime.Killed || state == runtime.Running {
			bad = append(bad, c.bar(t.Started, ended, kind, ""))
			kind = string(runtime.Succeeded)
		}
		all = append(all, c.bar(t.Started, ended, string(runtime.Succeeded), ""))
	}
	return append(merged(all, "instances ran"), merged(bad, "instances that did not succeed")...)
}

// merged makes one bar of those that touch. They are sorted by their beginnings.
func merged(bars []bar, title string) []bar {
	var out []bar
	for _, b := range bars {
		if n := len(out); n > 0 && b.At <= out[n-1].At+out[n-1].Width+finest && b.Kind == out[n-1].Kind {
			out[n-1].Width = max(out[n-1].Width, b.At+b.Width-out[n-1].At)
			continue
		}
		b.Title = title
		out = append(out, b)
	}
	return out
}
