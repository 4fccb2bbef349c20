package external

import _ "embed"

// Schema is the JSON Schema of all requests and answers. A test makes it of the Go types and holds the file to it.
//
//go:embed schema.json
var Schema []byte
