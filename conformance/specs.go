// Package conformance has specs with the outcome that every engine must reach. The tests run them; `zenc flavor test` compiles
// them for a custom flavor.
package conformance

import "embed"

// Specs has a folder for each spec: pipeline.yaml and the code of its steps, without what is expected.
//
//go:embed */pipeline.yaml */*.py */*.sh */*/*.*
var Specs embed.FS
