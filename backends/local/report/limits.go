package report

import (
	"slices"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// What a page has at most, so that it opens whatever the run was. A step has at least one attempt, of which at least half a KiB of the
// log is shown.
const (
	mostAttempts = 5_000
	mostLogs     = 4 << 20 // bytes, of the attempts that failed, and as many again of the others
	leastLog     = 512
	mostLog      = 64 << 10
	mostValue    = 2 << 10 // bytes of an input or output
	leastValue   = 256     // the same where there are more steps than are drawn
	mostRows     = 100     // needs, inputs and outputs of a step
	leastRows    = 5
)

// limits are those of one page.
type limits struct {
	attempts int // of a step
	value    int
	rows     int
	failed   int64 // bytes of the log of an attempt that failed
	other    int64 // and of another one
}

func newLimits(h *runtime.History) limits {
	l := limits{attempts: min(max(1, mostAttempts/max(1, len(h.Plan.Steps))), 100), value: mostValue, rows: mostRows}
	if len(h.Plan.Steps) > mostDrawn {
		l.value, l.rows = leastValue, leastRows
	}
	var failed, other int64
	for _, s := range h.Steps {
		for _, t := range l.choose(h, s.Tries) {
			if h.StateOfTry(t) == runtime.Failed {
				failed++
			} else {
				other++
			}
		}
	}
	share := func(n int64) int64 { return min(max(leastLog, mostLogs/max(1, n)), mostLog) }
	l.failed, l.other = share(failed), share(other)
	return l
}

func (l limits) logOf(s runtime.State) int64 {
	if s == runtime.Failed {
		return l.failed
	}
	return l.other
}

// choose returns the attempts that are shown: rather those that failed, and the last ones. They are in the order of instances and
// attempts; of a foreach those that failed come first.
func (l limits) choose(h *runtime.History, tries []*runtime.Try) []*runtime.Try {
	out := make([]*runtime.Try, 0, min(len(tries), l.attempts))
	for _, wanted := range []bool{true, false} {
		for _, t := range slices.Backward(tries) {
			if len(out) < l.attempts && (h.StateOfTry(t) == runtime.Failed) == wanted {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b *runtime.Try) int {
		if badA, badB := h.StateOfTry(a) == runtime.Failed, h.StateOfTry(b) == runtime.Failed; a.Place >= 0 && badA != badB {
			if badA {
				return -1
			}
			return 1
		}
		if a.Place != b.Place {
			return a.Place - b.Place
		}
		return a.Started.Compare(b.Started)
	})
	return out
}
