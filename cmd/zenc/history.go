package main

import (
	"path/filepath"
	"strings"

	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/diag"
)

// findRun reads a run below dir: the one with the id, the only one whose id begins so, or the last one.
func findRun(dir, id string) (*runtime.History, error) {
	folders, err := runtime.Runs(dir)
	if err != nil {
		return nil, &exitError{exitFindings, err}
	}
	if len(folders) == 0 {
		return nil, usagef("there is no run below %s", filepath.Join(dir, ".zenc", "runs"))
	}
	var found []string
	for _, folder := range folders {
		if name := filepath.Base(folder); id == runtime.Last || name == id {
			found = []string{folder}
			break
		} else if strings.HasPrefix(name, id) {
			found = append(found, folder)
		}
	}
	switch len(found) {
	case 0:
		return nil, usagef("there is no run %q below %s; zenc runs lists them", id, filepath.Join(dir, ".zenc", "runs"))
	case 1:
		h, err := runtime.ReadRun(found[0])
		if err != nil {
			return nil, &exitError{exitFindings, err}
		}
		return h, nil
	}
	return nil, usagef("%d runs have an id that begins with %q: the last of them is %s", len(found), id, filepath.Base(found[0]))
}

// planStep finds a step of a run by its name.
func planStep(h *runtime.History, name string) (*runtime.PlanStep, error) {
	names := make([]string, len(h.Plan.Steps))
	for i := range h.Plan.Steps {
		if names[i] = h.Plan.Steps[i].Name; names[i] == name {
			return &h.Plan.Steps[i], nil
		}
	}
	if c := diag.Closest(name, names); c != "" {
		return nil, usagef("the run %s has no step %q; did you mean %q?", h.Run, name, c)
	}
	return nil, usagef("the run %s has no step %q; its steps: %s", h.Run, name, strings.Join(names, ", "))
}
