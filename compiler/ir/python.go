package ir

import "slices"

// pythonKeywords are the names that Python keeps for itself, sorted.
// https://docs.python.org/3/reference/lexical_analysis.html#keywords
var pythonKeywords = []string{"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
	"def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
	"nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"}

// IsPythonKeyword reports whether name cannot be a variable, a module or an argument in Python.
func IsPythonKeyword(name string) bool {
	_, found := slices.BinarySearch(pythonKeywords, name)
	return found
}
