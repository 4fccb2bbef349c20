package schema

import "slices"

// Spec is the schema of a pipeline.
func Spec() *Schema {
	out := object("A pipeline: its steps, what they need, and when it runs.", pipeline)
	out.Draft, out.Title = draft, "zenc pipeline"
	out.Required = []string{"name", "steps"}
	out.Definitions = Properties{{"step", step()}}
	return out
}

var pipeline = Properties{
	{"zenc", choice("Version of the language.", 1, "1")},
	{"name", matching(`^[a-z]([a-z0-9-]*[a-z0-9])?$`, "Name of the pipeline: of the DAG, the manifest, the program. Lower-case letters, digits and -.").with(func(s *Schema) { s.MaxLength = 48 })},
	{"description", text("What the pipeline does, in a sentence or two.")},
	{"owner", text("Who answers for it.")},
	{"labels", mapping(nil, text(""), "Tags on Airflow, labels on Kubernetes.")},
	{"schedule", schedule},
	{"params", mapping(plainName, param, "Parameters of a run, by name: a default, or {type, default, …}. Steps read them as ${{ params.NAME }}.")},
	{"defaults", object("What holds for every step that does not say otherwise.", defaults)},
	{"files", list(text("A path below the folder of the spec."), "Files that are shipped beside the code, at their paths relative to the spec.")},
	{"requirements", list(text("A line of a requirements file."), "Python packages of the steps: a list, or the path of a requirements file.").or("string")},
	{"steps", mapping(plainName, stepRef, "The steps, by name. A step needs the steps whose outputs it reads, and those in needs.").with(func(s *Schema) { s.MinProperties = 1 })},
	{"finally", mapping(plainName, stepRef, "Steps that start when all others have ended, however. They may read run.status.").with(func(s *Schema) { s.MinProperties = 1 })},
	{"fail_fast", boolean("Whether a failure skips what has not started.")},
	{"timeout", duration("How long a run may take.")},
	{"max_parallel", integer(1, "How many steps run at a time.")},
	{"max_active_runs", integer(1, "How many runs there are at a time.")},
	{"options", options("Options of an engine for the pipeline as a whole, by flavor: arguments of the DAG, fields of the workflow.")},
	{"outputs", mapping(plainName, anything(""), "What a pipeline that inlines this one may read, by name: expressions.")},
}

var schedule = object("When runs start by themselves: cron or every.", Properties{
	{"cron", matching(`^\s*(@[a-z]+|\S+(\s+\S+){4})\s*$`, "Minute, hour, day, month and weekday, or a name such as @daily.").examples("0 3 * * *", "@daily", "@hourly")},
	{"every", duration("Time from one run to the next, counted from start, else from 1970-01-01.")},
	{"timezone", text("IANA name of the time zone of cron; UTC unless given.").examples("UTC", "Europe/Berlin")},
	{"start", text("The first moment: a date, or RFC 3339.")},
	{"end", text("The last moment: a date, or RFC 3339.")},
	{"catchup", boolean("Whether runs that were missed since start are made up for.")},
	{"overlap", choice("What happens when a run is due while another one goes on.", "allow", "skip", "replace")},
})

var param = object("A parameter.", Properties{
	{"type", choice("Type of the value.", slices.Concat(scalarType, listType)...)},
	{"default", anything("The value where a run gives none. A scheduled pipeline needs one.")},
	{"enum", list(text(""), "The values that are taken.")},
	{"min", (&Schema{Type: []string{"number"}, Description: "The least value, of int and float."})},
	{"max", (&Schema{Type: []string{"number"}, Description: "The largest value, of int and float."})},
	{"pattern", text("A regular expression (RE2) that the whole value of a string must match.")},
	{"description", text("What the parameter is for.")},
}).or("string", "number", "boolean", "array")

var defaults = Properties{
	{"image", image},
	{"retries", retries},
	{"timeout", duration("How long an attempt may take.")},
	{"resources", resources},
	{"env", env},
	{"shell", shell},
}

var (
	image = matching(`^[^\s]+$`, "Container image, on engines that run containers.").examples("python:3.12-slim")
	shell = text("The interpreter of run and its flags; bash -eo pipefail unless given.").examples("sh -e", "python3 -u")
	env   = mapping(envName, (&Schema{Type: []string{"string", "number", "boolean", "object", "array"}}), "Environment variables. ${{ … }} is evaluated.")
)

var retries = object("How often a failed step is tried again: a number, or {limit, delay, …}.", Properties{
	{"limit", integer(0, "Further attempts: 2 is at most three.")},
	{"delay", duration("Time before the next attempt.")},
	{"backoff", &Schema{Type: []string{"number"}, Minimum: ptr(1), Description: "Factor from one delay to the next; 1 unless given."}},
	{"max_delay", duration("The longest delay.")},
	{"on_exit_codes", list(exitCode(""), "The exit codes after which there is another attempt; after any failure unless given.").with(func(s *Schema) { s.MinItems, s.Minimum, s.Maximum = 1, ptr(1), ptr(255) }).or("integer")},
}).or("integer").with(func(s *Schema) { s.Minimum = ptr(0) })

var resources = object("What a step needs of the machine. On Airflow it applies with the Kubernetes executor.", Properties{
	{"cpu", quantity("Processors: a Kubernetes quantity.").examples(2, "500m")},
	{"memory", quantity("Memory: a Kubernetes quantity.").examples("512Mi", "4Gi")},
	{"gpu", integer(0, "How many GPUs.")},
	{"gpu_type", text("Which GPU.")},
	{"disk", quantity("Disk: a Kubernetes quantity.").examples("20Gi")},
})

func quantity(description string) *Schema {
	return &Schema{Type: []string{"string", "number"}, Pattern: `^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$`, Description: description}
}

func exitCode(description string) *Schema {
	return &Schema{Type: []string{"integer"}, Minimum: ptr(1), Maximum: ptr(255), Description: description}
}

func options(description string) *Schema {
	any := &Schema{Type: []string{"object"}}
	return &Schema{Type: []string{"object"}, Description: description, Additional: any, Properties: Properties{
		{"airflow", any.with(func(s *Schema) {
			s.Description = "Arguments of Airflow's own object. {$python: \"module:name\"} is a Python object."
		})},
		{"kubeflow", any.with(func(s *Schema) { s.Description = "Fields of Argo's own object, merged into what zenc writes." })},
		{"local", any.with(func(s *Schema) {
			s.Description = "Of a python step: {fresh: true} gives each attempt an interpreter of its own."
		})},
	}}
}

func ptr(n int) *int { return &n }
