package diag

import (
	"slices"
	"strings"
)

// Closest returns the candidate that a typo of name most likely meant, or "".
func Closest(name string, candidates []string) string {
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// Replace says that another text was meant at d's place. It is safe where it can have been nothing else: a word of the language.
func (d *Diagnostic) Replace(text string, safe bool) *Diagnostic {
	if d.Pos.End > d.Pos.Col {
		d.Fix = &Fix{Pos: d.Pos, Text: text, Safe: safe}
	}
	return d.WithHelp("did you mean %q?", text)
}

// SuggestWord attaches the word of the language that comes closest, or else those that are allowed.
func (d *Diagnostic) SuggestWord(text string, words []string) *Diagnostic {
	if c := Closest(text, words); c != "" {
		return d.Replace(c, true)
	}
	return d.Suggest(text, words)
}

// Suggest attaches the closest candidate, or else what is allowed, as help.
func (d *Diagnostic) Suggest(name string, candidates []string) *Diagnostic {
	if c := Closest(name, candidates); c != "" {
		return d.Replace(c, false)
	}
	if len(candidates) > 0 && len(candidates) <= 40 {
		sorted := slices.Clone(candidates)
		slices.Sort(sorted)
		return d.WithHelp("one of: %s", strings.Join(sorted, ", "))
	}
	return d
}

// distance is the Damerau-Levenshtein distance (neighbours swapped count as one), or limit if it is no less than that.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) >= limit {
		return limit
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return min(prev[len(y)], limit)
}

func abs(n int) int { return max(n, -n) }
