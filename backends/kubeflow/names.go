package kubeflow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// expressionWords are the operators and literals of Argo's expressions. A task of such a name cannot stand in depends.
// https://expr-lang.org/docs/language-definition
var expressionWords = []string{"and", "contains", "else", "false", "if", "in", "let", "matches", "nil", "not", "or", "true"}

// taskNames returns the Argo name of each step's task and template, by the step's name: letters, digits and '-', no '-' at
// the end. A name that has to give way to that yields to those that are fine as they are.
func taskNames(p *ir.Pipeline) map[string]string {
	names := make(map[string]string, len(p.Steps))
	taken := make(map[string]bool, len(p.Steps))
	var changed []*ir.Step
	for _, s := range p.Steps {
		name := legal(s.Name)
		if taken[name] || strings.HasSuffix(name, "-") || slices.Contains(expressionWords, name) {
			changed = append(changed, s)
			continue
		}
		names[s.Name], taken[name] = name, true
	}
	for _, s := range changed {
		name := strings.TrimRight(legal(s.Name), "-")
		if slices.Contains(expressionWords, name) {
			name = "step-" + name
		}
		name = unique(name, taken)
		names[s.Name], taken[name] = name, true
	}
	return names
}

// legal is a name with '-' for what Argo does not take.
func legal(name string) string { return strings.NewReplacer("_", "-", ".", "-").Replace(name) }

// entrypointName returns the name of the template that holds the DAG: that of the pipeline, unless a step has it.
func entrypointName(p *ir.Pipeline, tasks map[string]string) string {
	taken := make(map[string]bool, len(tasks))
	for _, name := range tasks {
		taken[name] = true
	}
	name := p.Name
	if taken[name] {
		name = unique(name+"-dag", taken)
	}
	return name
}

// templatesOf are the names of the templates of the steps, and of that with the DAG.
func templatesOf(p *ir.Pipeline, tasks map[string]string) map[string]bool {
	taken := map[string]bool{entrypointName(p, tasks): true}
	for _, name := range tasks {
		taken[name] = true
	}
	return taken
}

// unique returns name, with a number behind it where it is taken.
func unique(name string, taken map[string]bool) string {
	if !taken[name] {
		return name
	}
	for i := 2; ; i++ {
		if n := name + "-" + strconv.Itoa(i); !taken[n] {
			return n
		}
	}
}

// taskRef is how an expression names a task.
func taskRef(name string) string {
	if strings.Contains(name, "-") {
		return "tasks['" + name + "']"
	}
	return "tasks." + name
}
