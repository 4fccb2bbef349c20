package runtime

import (
	"encoding/json"
	"fmt"
	"time"
)

// StepData is a [Step] as data, with a JSON form.
type StepData struct {
	Name     string       `json:"name"`
	Python   string       `json:"python,omitempty"`
	Fresh    bool         `json:"fresh,omitempty"`
	Script   string       `json:"script,omitempty"`
	Shell    []string     `json:"shell,omitempty"`
	Command  []*ExprData  `json:"command,omitempty"`
	With     []InputData  `json:"with,omitempty"`
	Outputs  []OutputSpec `json:"outputs,omitempty"`
	Env      []EnvVarData `json:"env,omitempty"`
	Secrets  []Secret     `json:"secrets,omitempty"`
	Needs    []string     `json:"needs,omitempty"`
	NeedsAny [][]string   `json:"needs_any,omitempty"`
	Gate     string       `json:"gate,omitempty"`
	Along    string       `json:"along,omitempty"`
	RunIf    string       `json:"run_if,omitempty"`
	When     *ExprData    `json:"when,omitempty"`
	Foreach  []EachData   `json:"foreach,omitempty"`
	Parallel int          `json:"max_parallel,omitempty"`
	PerItem  bool         `json:"when_per_item,omitempty"`
	Finally  bool         `json:"finally,omitempty"`
	Allow    bool         `json:"allow_failure,omitempty"`
	Cache    bool         `json:"cache,omitempty"`
	CacheTTL int64        `json:"cache_ttl,omitempty"` // in seconds
	SkipCode int          `json:"skip_exit_code,omitempty"`
	Codes    []int        `json:"on_exit_codes,omitempty"` // of Retries
	Limit    int          `json:"limit,omitempty"`         // of Retries
	Delay    int64        `json:"delay,omitempty"`         // of Retries, in seconds
	Backoff  float64      `json:"backoff,omitempty"`       // of Retries
	MaxDelay int64        `json:"max_delay,omitempty"`     // of Retries, in seconds
	Timeout  int64        `json:"timeout,omitempty"`       // in seconds
}

// EachData is an [Each] as data.
type EachData struct {
	Name  string    `json:"name"`
	Items *ExprData `json:"items"`
}

// InputData is an [Input] as data.
type InputData struct {
	Name  string    `json:"name"`
	Type  string    `json:"type"`
	Value *ExprData `json:"value"`
}

// EnvVarData is an [EnvVar] as data.
type EnvVarData struct {
	Name  string    `json:"name"`
	Value *ExprData `json:"value"`
}

// ExprData is an [Expr] as data. Op is lit, param, output, each, run, path, text, list, map, field, index, call or an operator.
type ExprData struct {
	Op    string      `json:"op"`
	Name  string      `json:"name,omitempty"`
	Step  string      `json:"step,omitempty"`
	Keys  []string    `json:"keys,omitempty"`
	Value Literal     `json:"value,omitzero"`
	Args  []*ExprData `json:"args,omitempty"`
}

// Literal is a constant: what [Lit] takes. Its JSON form keeps 1.0 a float.
type Literal struct{ Any any }

// MarshalJSON writes the canonical text form.
func (l Literal) MarshalJSON() ([]byte, error) {
	text, err := jsonText(normal(l.Any))
	return []byte(text), err
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Literal) UnmarshalJSON(text []byte) (err error) {
	l.Any, err = parseJSON(string(text))
	return err
}

// ReadSteps decodes a JSON list of [StepData].
func ReadSteps(text []byte) ([]Step, error) {
	var all []StepData
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("the steps of the pipeline: %w", err)
	}
	return Steps(all), nil
}

// MustReadSteps is ReadSteps for steps that were generated.
func MustReadSteps(text []byte) []Step {
	steps, err := ReadSteps(text)
	if err != nil {
		panic(err)
	}
	return steps
}

// Steps builds the steps.
func Steps(all []StepData) []Step {
	out := make([]Step, len(all))
	for i := range all {
		out[i] = all[i].step()
	}
	return out
}

func (d *StepData) step() Step {
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	s := Step{Name: d.Name, Python: d.Python, Fresh: d.Fresh, Script: d.Script, Shell: d.Shell, Outputs: d.Outputs, Secrets: d.Secrets, Needs: d.Needs, NeedsAny: d.NeedsAny, Gate: d.Gate, Along: d.Along, Timeout: seconds(d.Timeout),
		MaxParallel: d.Parallel, WhenPerItem: d.PerItem, RunIf: d.RunIf, Finally: d.Finally, AllowFailure: d.Allow, SkipExitCode: d.SkipCode, Cache: d.Cache, CacheTTL: seconds(d.CacheTTL),
		Retries: Retries{Limit: d.Limit, Delay: seconds(d.Delay), Backoff: d.Backoff, MaxDelay: seconds(d.MaxDelay), OnExitCodes: d.Codes}}
	if d.When != nil {
		s.When = d.When.Expr()
	}
	for _, each := range d.Foreach {
		s.Foreach = append(s.Foreach, Each{Name: each.Name, Items: each.Items.Expr()})
	}
	for _, a := range d.Command {
		s.Command = append(s.Command, a.Expr())
	}
	for _, in := range d.With {
		s.With = append(s.With, Input{Name: in.Name, Type: in.Type, Value: in.Value.Expr()})
	}
	for _, v := range d.Env {
		s.Env = append(s.Env, EnvVar{Name: v.Name, Value: v.Value.Expr()})
	}
	return s
}

// Expr builds the expression.
func (d *ExprData) Expr() Expr {
	args := make([]Expr, len(d.Args))
	for i, a := range d.Args {
		args[i] = a.Expr()
	}
	switch d.Op {
	case "lit":
		return Lit(d.Value.Any)
	case "param":
		return Param(d.Name)
	case "output":
		return Output(d.Step, d.Name)
	case "each":
		return EachItem(d.Name)
	case "run":
		return RunField(d.Name)
	case "path":
		return Path(d.Name)
	case "text":
		return Text(args...)
	case "list":
		return List(args...)
	case "map":
		return Map(d.Keys, args...)
	case "field":
		return Field(args[0], d.Name)
	case "index":
		return Index(args[0], args[1])
	case "call":
		return Call(d.Name, args...)
	}
	return Op(d.Op, args...)
}
