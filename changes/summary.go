package changes

import (
	"strconv"
	"strings"
)

// Summary counts changes.
type Summary struct {
	StepsAdded   int `json:"steps_added"`
	StepsRemoved int `json:"steps_removed"`
	StepsRenamed int `json:"steps_renamed"`
	StepsChanged int `json:"steps_changed"` // those that have other changes than a new name; also if they have that
	Pipeline     int `json:"pipeline"`      // changes of the pipeline itself, and of its groups
	Breaking     int `json:"breaking"`
}

// Summary counts the changes.
func (c Changes) Summary() Summary {
	var out Summary
	changed := map[string]bool{}
	for _, x := range c {
		if x.Breaking != "" {
			out.Breaking++
		}
		switch {
		case x.Step == "":
			out.Pipeline++
		case x.Key == KeyStep && x.Action == Added:
			out.StepsAdded++
		case x.Key == KeyStep && x.Action == Removed:
			out.StepsRemoved++
		case x.Key == KeyStep:
			out.StepsRenamed++
		case !changed[x.Step]:
			changed[x.Step] = true
			out.StepsChanged++
		}
	}
	return out
}

// Plus is the sum of both.
func (s Summary) Plus(o Summary) Summary {
	return Summary{s.StepsAdded + o.StepsAdded, s.StepsRemoved + o.StepsRemoved, s.StepsRenamed + o.StepsRenamed,
		s.StepsChanged + o.StepsChanged, s.Pipeline + o.Pipeline, s.Breaking + o.Breaking}
}

// String is the summary as one line: "2 steps added, 1 removed; 1 change of the pipeline; 2 breaking".
func (s Summary) String() string {
	var steps []string
	for _, part := range []struct {
		n    int
		word string
	}{{s.StepsAdded, "added"}, {s.StepsRemoved, "removed"}, {s.StepsRenamed, "renamed"}, {s.StepsChanged, "changed"}} {
		switch {
		case part.n == 0:
		case len(steps) == 0:
			steps = append(steps, Count(part.n, "step")+" "+part.word)
		default:
			steps = append(steps, strconv.Itoa(part.n)+" "+part.word)
		}
	}
	var out []string
	if len(steps) > 0 {
		out = append(out, strings.Join(steps, ", "))
	}
	if s.Pipeline > 0 {
		out = append(out, Count(s.Pipeline, "change")+" of the pipeline itself")
	}
	if len(out) == 0 {
		return "no change in meaning"
	}
	if s.Breaking > 0 {
		out = append(out, Count(s.Breaking, "breaking change"))
	}
	return strings.Join(out, "; ")
}
