package diag

// Code names a kind of mistake. One code is one mistake that one place in the compiler finds; it never changes its meaning.
// "bad" is about form, "invalid" about meaning.
type Code string

// Reading the file.
const (
	// BadFile occurs when the spec cannot be read at all: it is missing, a folder, empty, too large, or not UTF-8 text.
	BadFile Code = "bad-file"
	// BadYAML occurs when the text is not YAML, or uses YAML that a spec must not: a second document, duplicate keys, an
	// alias that contains itself, aliases that multiply, nesting without end.
	BadYAML Code = "bad-yaml"
	// WrongShape occurs when a mapping stands where a list is wanted, and the like.
	WrongShape Code = "wrong-shape"
	// UnknownKey occurs when a mapping has a key that means nothing there.
	UnknownKey Code = "unknown-key"
	// MissingKey occurs when a mapping lacks a key that must be there.
	MissingKey Code = "missing-key"
)

// Single values.
const (
	// BadName occurs when a name has characters, a length or a first letter that names must not have.
	BadName Code = "bad-name"
	// BadNumber occurs when a number is written in a form that readers of YAML disagree about, or is out of range.
	BadNumber Code = "bad-number"
	// BadBool occurs when something else than true or false stands where a bool is wanted.
	BadBool Code = "bad-bool"
	// BadDuration occurs when a duration is not of the form 90s, 15m, 1h30m or 2d.
	BadDuration Code = "bad-duration"
	// BadQuantity occurs when a resource is not a Kubernetes quantity.
	BadQuantity Code = "bad-quantity"
	// BadCron occurs when a cron expression cannot be read.
	BadCron Code = "bad-cron"
	// BadTime occurs when a time is neither a date nor RFC 3339, or a time zone is unknown.
	BadTime Code = "bad-time"
	// BadType occurs when a type is not one of the language's.
	BadType Code = "bad-type"
	// BadChoice occurs when a value is not one of a fixed set of words.
	BadChoice Code = "bad-choice"
	// BadEntryPoint occurs when the value of python is not module:function.
	BadEntryPoint Code = "bad-entry-point"
	// BadPattern occurs when a pattern is not an RE2 expression.
	BadPattern Code = "bad-pattern"
	// BadImage occurs when a container image's name has blanks or is empty.
	BadImage Code = "bad-image"
)

// Meaning.
const (
	// InvalidParam occurs when a parameter contradicts itself: its default is not of its type, not in its enum, out of its
	// bounds, or has a bound that its type does not know.
	InvalidParam Code = "invalid-param"
	// InvalidSchedule occurs when a schedule contradicts itself: both cron and every, an end before its start.
	InvalidSchedule Code = "invalid-schedule"
	// InvalidStep occurs when a step has no kind or two, or a key that its kind does not take.
	InvalidStep Code = "invalid-step"
	// DuplicateName occurs when two things that share a scope have one name.
	DuplicateName Code = "duplicate-name"
	// UnknownName occurs when an expression or needs names a step, parameter, output or variable that is not there.
	UnknownName Code = "unknown-name"
	// Cycle occurs when steps need each other.
	Cycle Code = "cycle"
	// TypeMismatch occurs when a value's type is not what its place takes.
	TypeMismatch Code = "type-mismatch"
	// MayBeNull occurs when a value that may be null stands where null is not taken.
	MayBeNull Code = "may-be-null"
	// InvalidCase occurs when a case of a test file contradicts itself or the pipeline: outputs of a step that has failed, something
	// expected of a step that does not run.
	InvalidCase Code = "invalid-case"
	// MissingCode occurs when a module or file that the steps name is not below the code folder.
	MissingCode Code = "missing-code"
)

// Python code, as it is read without being imported.
const (
	// BadPython occurs when the file of a step's function, or one that it is imported from, is not Python.
	BadPython Code = "bad-python"
	// MissingFunction occurs when a module has no function of the name that a step calls.
	MissingFunction Code = "missing-function"
	// BadCall occurs when a function cannot be called with what its step passes: an argument that it does not take, or lacks.
	BadCall Code = "bad-call"
	// BadReturn occurs when what a function returns cannot be the outputs of its step, whatever their types: other names, nothing, a
	// generator.
	BadReturn Code = "bad-return"
	// NotChecked is the note that functions were not read, since there is no Python to read them with.
	NotChecked Code = "not-checked"
)

// Expressions.
const (
	// BadExpression occurs when the text in ${{ … }} cannot be read.
	BadExpression Code = "bad-expression"
	// NoExpression occurs when ${{ … }} stands where none is evaluated.
	NoExpression Code = "no-expression"
)

// Engines and options.
const (
	// UnknownOption occurs when an option of a flavor is not known, or has a value of the wrong type.
	UnknownOption Code = "unknown-option"
	// EngineCannot occurs when the chosen engine has no honest way to do what the spec asks.
	EngineCannot Code = "engine-cannot"
	// EngineLimit occurs when something is larger than the chosen engine can hold.
	EngineLimit Code = "engine-limit"
	// WrongVersion occurs when the requires of a zenc.yaml is not a range of versions, or this zenc is out of it.
	WrongVersion Code = "wrong-version"
	// NotApplied is the note on a key that the chosen engine has no use for.
	NotApplied Code = "not-applied"
	// BadFlavor occurs when the program of a custom flavor fails, or answers what it must not.
	BadFlavor Code = "bad-flavor"
)

// What is legal and probably wrong.
const (
	// UnusedParam occurs when nothing reads a parameter.
	UnusedParam Code = "unused-param"
	// UnusedOutput occurs when nothing reads an output of a step that other steps go on from.
	UnusedOutput Code = "unused-output"
	// NeverRuns occurs when the condition of a step is false in every run.
	NeverRuns Code = "never-runs"
	// UnknownVariable occurs when a script reads $IN_X or $OUT_X and the step has no such input or output.
	UnknownVariable Code = "unknown-variable"
)
