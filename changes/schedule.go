package changes

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// scheduleWords is when runs start, in words where the cron expression is a simple one.
func scheduleWords(s *ir.Schedule) string {
	zone := s.Timezone
	if s.Cron == "" {
		if zone == "UTC" {
			zone = ""
		}
		return strings.TrimSpace(everyWords(s.Every) + " " + zone)
	}
	expression := s.Cron
	if named, found := namedCrons[expression]; found {
		expression = named
	}
	words := cronWords(strings.Fields(expression))
	if words == "" {
		words = "cron " + s.Cron
	}
	return strings.TrimSpace(words + " " + zone)
}

func everyWords(seconds int64) string {
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}} {
		switch {
		case seconds == unit.seconds:
			return "every " + unit.name
		case seconds > 0 && seconds%unit.seconds == 0:
			return "every " + Count(int(seconds/unit.seconds), unit.name)
		}
	}
	return "every " + duration(seconds)
}

// namedCrons are the names that stand for cron expressions.
var namedCrons = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

var (
	weekdays = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	months   = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
		"November", "December"}
	oneNumber = regexp.MustCompile(`^[0-9]{1,2}$`)
	step      = regexp.MustCompile(`^\*/[1-9][0-9]?$`)
)

// cronWords are the words for five fields, or "" if they are not simple. Expressions that have the same words fire at the same
// times, and others at other times.
func cronWords(f []string) string {
	if len(f) != 5 {
		return ""
	}
	minute, hour, day, month, weekday := f[0], f[1], f[2], f[3], f[4]
	days := dayWords(day, month, weekday)
	isEveryDay := days == "every day"
	switch {
	case days == "":
		return ""
	case oneNumber.MatchString(minute) && oneNumber.MatchString(hour):
		return days + " at " + two(hour) + ":" + two(minute)
	case !isEveryDay:
		return ""
	case minute == "*" && hour == "*":
		return "every minute"
	case step.MatchString(minute) && hour == "*" && 60%stepOf(minute) == 0:
		return everyWords(int64(stepOf(minute)) * 60)
	case oneNumber.MatchString(minute) && hour == "*":
		return "every hour at minute " + plain(minute)
	case oneNumber.MatchString(minute) && step.MatchString(hour) && 24%stepOf(hour) == 0:
		return everyWords(int64(stepOf(hour))*3600) + " at minute " + plain(minute)
	}
	return ""
}

// dayWords say on which days, if that is simple.
func dayWords(day, month, weekday string) string {
	switch {
	case day == "*" && month == "*" && weekday == "*":
		return "every day"
	case day == "*" && month == "*":
		return weekdayWords(weekday)
	case oneNumber.MatchString(day) && month == "*" && weekday == "*":
		return "every month on day " + plain(day)
	case oneNumber.MatchString(day) && weekday == "*":
		if i := indexOf(month, months, 1); i >= 0 {
			return "every year on " + plain(day) + " " + months[i]
		}
	}
	return ""
}

// weekdayWords reads one weekday, a list of them, or a range.
func weekdayWords(field string) string {
	if from, to, isRange := strings.Cut(field, "-"); isRange {
		a, b := indexOf(from, weekdays, 0), indexOf(to, weekdays, 0)
		if a < 0 || b <= a {
			return ""
		}
		return "every " + weekdays[a] + " to " + weekdays[b]
	}
	var found []int
	for _, part := range strings.Split(field, ",") {
		i := indexOf(part, weekdays, 0)
		if i < 0 {
			return ""
		}
		found = append(found, i)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	names := make([]string, len(found))
	for i, d := range found {
		names[i] = weekdays[d]
	}
	return "every " + strings.Join(names, ", ")
}

// indexOf finds a number, counted from base, or the first three letters of a name; -1 if it is neither.
func indexOf(field string, names []string, base int) int {
	if oneNumber.MatchString(field) {
		if i := atoi(field) - base; i >= 0 && i < len(names) {
			return i
		}
		return -1
	}
	return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n[:3], field) })
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // the callers know that they are digits
	return n
}

func stepOf(field string) int   { return atoi(field[2:]) }
func plain(field string) string { return strconv.Itoa(atoi(field)) }
func two(field string) string   { return fmt.Sprintf("%02d", atoi(field)) }
