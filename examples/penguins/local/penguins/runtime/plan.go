package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// planFile is beside the journal of a run.
const planFile = "plan.json"

// Plan is what a run is made of: enough to draw it, and to tell whether a pipeline is still the same.
type Plan struct {
	Version  int               `json:"version"`
	Pipeline string            `json:"pipeline"`
	Params   map[string]string `json:"params,omitempty"` // a digest of each declaration, by name
	Steps    []PlanStep        `json:"steps"`            // in the order of the pipeline
	Code     map[string]string `json:"code,omitempty"`   // the SHA-256 of each shipped file, by path

	// Of the run itself: it may be killed before it has a journal.
	Given Values `json:"given,omitempty"` // the values of the parameters
	Date  string `json:"date"`            // run.date
}

// PlanStep is a step of a plan.
type PlanStep struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`            // python, run, command or gate
	What    string   `json:"what,omitempty"`  // the function, the script or the command
	Needs   []string `json:"needs,omitempty"` // its gate among them
	Foreach bool     `json:"foreach,omitempty"`
	Finally bool     `json:"finally,omitempty"`
	Digest  string   `json:"digest"` // of all that it is
}

func newPlan(p *Pipeline, code Code) (*Plan, error) {
	plan := &Plan{Version: 1, Pipeline: p.Name, Params: map[string]string{}, Code: map[string]string{}}
	for _, spec := range p.Params {
		plan.Params[spec.Name] = digest("%q %v %v %v %v %v %q", spec.Type, spec.Required, spec.Default, spec.Enum, spec.Min, spec.Max, spec.Pattern)
	}
	for i := range p.Steps {
		plan.Steps = append(plan.Steps, p.Steps[i].plan())
	}
	if code.Files == nil {
		return plan, nil
	}
	return plan, fs.WalkDir(code.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(code.Files, name)
		plan.Code[name] = digest("%t %s", slices.Contains(code.Executable, name), content)
		return err
	})
}

func (s *Step) plan() PlanStep {
	out := PlanStep{Name: s.Name, Needs: s.Needs, Foreach: s.hasInstances(), Finally: s.Finally}
	if s.Gate != "" {
		out.Needs = append(slices.Clone(s.Needs), s.Gate)
	}
	switch {
	case s.Python != "":
		out.Kind, out.What = "python", s.Python
	case s.Command != nil:
		out.Kind = "command"
		for i, arg := range s.Command {
			if i > 0 {
				out.What += " "
			}
			out.What += arg.String()
		}
	case s.Script != "":
		out.Kind, out.What = "run", s.Script
	default:
		out.Kind = "gate"
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q %q %v %v %q %q %q %v %d %t %t %t %d %t %v %v %v\n", s.Python, s.Script, s.Shell, out.What, s.Needs, s.NeedsAny, s.Gate, s.Along,
		s.RunIf, s.When, s.MaxParallel, s.WhenPerItem, s.Finally, s.AllowFailure, s.SkipExitCode, s.Cache, s.CacheTTL, s.Retries, s.Timeout)
	for _, each := range s.Foreach {
		fmt.Fprintf(hash, "each %s %s\n", each.Name, each.Items)
	}
	for _, in := range s.With {
		fmt.Fprintf(hash, "with %s %s %s\n", in.Name, in.Type, in.Value)
	}
	for _, v := range s.Env {
		fmt.Fprintf(hash, "env %s %s\n", v.Name, v.Value)
	}
	fmt.Fprintf(hash, "%q %q", s.Outputs, s.Secrets)
	out.Digest = hex.EncodeToString(hash.Sum(nil))
	return out
}

func digest(format string, args ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, format, args...))
	return hex.EncodeToString(sum[:])
}

func (p *Plan) write(dir string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	temporary := filepath.Join(dir, "."+planFile)
	if err := os.WriteFile(temporary, text, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, filepath.Join(dir, planFile))
}

func readPlan(dir string) (*Plan, error) {
	text, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s: %w", planFile, err)
	}
	if p.Version != 1 {
		return nil, errors.New(planFile + ": written by a newer version")
	}
	return p, nil
}

// differences tells what is not as it was in an earlier plan, one thing a text.
func (p *Plan) differences(before *Plan) []string {
	var out []string
	compare := func(what string, was, is map[string]string) {
		names := slices.Collect(maps.Keys(is))
		for name := range was {
			if _, ok := is[name]; !ok {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			old, wasThere := was[name]
			now, isThere := is[name]
			switch {
			case !wasThere:
				out = append(out, fmt.Sprintf("the %s %q is new", what, name))
			case !isThere:
				out = append(out, fmt.Sprintf("the %s %q is gone", what, name))
			case old != now:
				out = append(out, fmt.Sprintf("the %s %q has changed", what, name))
			}
		}
	}
	if p.Pipeline != before.Pipeline {
		out = append(out, fmt.Sprintf("it was a run of %q", before.Pipeline))
	}
	compare("parameter", before.Params, p.Params)
	compare("step", before.digests(), p.digests())
	compare("file", before.Code, p.Code)
	return out
}

func (p *Plan) digests() map[string]string {
	out := make(map[string]string, len(p.Steps))
	for _, s := range p.Steps {
		out[s.Name] = s.Digest
	}
	return out
}
