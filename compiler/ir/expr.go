package ir

// Expr is a typed expression. Conversions are explicit: where an int is used as a float, the tree has a call of float,
// except below arithmetic and comparisons, which take both.
type Expr struct {
	Op       Op   `json:"op"`
	Type     Type `json:"type"`
	Nullable bool `json:"nullable,omitempty"` // may be null when it is evaluated
	// NullableItems says that elements of the list may be null.
	NullableItems bool `json:"nullable_items,omitempty"`
	// FanIn says of an OutputRef that its step has a foreach: the value is the list of the instances' outputs, aligned with
	// the items, with null for an instance that did not succeed; it is empty where there were no instances.
	FanIn bool     `json:"fan_in,omitempty"`
	Value *Value   `json:"value,omitempty"` // of a Lit
	Name  string   `json:"name,omitempty"`  // what Op names
	Step  string   `json:"step,omitempty"`  // of an OutputRef: the step
	Keys  []string `json:"keys,omitempty"`  // of a Map: one an argument, in source order
	Args  []*Expr  `json:"args,omitempty"`
	Pos   Pos      `json:"pos,omitzero"`
}

// Op says what an Expr does.
type Op string

// The operations. Binary operators, "!" (not) and "-" (with one argument: negate) stand for themselves:
//
//	== != < <= > >= && || ! + - * / % in ?? contains startsWith endsWith
const (
	Lit       Op = "lit"
	ParamRef  Op = "param"  // params.Name
	OutputRef Op = "output" // steps.Step.Name
	RunRef    Op = "run"    // run.Name: id, date, interval.start, interval.end, and in finally status
	EachRef   Op = "each"   // each.Name: the element of an instance
	PathRef   Op = "path"   // outputs.Name in a command: the path to write
	Text      Op = "text"   // Args joined as their text forms
	List      Op = "list"
	Map       Op = "map"
	GetField  Op = "field" // Args[0] . Name, of a json
	GetIndex  Op = "index" // Args[0] [ Args[1] ], of a list or a json
	Call      Op = "call"  // Name(Args…): len lower upper trim min max sum string int float json
	Cond      Op = "?:"
)

// IsLit reports whether the expression is a literal.
func (e *Expr) IsLit() bool { return e.Op == Lit }

// Walk calls f for e and everything below it, parents first.
func (e *Expr) Walk(f func(*Expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, a := range e.Args {
		a.Walk(f)
	}
}

// Exprs calls f for every expression of the step, in the order foreach, when, inputs, command, environment.
func (s *Step) Exprs(f func(*Expr)) {
	for _, each := range s.Foreach {
		each.Items.Walk(f)
	}
	s.When.Walk(f)
	for _, in := range s.Inputs {
		in.Value.Walk(f)
	}
	for _, e := range s.Command {
		e.Walk(f)
	}
	for _, v := range s.Env {
		v.Value.Walk(f)
	}
}

// Mentions reports whether an expression of that kind is in e.
func (e *Expr) Mentions(op Op) bool {
	found := false
	e.Walk(func(x *Expr) { found = found || x.Op == op })
	return found
}
