package check

import (
	_ "embed" // the names of time zones, for suggestions
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
			c.diags.Errorf(o.Pos, diag.BadChoice, "overlap cannot be %q", o.Value).SuggestWord(o.Value, overlaps)
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
			c.diags.Errorf(s.Pos, diag.BadCron, "%q is no name of a schedule", s.Value).SuggestWord(text, cronNames)
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
		c.badCron(s)
		return text
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.diags.Errorf(s.Pos, diag.BadCron, "the cron expression %q never fires", s.Value).WithHelp("is there such a day in that month?")
	}
	return text
}

// cronFields are what the fields of a cron expression may hold.
var cronFields = []struct{ name, values string }{
	{"minute", "0-59"}, {"hour", "0-23"}, {"day", "1-31"}, {"month", "1-12 or JAN-DEC"}, {"weekday", "0-6 or SUN-SAT, Sunday is 0"},
}

// badCron reports the fields that cannot be read, each at its place.
func (c *checker) badCron(s *spec.String) {
	at := 0
	for i, text := range strings.Fields(s.Value) {
		offset := at + strings.Index(s.Value[at:], text)
		at = offset + len(text)
		if isCronField(i, text) {
			continue
		}
		field := cronFields[i]
		d := c.diags.Errorf(s.PosAt(utf8.RuneCountInString(s.Value[:offset]), utf8.RuneCountInString(text)), diag.BadCron,
			"%q is no %s of a cron expression", text, field.name).
			WithHelp("%s; or *, a list 1,2, a range 1-5, or steps */15", field.values)
		if strings.Trim(text, "0123456789") == "" {
			continue // another number is only guessed at
		}
		if meant := slip(text, func(text string) bool { return isCronField(i, text) }); meant != "" {
			d.WithHelp("did you mean %q? A %s is %s", meant, field.name, field.values)
		}
	}
}

// isCronField reports a text that can be read as the field of that number.
func isCronField(i int, text string) bool {
	fields := []string{"*", "*", "*", "*", "*"}
	fields[i] = text
	_, err := cronParser.Parse(strings.Join(fields, " "))
	return err == nil
}

// slip returns the legal text that is one slip away: a character too many, or two neighbours swapped. "" if there is none.
func slip(text string, isLegal func(string) bool) string {
	runes := []rune(text)
	for i := range runes {
		if less := string(slices.Delete(slices.Clone(runes), i, i+1)); less != "" && isLegal(less) {
			return less
		}
	}
	for i := 0; i+1 < len(runes); i++ {
		swapped := slices.Clone(runes)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		if isLegal(string(swapped)) {
			return string(swapped)
		}
	}
	return ""
}

//go:embed zones.txt
var zones string

func (c *checker) zone(s *spec.String, out *ir.Schedule) *time.Location {
	if s == nil {
		return time.UTC
	}
	location, err := time.LoadLocation(s.Value)
	if err != nil || s.Value == "" || s.Value == "Local" {
		d := c.diags.Errorf(s.Pos, diag.BadTime, "%q is not a time zone", s.Value).WithHelp("an IANA name such as Europe/Berlin, or UTC")
		if len(s.Value) == 3 || len(s.Value) == 4 {
			d.WithHelp("abbreviations are ambiguous: write an IANA name such as Europe/Berlin, or UTC")
		} else if meant := diag.Closest(s.Value, strings.Fields(zones)); meant != "" {
			d.Replace(meant, true)
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
