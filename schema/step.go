package schema

import "slices"

var stepRef = &Schema{Ref: "#/definitions/step"}

// step is a step or a group: exactly one of the keys that say what it runs.
func step() *Schema {
	out := object("A step: one of python, run, command, operator; or a group of steps: steps or pipeline.", stepKeys)
	for _, kind := range []string{"python", "run", "command", "operator", "steps", "pipeline"} {
		out.OneOf = append(out.OneOf, (&Schema{}).required(kind))
	}
	// The outputs of a group are expressions, those of a step types.
	out.If = (&Schema{}).required("steps")
	out.Else = &Schema{Properties: Properties{{"outputs", &Schema{Additional: choice("", slices.Concat(scalarType, listType, artifact)...)}}}}
	return out
}

var stepKeys = Properties{
	{"python", matching(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$`,
		"module:function, which is called with the inputs as keyword arguments. It imports nothing of zenc.")},
	{"run", text("A shell script. Inputs are $IN_NAME, and each output is written to the path in $OUT_NAME; ${{ … }} is not evaluated in it.")},
	{"command", list(anything("An argument. ${{ … }} is evaluated; ${{ outputs.NAME }} is the path to write an output to."), "One process, without a shell: the program and its arguments.")},
	{"operator", matching(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$`, "Dotted name of one of Airflow's own operators, on Airflow alone. with gives its arguments.")},
	{"steps", mapping(plainName, stepRef, "The steps of a group. Names are looked up in it, then outwards.").with(func(s *Schema) { s.MinProperties = 1 })},
	{"pipeline", text("Path of another pipeline, relative to this file, which becomes a group. with gives its parameters.")},
	{"description", text("What the step does.")},
	{"with", mapping(plainName, anything(""), "Inputs, by name: values, or expressions such as ${{ steps.extract.rows }}.")},
	{"needs", list(text("A step."), "Steps that must have ended before, beside those whose outputs are read.")},
	{"outputs", mapping(plainName, nil, "Outputs, by name, with their types; of a group, expressions over the outputs of its steps.")},
	{"env", env},
	{"secrets", mapping(envName, matching(`^(conn:)?[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+$`, ""),
		"Environment variables from the engine's secret store, by name: store/key, or conn:id/password of an Airflow connection.")},
	{"when", condition("A condition, ${{ … }}: where it is false the step is skipped.")},
	{"run_if", choice("How the steps that it needs must have ended: all succeeded (default), none failed, one failed, or however.", "succeeded", "not_failed", "failed", "done")},
	{"foreach", mapping(plainName, &Schema{Type: []string{"array", "string"}}, "Runs the step once for each element: {name: list}. ${{ each.name }} is the element.").with(func(s *Schema) { s.MinProperties = 1 })},
	{"max_parallel", integer(1, "How many instances of a foreach run at a time.")},
	{"allow_failure", boolean("Whether the failure of the step counts as a skip.")},
	{"skip_exit_code", exitCode("An exit code of run or command that counts as a skip.")},
	{"retries", retries},
	{"timeout", duration("How long an attempt may take.")},
	{"cache", object("Whether outputs are taken from an earlier run with the same code and inputs: true, or {ttl}.", Properties{
		{"ttl", duration("How old an entry may be.")},
	}).or("boolean")},
	{"resources", resources},
	{"image", image},
	{"shell", shell},
	{"options", options("Options of an engine for this step, by flavor: arguments of the operator, fields of the template.")},
}
