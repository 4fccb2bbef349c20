package compiler

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// What bounds how many other indentations are tried: their number, and the bytes that are compiled for them.
const (
	maxTries    = 120
	maxTryBytes = 1 << 20
)

// isForm reports an error that a line with the wrong indentation may have brought about.
func isForm(d *diag.Diagnostic) bool {
	switch d.Code {
	case diag.BadYAML, diag.UnknownKey, diag.WrongShape, diag.MissingKey:
		return d.Severity == diag.Error && d.Fix == nil
	}
	return false
}

// reindented looks for a single line which, indented otherwise, leaves no error of form: that is then the only one to report, beside
// what else is wrong. ok is false if there is none.
func reindented(text string, found []*diag.Diagnostic, compile func(text string) diag.List) (diags diag.List, ok bool) {
	var at []int
	hasForm := false
	for _, d := range found {
		hasForm = hasForm || isForm(d)
		if isForm(d) || d.Code == diag.InvalidStep {
			at = append(at, d.Pos.Line)
		}
	}
	if !hasForm {
		return diags, false
	}
	tries := min(maxTries, maxTryBytes/(len(text)+1))
	if tries == 0 {
		return diags, false
	}
	for _, r := range repairsOf(diag.Lines(text), at) {
		for _, lines := range r.texts() {
			if tries--; tries < 0 {
				return diags, false
			}
			diags = compile(strings.Join(lines, "\n"))
			if !slices.ContainsFunc(diags.Sorted(), isForm) {
				r.report(&diags)
				return diags, true
			}
		}
	}
	return diags, false
}

// repair is another indentation of a line.
type repair struct {
	lines []string
	line  int // from 0
	old   int // blanks
	want  int
	cost  int
}

// texts are the lines with only that one moved, and with those that are indented deeper behind it, too.
func (r repair) texts() [][]string {
	move := func(to int) []string {
		out := slices.Clone(r.lines)
		for i := r.line; i < to; i++ {
			out[i] = strings.Repeat(" ", max(0, indentOf(out[i])+r.want-r.old)) + strings.TrimLeft(out[i], " ")
		}
		return out
	}
	end := r.line + 1
	for end < len(r.lines) && (indentOf(r.lines[end]) > r.old || strings.TrimSpace(r.lines[end]) == "") {
		end++
	}
	if end == r.line+1 {
		return [][]string{move(end)}
	}
	return [][]string{move(r.line + 1), move(end)}
}

func (r repair) report(diags *diag.List) {
	end := max(r.old, 1)
	if key := regexp.MustCompile(`^ *[^ :]+`).FindString(r.lines[r.line]); r.old == 0 {
		end = len([]rune(key))
	}
	d := diags.Errorf(diag.Pos{Line: r.line + 1, Col: 1, End: end + 1}, diag.BadYAML, "the line is indented by %s, which does not fit those around it", blanks(r.old)).
		WithHelp("indent it by %s", blanks(r.want))
	if r.old > 0 {
		d.Fix = &diag.Fix{Pos: d.Pos, Text: strings.Repeat(" ", r.want)}
	}
}

func blanks(n int) string {
	if n == 1 {
		return "1 blank"
	}
	return fmt.Sprintf("%d blanks", n)
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// repairsOf lists what may be tried, the likeliest first: the smallest move, to where the file's other lines stand.
func repairsOf(lines []string, at []int) []repair {
	blocks := blockLines(lines)
	unit := unitOf(lines, blocks)
	suspects, levels := oddLines(lines, blocks)
	for _, line := range at {
		if i := slices.Index(blocks, line-1); i >= 0 {
			suspects = append(suspects, i)
		}
	}
	slices.Sort(suspects)
	var out []repair
	for _, i := range slices.Compact(suspects) {
		old := indentOf(lines[blocks[i]])
		targets := slices.Clone(levels[i])
		for _, near := range []int{i - 1, i + 1} {
			if near >= 0 && near < len(blocks) {
				n := indentOf(lines[blocks[near]])
				targets = append(targets, n, n+unit, n-unit)
			}
		}
		slices.Sort(targets)
		for _, want := range slices.Compact(targets) {
			if want != old && want >= 0 {
				out = append(out, repair{lines: lines, line: blocks[i], old: old, want: want})
			}
		}
	}
	usual := map[int]int{} // lines of each indentation
	for _, line := range blocks {
		usual[indentOf(lines[line])]++
	}
	for i := range out {
		out[i].cost = out[i].weigh(unit, usual)
	}
	slices.SortStableFunc(out, func(a, b repair) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.line, b.line))
	})
	return out
}

// weigh returns what a move costs: by its blanks, and that lines stand at multiples of the unit, and where many others do.
func (r repair) weigh(unit int, usual map[int]int) int {
	cost := 4 * max(r.want-r.old, r.old-r.want)
	if r.want%unit != 0 {
		cost += 6
	}
	if r.old%unit != 0 {
		cost -= 3
	}
	if usual[r.want] < usual[r.old] {
		cost++
	}
	if parent := r.parent(); parent >= 0 && r.want-indentOf(r.lines[parent]) != unit {
		cost += 3
	}
	return cost
}

// parent is the line that the moved one would belong to, -1 for none.
func (r repair) parent() int {
	for i := r.line - 1; i >= 0; i-- {
		if strings.TrimSpace(r.lines[i]) != "" && indentOf(r.lines[i]) < r.want {
			return i
		}
	}
	return -1
}

// unitOf is the step by which the lines are indented: the largest of which nearly all are multiples.
func unitOf(lines []string, blocks []int) int {
	for _, unit := range []int{8, 4, 3} {
		fit, indented := 0, 0
		for _, line := range blocks {
			if indent := indentOf(lines[line]); indent > 0 {
				indented++
				if indent%unit == 0 {
					fit++
				}
			}
		}
		if indented > 3 && fit*10 >= indented*8 {
			return unit
		}
	}
	return 2
}

var (
	blockScalar = regexp.MustCompile(`[:-] (&\S+ |!\S+ )*[|>][-+0-9]*$`)
	quoted      = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^']*'`)
	comment     = regexp.MustCompile(`(^|\s)#.*$`)
	flow        = regexp.MustCompile(`^\s*(- )*([^\s{\["'][^:]*: )?(&\S+ |!\S+ )*[\[{]`)
	opens       = regexp.MustCompile(`:( &\S+)?$`)
)

// bare is a line without what is quoted, its comment and the blanks at its end.
func bare(line string) string {
	return strings.TrimRight(comment.ReplaceAllString(quoted.ReplaceAllString(line, "x"), ""), " \r")
}

// blockLines are the lines, from 0, that begin an entry of a block: no comments, no text of block scalars, nothing within brackets that
// were opened before.
func blockLines(lines []string) []int {
	var out []int
	depth, scalar := 0, -1 // scalar is the indentation of the entry whose block scalar goes on
	for i, line := range lines {
		text := bare(line)
		if strings.TrimSpace(text) == "" {
			continue
		}
		if scalar >= 0 && indentOf(line) > scalar {
			continue
		}
		scalar = -1
		if depth == 0 {
			out = append(out, i)
		}
		if depth == 0 && blockScalar.MatchString(text) {
			scalar = indentOf(line)
			continue
		}
		if depth == 0 && !flow.MatchString(text) {
			continue
		}
		depth = max(0, depth+strings.Count(text, "{")+strings.Count(text, "[")-strings.Count(text, "}")-strings.Count(text, "]"))
	}
	return out
}

// oddLines returns the places in blocks of the lines whose indentation fits no block around them, and of those that began the block that
// they may belong to; and for each line where the blocks around it begin.
func oddLines(lines []string, blocks []int) (odd []int, levels [][]int) {
	type level struct{ indent, first int }
	stack := []level{{indent: -1}}
	levels = make([][]int, len(blocks))
	for i, line := range blocks {
		indent := indentOf(lines[line])
		var closed []level
		for top := stack[len(stack)-1]; top.indent > indent; top = stack[len(stack)-1] {
			closed = append(closed, top)
			stack = stack[:len(stack)-1]
		}
		for _, l := range append(slices.Clone(stack[1:]), closed...) {
			levels[i] = append(levels[i], l.indent)
		}
		if stack[len(stack)-1].indent == indent {
			if len(closed) > 0 { // or what was closed should have gone on
				odd = append(odd, closed[len(closed)-1].first)
			}
			continue
		}
		follows := i == 0 || opens.MatchString(bare(lines[blocks[i-1]])) || strings.HasPrefix(strings.TrimSpace(lines[blocks[i-1]]), "- ")
		if len(closed) > 0 || !follows {
			odd = append(odd, i)
			if !follows {
				odd = append(odd, i-1)
			}
			for _, l := range closed {
				odd = append(odd, l.first, max(0, l.first-1)) // and what it belongs to
			}
		}
		stack = append(stack, level{indent, i})
	}
	return odd, levels
}
