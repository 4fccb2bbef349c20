package lsp

import "github.com/zenc-dev/zenc/compiler/check"

// word is one of a fixed set that a value may be.
type word struct{ name, description string }

// choices are the words that a kind of place takes, nil for others.
func choices(kind string) []word {
	switch kind {
	case "steps.run_if":
		return []word{
			{"succeeded", "All needed steps have succeeded."},
			{"not_failed", "None of the needed steps has failed; skipped is fine."},
			{"failed", "At least one of the needed steps has failed, or did not run since what it needs failed."},
			{"done", "All needed steps have ended, however."},
		}
	case "schedule.overlap":
		return []word{
			{"allow", "The next run starts beside the one that goes on."},
			{"skip", "The next run is left out."},
			{"replace", "The run that goes on is cancelled."},
		}
	case "steps.allow_failure", "fail_fast", "schedule.catchup", "steps.cache.":
		return []word{{"true", ""}, {"false", ""}}
	case "params.type":
		return typeWords(false)
	case "type of an output":
		return typeWords(true)
	case "steps.options", "options":
		return []word{{"airflow", ""}, {"kubeflow", ""}, {"local", ""}}
	}
	return nil
}

var typeHelp = map[string]string{
	"string": "A text.", "int": "A whole number of 64 bits.", "float": "A number; an int becomes one.", "bool": "true or false.",
	"json": "Any JSON value.", "file": "A file, passed by its path.", "dir": "A folder, passed by its path.",
	"object": "Any Python value that can be pickled, between python steps alone.",
}

func typeWords(artifacts bool) []word {
	var out []word
	for _, t := range check.Types(artifacts) {
		help := typeHelp[t]
		if help == "" {
			help = "A list whose elements all have that type."
		}
		out = append(out, word{t, help})
	}
	return out
}
