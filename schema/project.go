package schema

// Project is the schema of zenc.yaml.
func Project() *Schema {
	out := object("A project: its pipelines, for which engines they are built, and what holds for all of them.", project)
	out.Draft, out.Title = draft, "zenc project"
	return out
}

var project = Properties{
	{"code", text("Root of the Python imports, relative to this file; the folder of the spec unless given.")},
	{"default", text("The stack that is meant where none is named.")},
	{"defaults", object("What holds for the steps of all pipelines that do not say otherwise.", defaults)},
	{"extends", text("Path of another zenc.yaml, whose settings hold where this one has none.")},
	{"flavors", mapping(nil, text("Path of the program."), "Custom flavors: programs, by name.")},
	{"pipelines", list((&Schema{Type: []string{"string", "object"}, Properties: listed, Additional: false}), "The specs of the project: paths or patterns below this file, or {path, stacks, defaults}.")},
	{"require", list(text("A rule: description, owner, labels, labels.NAME, schedule, timeout, retries, image, resources, namespace, steps.description, steps.timeout."), "What every pipeline must have.")},
	{"requires", text("The versions of zenc that may be used.").examples("~0.4", ">=0.4")},
	{"stack_defaults", object("What holds for all stacks that do not say otherwise.", stackDefaults)},
	{"stacks", mapping(nil, object("A stack.", stack).required("flavor"), "What pipelines are deployed to, by name.")},
}

var stack = Properties{
	{"flavor", text("The engine.").examples("airflow", "kubeflow", "local")},
	{"output", text("Folder that is written to, relative to this file; dist/FLAVOR unless given.")},
	{"params", mapping(plainName, anything(""), "Other defaults of parameters, by name.")},
	{"python", text("Interpreter of the python steps.")},
	{"options", &Schema{Type: []string{"object"}, Description: "Options of the flavor, such as artifacts of airflow or namespace of kubeflow."}},
}

var stackDefaults = Properties{
	{"options", mapping(nil, &Schema{Type: []string{"object"}}, "Options, by flavor.")},
	{"params", mapping(plainName, anything(""), "Other defaults of parameters, by name.")},
}

var listed = Properties{
	{"path", text("A path or a pattern below this file.").examples("pipelines/*.yaml")},
	{"stacks", list(text("A stack."), "The stacks that it is for; all unless given.")},
	{"defaults", object("What holds for its steps that do not say otherwise.", defaults)},
}
