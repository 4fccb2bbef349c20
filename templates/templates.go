// Package templates holds what is emitted as it stands.
package templates

import "embed"

// StepRunner is the Python step runner: standard library only, Python 3.9 and later.
//
//go:embed zenc_runtime_1/step.py
var StepRunner []byte

// AirflowRuntime is what generated DAG files import; the step runner lies beside it.
//
//go:embed zenc_runtime_1/__init__.py
var AirflowRuntime []byte

// Init has a folder for each of the projects that zenc init makes. They are whole and run as they are; the pipeline is called
// InitName in all of them.
//
//go:embed init/*/*.yaml init/*/*.py init/*/*.md init/*/.gitignore init/*/data/*
var Init embed.FS

// InitName is what init replaces by the name of the user's pipeline.
const InitName = "my-pipeline"
