package schema

// Tests is the schema of a test file.
func Tests() *Schema {
	out := object("Cases of a pipeline, which zenc test runs.", Properties{
		{"pipeline", text("Path of the pipeline, relative to this file; churn.test.yaml has the cases of churn.yaml unless given.")},
		{"cases", mapping(nil, object("A case: a run, and what must come of it.", testCase), "The cases, by name.").with(func(s *Schema) { s.MinProperties = 1 })},
	}).required("cases")
	out.Draft, out.Title = draft, "zenc tests"
	return out
}

var testCase = Properties{
	{"description", text("What the case shows.")},
	{"params", mapping(plainName, anything(""), "Values of parameters, by name.")},
	{"secrets", mapping(nil, text(""), "Values of secrets, by store/key.")},
	{"only", list(text("A step or a group."), "The steps that run. What they need has a stand-in below steps; all others count as skipped.")},
	{"steps", mapping(nil, object("A stand-in.", standIn), "Stand-ins, by step: how steps end that do not run.")},
	{"expect", object("What must come of the run.", expectation)},
}

var standIn = Properties{
	{"outputs", mapping(plainName, anything("A value; of a file or folder its path, {path}, or of a file {text}."), "What the step gives, by output.")},
	{"state", choice("How the step ends; succeeded unless given.", "succeeded", "failed", "skipped")},
	{"error", text("Why it has not succeeded.")},
}

var expectation = Properties{
	{"status", choice("How the run ends; succeeded unless given.", "succeeded", "failed")},
	{"refused", text("A part of the message that a refused run ends with: a bad parameter.")},
	{"steps", mapping(nil, object("What must come of a step.", expectedStep), "What must come of the steps that run, by step.")},
}

var expectedStep = Properties{
	{"state", choice("How it ends.", "succeeded", "failed", "skipped", "upstream_failed")},
	{"attempts", integer(0, "How many attempts there are.")},
	{"outputs", mapping(plainName, anything("A value; of a file or folder the path of an equal one, {path}, or of a file {text}."), "What it gives, by output.")},
	{"error", text("A part of why it failed.")},
}
