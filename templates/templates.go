// Package templates holds what is emitted as it stands.
package templates

import _ "embed"

// StepRunner is the Python step runner: standard library only, Python 3.9 and later.
//
//go:embed zenc_runtime_1/step.py
var StepRunner []byte

// AirflowRuntime is what generated DAG files import; the step runner lies beside it.
//
//go:embed zenc_runtime_1/__init__.py
var AirflowRuntime []byte
