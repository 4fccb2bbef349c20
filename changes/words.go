package changes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/written"
)

func sortedList(items []string) string {
	slices.Sort(items)
	return strings.Join(items, ", ")
}

// Count is a number of things, in words.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// duration writes seconds as a spec has them: 1h30m, 2d, 0s.
func duration(seconds int64) string {
	if seconds == 0 {
		return "0s"
	}
	out := ""
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}} {
		if n := seconds / unit.seconds; n > 0 {
			out += fmt.Sprint(n) + unit.name
			seconds -= n * unit.seconds
		}
	}
	return out
}

// describePipeline is a pipeline in a few words.
func describePipeline(p *ir.Pipeline) string {
	n := 0
	for _, s := range p.Steps {
		if s.Kind != ir.Gate {
			n++
		}
	}
	out := Count(n, "step")
	if p.Schedule != nil {
		out += ", " + scheduleWords(p.Schedule)
	}
	return out
}

// describeStep is a step in a few words, with the steps that it needs.
func describeStep(s *ir.Step, needs []string) string {
	var out string
	switch s.Kind {
	case ir.Python:
		out = "python " + s.Module + ":" + s.Function
	case ir.Run:
		out = "run of " + Count(strings.Count(s.Script, "\n"), "line")
	case ir.Command:
		out = "command"
		for _, a := range s.Command {
			out += " " + written.Value(a, nil)
		}
	case ir.Operator:
		out = "operator " + s.Operator
	default:
		out = string(s.Kind)
	}
	if s.Finally {
		out += ", in finally"
	}
	if len(needs) > 0 {
		out += ", needs " + strings.Join(needs, ", ")
	}
	return out + describeForeach(s)
}

// describeGroup is a group in a few words; gate is the step that stands for it, or nil.
func describeGroup(gate *ir.Step) string {
	if gate == nil {
		return ""
	}
	return strings.TrimPrefix(describeForeach(gate), ", ")
}

func describeForeach(s *ir.Step) string {
	out := ""
	if len(s.Foreach) > 0 {
		names := make([]string, len(s.Foreach))
		for i, each := range s.Foreach {
			names[i] = each.Name
		}
		out += ", for each " + strings.Join(names, ", ")
	}
	if s.When != nil {
		out += ", when " + written.Value(s.When, nil)
	}
	return out
}

// packageName is what a line of requirements begins with, if it names a package.
var packageName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)

var nameSeparators = regexp.MustCompile(`[-_.]+`)

// requirements has one fact for each package, with all lines that name it, and one for each line of another kind.
func (f *facts) requirements(lines []string) {
	byName := map[string][]string{}
	var order []string
	for _, line := range lines {
		name := strings.ToLower(nameSeparators.ReplaceAllString(packageName.FindString(line), "-"))
		if name == "" {
			name = line
		}
		if byName[name] == nil {
			order = append(order, name)
		}
		byName[name] = append(byName[name], line)
	}
	for _, name := range order {
		f.add("requirements", name, "", sortedList(byName[name]))
	}
}

// stepsOfFile are the steps of which it is known that a shipped file is theirs: those that name a module of its package.
func stepsOfFile(p *ir.Pipeline, file string) []string {
	top, _, _ := strings.Cut(file, "/")
	var out []string
	for _, s := range p.Steps {
		module, _, _ := strings.Cut(s.Module, ".")
		if module != "" && (top == module || file == module+".py") {
			out = append(out, s.Name)
		}
	}
	return out
}
