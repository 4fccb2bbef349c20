package airflow

import (
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// names hands out Python names, each once.
type names map[string]bool

func newNames(taken ...string) names {
	n := names{}
	for _, t := range taken {
		n[t] = true
	}
	return n
}

// unique returns name, with underscores behind it where it is taken or Python keeps it for itself.
func (n names) unique(name string) string {
	if ir.IsPythonKeyword(name) {
		name += "_"
	}
	return n.id(name)
}

// id is unique for what may be called as a keyword is: a task.
func (n names) id(name string) string {
	for n[name] {
		name += "_"
	}
	n[name] = true
	return name
}

// moduleNames are what a DAG file and its callables use, and so no variable there may be called.
var moduleNames = append([]string{"dt", "pendulum", "each", "params", "run_id", "ti", "dag_run", "out", "str", "task_group"}, helperNames...)

// helperNames are what the runtime package offers to callables.
var helperNames = []string{"any_failed", "as_json", "cached", "checked", "coalesce", "column", "command", "divide", "element", "fan_in", "fan_out", "field",
	"greatest", "input_dir", "input_dirs", "input_file", "input_files", "input_object", "input_objects", "item", "least", "length", "lower", "member",
	"native", "optional", "output_dir", "output_file", "output_object", "parse_json", "pod", "python", "ran", "remainder", "returned", "run_date",
	"run_interval", "run_status", "same", "shell", "skip_unless", "text", "to_float", "to_int", "total", "trim", "unpickled", "upper", "workspace"}

// identifier is a name of a step, with those of its groups, as a variable.
func identifier(name string) string { return strings.ReplaceAll(name, ".", "_") }

// local is the last part of a name or id: Airflow puts those of the groups before it.
func local(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
