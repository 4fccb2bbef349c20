package check

import (
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// overlaps are what may happen when a run is due while another one goes on.
var overlaps = []string{"allow", "replace", "skip"}

func (c *checker) schedule() {
	t := c.tree.Schedule
	if t == nil {
		return
	}
	out := &ir.Schedule{Timezone: "UTC", Overlap: "allow", Pos: ir.Pos(t.Pos)}
	c.out.Schedule = out
	switch {
	case t.Cron != nil && t.Every != nil:
		c.diags.Errorf(t.Every.Pos, diag.InvalidSchedule, "a schedule has cron or every, not both").WithNote(t.Cron.Pos, "cron is here")
	case t.Cron == nil && t.Every == nil:
		c.diags.Errorf(t.Pos, diag.InvalidSchedule, "the schedule says neither cron nor every")
	case t.Cron != nil:
		out.Cron = c.cron(t.Cron)
	default:
		out.Every, out.EveryPos = c.seconds(t.Every)
	}
	location := c.zone(t.Timezone, out)
	out.Start, out.StartPos = c.time(t.Start, location)
	out.End, out.EndPos = c.time(t.End, location)
	if out.Start != "" && out.End != "" {
		start, _ := time.Parse(time.RFC3339, out.Start)
		if end, _ := time.Parse(time.RFC3339, out.End); !end.After(start) {
			c.diags.Errorf(t.End.Pos, diag.InvalidSchedule, "the schedule ends before it starts").WithNote(t.Start.Pos, "the start")
		}
	}
	if t.Catchup != nil {
		out.Catchup, out.CatchupPos = t.Catchup.Value, ir.Pos(t.Catchup.Pos)
		if out.Catchup && t.Start == nil {
			c.diags.Errorf(t.Catchup.Pos, diag.InvalidSchedule, "catchup needs a start to catch up from").WithHelp("add start: 2026-01-01")
		}
	}
	if o := t.Overlap; o != nil {
		out.OverlapPos = ir.Pos(o.Pos)
		if out.Overlap = o.Value; !slices.Contains(overlaps, o.Value) {
			c.diags.Errorf(o.Pos, diag.BadChoice, "overlap cannot be %q", o.Value).Suggest(o.Value, overlaps)
		}
	}
}

// cronParser reads five fields or a name such as @daily, as https://pkg.go.dev/github.com/robfig/cron/v3 does.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

var cronNames = []string{"@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly"}

func (c *checker) cron(s *spec.String) string {
	text := strings.Join(strings.Fields(s.Value), " ")
	switch fields := len(strings.Fields(text)); {
	case strings.HasPrefix(text, "@"):
		if !slices.Contains(cronNames, text) {
			c.diags.Errorf(s.Pos, diag.BadCron, "%q is no name of a schedule", s.Value).Suggest(text, cronNames)
		}
		return text
	case strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ="):
		c.diags.Errorf(s.Pos, diag.BadCron, "the time zone does not stand in the cron expression").WithHelp("write timezone: beside cron:")
		return text
	case fields != 5:
		c.diags.Errorf(s.Pos, diag.BadCron, "a cron expression has five fields (minute hour day month weekday), not %d", fields)
		return text
	}
	schedule, err := cronParser.Parse(text)
	if err != nil {
		c.diags.Errorf(s.Pos, diag.BadCron, "cannot read the cron expression: %v", err).
			WithHelp("five fields: minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6 (Sunday is 0)")
		return text
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.diags.Errorf(s.Pos, diag.BadCron, "the cron expression %q never fires", s.Value).WithHelp("is there such a day in that month?")
	}
	return text
}

func (c *checker) zone(s *spec.String, out *ir.Schedule) *time.Location {
	if s == nil {
		return time.UTC
	}
	location, err := time.LoadLocation(s.Value)
	if err != nil || s.Value == "" || s.Value == "Local" {
		d := c.diags.Errorf(s.Pos, diag.BadTime, "%q is not a time zone", s.Value).WithHelp("an IANA name such as Europe/Berlin, or UTC")
		if len(s.Value) == 3 || len(s.Value) == 4 {
			d.WithHelp("abbreviations are ambiguous: write an IANA name such as Europe/Berlin, or UTC")
		}
		return time.UTC
	}
	out.Timezone = s.Value
	return location
}

// time reads a date, which is midnight in the schedule's zone, or RFC 3339, and returns RFC 3339.
func (c *checker) time(s *spec.String, location *time.Location) (string, ir.Pos) {
	if s == nil {
		return "", ir.Pos{}
	}
	t, err := time.ParseInLocation(time.DateOnly, s.Value, location)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s.Value)
	}
	if err != nil {
		c.diags.Errorf(s.Pos, diag.BadTime, "%q is neither a date (2026-01-01) nor RFC 3339 (2026-01-01T03:00:00+01:00)", s.Value)
		return "", ir.Pos(s.Pos)
	}
	return t.Format(time.RFC3339), ir.Pos(s.Pos)
}
