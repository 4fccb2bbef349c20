package runtime

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// ParamError says what is wrong with the parameters of a run, all of it. Nothing was started and no file was made.
type ParamError struct{ Problems []string }

func (e *ParamError) Error() string { return strings.Join(e.Problems, "\n") }

// readParams returns the values of the parameters from their texts and defaults, or a *ParamError.
func readParams(specs []ParamSpec, texts map[string]string) (Values, error) {
	var problems []string
	values := Values{}
	names := make([]string, len(specs))
	for i, spec := range specs {
		names[i] = spec.Name
		text, given := texts[spec.Name]
		v, err := readParam(spec, text, given)
		if err != nil {
			problems = append(problems, fmt.Sprintf("parameter %q: %v", spec.Name, err))
		}
		values[spec.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if !slices.Contains(names, name) {
			problems = append(problems, fmt.Sprintf("no parameter %q%s", name, didYouMean(name, names)))
		}
	}
	if len(problems) > 0 {
		return nil, &ParamError{problems}
	}
	return values, nil
}

// readParamFile takes the values of a JSON file in, as texts.
func readParamFile(path string, specs []ParamSpec, texts map[string]string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	value, err := parseJSON(string(content))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want an object with a value for each name, got %s", path, short(value))
	}
	types := map[string]string{}
	for _, spec := range specs {
		types[spec.Name] = spec.Type
	}
	for name, v := range fields {
		if texts[name], err = textAs(v, types[name]); err != nil {
			return fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return nil
}

func readParam(spec ParamSpec, text string, given bool) (any, error) {
	v := normal(spec.Default)
	var err error
	switch {
	case given:
		v, err = parseAs(text, spec.Type)
	case spec.Required:
		return nil, fmt.Errorf("no value: give one with -p %s=…", spec.Name)
	default:
		v, err = conform(v, spec.Type)
	}
	if err != nil {
		return nil, err
	}
	return v, checkParam(spec, v)
}

func checkParam(spec ParamSpec, v any) error {
	if spec.Enum != nil {
		allowed := normal(spec.Enum).([]any)
		if ok, _ := member(v, allowed); !ok {
			return fmt.Errorf("want one of %s, got %s", shortAll(allowed), short(v))
		}
	}
	if least := normal(spec.Min); least != nil {
		if order, err := compare(v, least); err != nil || order < 0 {
			return fmt.Errorf("want at least %s, got %s", short(least), short(v))
		}
	}
	if most := normal(spec.Max); most != nil {
		if order, err := compare(v, most); err != nil || order > 0 {
			return fmt.Errorf("want at most %s, got %s", short(most), short(v))
		}
	}
	if spec.Pattern == "" {
		return nil
	}
	pattern, err := regexp.Compile(`\A(?:` + spec.Pattern + `)\z`)
	if err != nil {
		return fmt.Errorf("its pattern is no RE2: %w", err)
	}
	if s, ok := v.(string); !ok || !pattern.MatchString(s) {
		return fmt.Errorf("want a match of %s, got %s", spec.Pattern, short(v))
	}
	return nil
}

// didYouMean returns a question with the nearest of the names, or "" if none is near.
func didYouMean(name string, names []string) string {
	best, least := "", len(name)/3+2
	for _, candidate := range names {
		if d := distance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the Levenshtein distance in bytes; names are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
