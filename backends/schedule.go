package backends

import "fmt"

// EveryAsCron returns the cron expression, in UTC, that fires every so many seconds counted from 1970-01-01T00:00Z;
// ok is false if no cron expression does.
func EveryAsCron(seconds int64) (cron string, ok bool) {
	const minute, hour, day = 60, 3600, 86400
	switch {
	case seconds%minute != 0:
		return "", false
	case seconds == minute:
		return "* * * * *", true
	case seconds < hour && hour%seconds == 0:
		return fmt.Sprintf("*/%d * * * *", seconds/minute), true
	case seconds == hour:
		return "0 * * * *", true
	case seconds < day && seconds%hour == 0 && day%seconds == 0:
		return fmt.Sprintf("0 */%d * * *", seconds/hour), true
	case seconds == day:
		return "0 0 * * *", true
	}
	return "", false
}
