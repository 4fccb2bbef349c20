package kubeflow

import (
	"fmt"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// conditionPrinter prints a when as an expression of Argo, which has expr-lang's meaning: for what is printed here that is
// the language's own. What would differ (a division by zero, the text form of a number, the digits of a json) is left out.
// https://argo-workflows.readthedocs.io/en/latest/variables/#expression
type conditionPrinter struct {
	m      *manifest
	cannot *ir.Expr // the first that cannot be printed
	// guarded says that tasks whose outputs are read may not have run.
	guarded  bool
	reader   *ir.Step // the step that reads them, or nil
	instance *ir.Step // whose elements each means
	place    string   // at which: #, or an input
	// outer is the wiring of the mapped group that the step is in; nil for none.
	outer *wiring
}

// newConditionPrinter prints conditions of a step. outer is nil for one outside of mapped groups, and where the text does not
// matter.
func newConditionPrinter(m *manifest, s *ir.Step, outer *wiring) *conditionPrinter {
	p := &conditionPrinter{m: m, reader: s, outer: outer, guarded: s.RunIf != ir.IfSucceeded || s.Finally}
	if s.Along != "" {
		p.instance, p.place = m.shape.steps[s.Along], "int(inputs.parameters."+itemInput+")"
		if outer == nil {
			p.outer = newWiring(m, p.instance, nil)
		}
	}
	return p
}

// handedOn prints what a mapped group is handed of the steps outside of it: nil for null, and else the text.
func (p *conditionPrinter) handedOn(e *ir.Expr) string {
	_, inputs := p.outer.ask(e, e.Type)
	text := inputRef(inputs[0].name)
	switch {
	case e.Type == ir.Int && !e.Nullable:
		return text
	case e.Nullable && e.Type == ir.String:
		return "fromJSON(fromBase64(" + text + "))"
	case e.Nullable:
		return "(fromBase64(" + text + ") == 'null' ? nil : fromBase64(" + text + "))"
	}
	return "fromBase64(" + text + ")"
}

// isOuter reports a reference that a mapped group has to be handed.
func (p *conditionPrinter) isOuter(e *ir.Expr) bool {
	return p.outer != nil && (&wiring{m: p.m, reader: p.reader, outer: p.outer}).isOuter(e)
}

// operators that mean the same there.
var sameOperators = map[ir.Op]bool{"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true, "&&": true, "||": true, "in": true,
	"contains": true, "startsWith": true, "endsWith": true, "+": true, "*": true}

func (p *conditionPrinter) print(e *ir.Expr) string {
	switch {
	case e.Op == ir.Lit:
		if text, ok := exprLiteral(e.Value); ok {
			return text
		}
	case e.Op == ir.List:
		items := make([]string, len(e.Args))
		for i, a := range e.Args {
			items[i] = p.print(a)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case e.Op == ir.EachRef && p.instance != nil:
		return p.element(e)
	case e.Op == ir.ParamRef, e.Op == ir.OutputRef && !e.FanIn, e.Op == "??":
		return p.converted(e)
	case e.Op == ir.RunRef && e.Name == "id":
		return "workflow.name"
	case e.Op == ir.RunRef && p.isOuter(e):
		return p.handedOn(e)
	case e.Op == ir.RunRef && e.Name == "status":
		return "(" + p.m.runStatus() + ")"
	case e.Op == "!":
		return "!(" + p.print(e.Args[0]) + ")"
	case e.Op == "-":
		if len(e.Args) == 1 {
			return "-(" + p.print(e.Args[0]) + ")"
		}
		return "(" + p.print(e.Args[0]) + " - " + p.print(e.Args[1]) + ")"
	case e.Op == ir.Cond:
		return "(" + p.print(e.Args[0]) + " ? " + p.print(e.Args[1]) + " : " + p.print(e.Args[2]) + ")"
	case e.Op == ir.Call && e.Name == "len" && e.Args[0].FanIn && p.outer == nil:
		return parenthesised(p.count(e.Args[0].Step))
	case e.Op == ir.Call && e.Name == "len":
		return "len(" + p.print(e.Args[0]) + ")"
	case e.Op == ir.Call && e.Name == "float" && e.Args[0].Type == ir.Int:
		return "float(" + p.print(e.Args[0]) + ")"
	case sameOperators[e.Op] && len(e.Args) == 2 && e.Args[0].Type != ir.JSON && e.Args[1].Type != ir.JSON:
		return "(" + p.print(e.Args[0]) + " " + string(e.Op) + " " + p.print(e.Args[1]) + ")"
	}
	return p.refuse(e)
}

func (p *conditionPrinter) refuse(e *ir.Expr) string {
	if p.cannot == nil {
		p.cannot = e
	}
	return "false"
}

// converted prints a reference, or a choice of them, with the type of the text that Argo has.
func (p *conditionPrinter) converted(e *ir.Expr) string {
	return p.read(p.text(e, e.Type), e)
}

// read prints the value that a text form has.
func (p *conditionPrinter) read(text string, e *ir.Expr) string {
	switch {
	case e.Type == ir.String:
		return text
	case e.Type == ir.Int:
		return "int(" + text + ")"
	case e.Type == ir.Float:
		return "float(" + text + ")"
	case e.Type == ir.Bool:
		return "(" + text + " == 'true')"
	case e.Type.IsList() && e.Type.Elem() != ir.JSON:
		return "fromJSON(" + text + ")"
	}
	return p.refuse(e)
}

// text prints the text form of a value of type t.
func (p *conditionPrinter) text(e *ir.Expr, t ir.Type) string {
	switch {
	case e.Type != t && !(e.Op == ir.Lit && e.Type == ir.Int && t == ir.Float):
		return p.refuse(e)
	case e.Op == ir.ParamRef:
		return "workflow.parameters." + e.Name
	case e.FanIn:
		return p.refuse(e)
	case p.isOuter(e):
		return p.handedOn(e)
	case e.Op == ir.OutputRef && e.Nullable:
		return p.m.nullableOutput(e.Step, e.Name)
	case e.Op == ir.OutputRef:
		return taskRef(p.m.tasks[e.Step]) + ".outputs.parameters." + e.Name
	case e.Op == ir.Lit:
		return exprQuote(textForm(e.Value, t))
	case e.Op == "??":
		return "(" + p.text(e.Args[0], t) + " ?? " + p.text(e.Args[1], t) + ")"
	}
	return p.refuse(e)
}

// guarded is an output of a task that may not have run; nil then.
func guarded(task, output string) string {
	return taskRef(task) + "?.outputs?.parameters?." + output
}

// outer takes the parentheses around a whole expression away: print puts a pair around every operation of two operands.
func outer(text string) string {
	if inner, found := strings.CutPrefix(text, "("); found {
		return strings.TrimSuffix(inner, ")")
	}
	return text
}

// exprLiteral prints a scalar or a list.
func exprLiteral(v *ir.Value) (text string, ok bool) {
	switch v.Kind {
	case ir.StringValue:
		return exprQuote(v.Text), true
	case ir.BoolValue, ir.IntValue, ir.FloatValue:
		return v.Text, true
	case ir.ListValue:
		items := make([]string, len(v.Items))
		for i := range v.Items {
			if items[i], ok = exprLiteral(&v.Items[i]); !ok {
				return "", false
			}
		}
		return "[" + strings.Join(items, ", ") + "]", true
	}
	return "", false
}

// exprQuote returns a string of an expression in which neither Argo nor a reader of YAML sees anything.
func exprQuote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~' && !strings.ContainsRune(`'"\{}`, r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
