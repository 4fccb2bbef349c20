package schema

// Project is the schema of zenc.yaml.
func Project() *Schema {
	out := object("A project: for which engines its pipelines are built, and where to.", project)
	out.Draft, out.Title = draft, "zenc project"
	return out
}

var project = Properties{
	{"code", text("Root of the Python imports, relative to this file; the folder of the spec unless given.")},
	{"default", text("The stack that is meant where none is named.")},
	{"stacks", mapping(nil, object("A stack.", stack).required("flavor"), "What pipelines are deployed to, by name.")},
}

var stack = Properties{
	{"flavor", text("The engine.").examples("airflow", "kubeflow", "local")},
	{"output", text("Folder that is written to, relative to this file; dist/FLAVOR unless given.")},
	{"python", text("Interpreter of the python steps.")},
	{"options", (&Schema{Type: []string{"object"}, Description: "Options of the flavor, such as artifacts of airflow or namespace of kubeflow."})},
}
