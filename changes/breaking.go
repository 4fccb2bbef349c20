package changes

import (
	"slices"
	"strconv"
	"strings"
)

// breaking is why a change may break what there is: runs, histories, and who starts or reads them. It is empty if nothing speaks
// for that.
func breaking(x Change, before, after map[id]fact) string {
	switch x.Key {
	case "name":
		return "it is deployed as another pipeline, with a history of its own"
	case "schedule":
		return breakingSchedule(x)
	case "params":
		return breakingParam(x, before, after)
	case "outputs":
		switch x.Action {
		case Removed:
			return "what reads it finds nothing"
		case Changed:
			return "what reads it gets another type"
		}
	case "foreach":
		return breakingForeach(x, after)
	}
	return ""
}

func breakingSchedule(x Change) string {
	switch {
	case x.Field == "" && x.Action == Removed:
		return "no run starts by itself any more"
	case x.Field == "" && x.Action == Added:
		return "runs start by themselves"
	case x.Field == "":
		return "runs start at other times"
	case x.Field == "start":
		return "engines that have run the pipeline go on from the old start or begin anew, each in its way"
	case x.Field == "catchup" && x.New == "true":
		return "runs of the past start as soon as it is deployed"
	}
	return ""
}

func breakingParam(x Change, before, after map[id]fact) string {
	switch x.Field {
	case "":
		switch {
		case x.Action == Removed:
			return "runs that give it are refused"
		case strings.HasSuffix(x.New, noDefault):
			return "every run must give it"
		}
	case "type":
		return "values that were right may be refused"
	case "default":
		if x.Action == Removed {
			return "every run must give it"
		}
	case "enum", "min", "max", "pattern":
		if x.Action != Removed && isNarrower(x, before, after) {
			return "values that were right may be refused"
		}
	}
	return ""
}

// isNarrower reports whether a rule of a parameter may refuse what it, or its absence, took.
func isNarrower(x Change, before, after map[id]fact) bool {
	if x.Action == Added {
		return true
	}
	at := id{x.Key, x.Name, x.Field}
	switch old, now := number(x.Old), number(x.New); x.Field {
	case "enum":
		return slices.ContainsFunc(before[at].items, func(v string) bool { return !slices.Contains(after[at].items, v) })
	case "min":
		return now > old
	case "max":
		return now < old
	}
	return true
}

// number is the value of a number's text. Rounding does no harm: of two that round to the same neither is told to be wider.
func number(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

// breakingForeach tells that the outputs of a step become lists, or no longer are.
func breakingForeach(x Change, after map[id]fact) string {
	hasOutputs := false
	for at := range after {
		hasOutputs = hasOutputs || at.key == "outputs"
	}
	switch {
	case x.Field != "" || !hasOutputs:
		return ""
	case x.Action == Added:
		return "its outputs become lists"
	case x.Action == Removed:
		return "its outputs are no longer lists"
	}
	return ""
}
