package schema

import "strings"

// Describe says what a key of a pipeline is for; "" for what is none. The keys are those of spec.Keys: name, schedule.cron, steps.run,
// steps.retries.limit.
func Describe(key string) string {
	at, found := pipeline, (*Schema)(nil)
	for part := range strings.SplitSeq(key, ".") {
		if found = at.find(part); found == nil {
			return ""
		}
		switch part {
		case "params":
			at = param.Properties
		case "steps":
			at = stepKeys
		default:
			at = found.Properties
		}
	}
	return found.Description
}

func (p Properties) find(key string) *Schema {
	for _, e := range p {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}
