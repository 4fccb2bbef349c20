package schema

// The functions below are the shapes that values have. The description says what the key means.

// with is a copy of a schema that a function changes.
func (s *Schema) with(change func(*Schema)) *Schema {
	out := *s
	change(&out)
	return &out
}

// examples are values to choose from, where others are as good.
func (s *Schema) examples(values ...any) *Schema {
	return s.with(func(s *Schema) { s.Examples = values })
}

// text is a text, which may look like a number or a bool.
func text(description string) *Schema {
	return &Schema{Type: []string{"string", "number", "boolean"}, Description: description}
}

// matching is a text of a certain form.
func matching(pattern, description string) *Schema {
	return &Schema{Type: []string{"string"}, Pattern: pattern, Description: description}
}

// choice is one of some words.
func choice(description string, words ...any) *Schema {
	return &Schema{Enum: words, Description: description}
}

// condition is an expression, or what it comes to.
func condition(description string) *Schema {
	return &Schema{Type: []string{"string", "boolean"}, Description: description}
}

func boolean(description string) *Schema {
	return &Schema{Type: []string{"boolean"}, Description: description}
}

func integer(least int, description string) *Schema {
	return &Schema{Type: []string{"integer"}, Minimum: &least, Description: description}
}

func duration(description string) *Schema {
	return (&Schema{Type: []string{"string"}, Pattern: `^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`, MinLength: 2, Description: description}).
		examples("90s", "15m", "1h30m", "2d")
}

// anything is any data.
func anything(description string) *Schema { return &Schema{Description: description} }

func list(items *Schema, description string) *Schema {
	return &Schema{Type: []string{"array"}, Items: items, Description: description}
}

// object is a mapping with keys of the language.
func object(description string, properties Properties) *Schema {
	return &Schema{Type: []string{"object"}, Properties: properties, Additional: false, Description: description}
}

// mapping is a mapping with keys of the user; names and values may be nil.
func mapping(names, values *Schema, description string) *Schema {
	out := &Schema{Type: []string{"object"}, PropertyNames: names, Description: description}
	if values != nil {
		out.Additional = values
	}
	return out
}

// or lets a value be of another type as well: a short form.
func (s *Schema) or(short ...string) *Schema {
	return s.with(func(s *Schema) { s.Type = append(short, s.Type...) })
}

func (s *Schema) required(keys ...string) *Schema {
	return s.with(func(s *Schema) { s.Required = keys })
}

// The names that the language takes, and the merge key of YAML, which editors take for a name.
var (
	plainName  = &Schema{Pattern: `^([a-z][a-z0-9_]*|<<)$`, MaxLength: 40}
	envName    = &Schema{Pattern: `^([A-Za-z_][A-Za-z0-9_]*|<<)$`}
	scalarType = []any{"string", "int", "float", "bool", "json"}
	listType   = []any{"list[string]", "list[int]", "list[float]", "list[bool]", "list[json]"}
	artifact   = []any{"file", "dir", "object"}
)
