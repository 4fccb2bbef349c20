package argotest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// scope are the variables of a substitution, by their dotted names.
type scope map[string]string

// substitute replaces the tags in the JSON of a template or task. A tag whose variable is not in the scope stays, unless it
// begins with strict: the controller would wait for it for ever.
func substitute(text string, s scope, strict string) (string, error) {
	var b strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{{")
		b.WriteString(before)
		if !found {
			break
		}
		tag, behind, closed := strings.Cut(after, "}}")
		if !closed {
			b.WriteString("{{" + after)
			break
		}
		value, err := tagValue(tag, s, strict)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		rest = behind
	}
	if !json.Valid([]byte(b.String())) {
		return "", errors.New("cannot finish template replacement because the result was invalid JSON")
	}
	return b.String(), nil
}

// tagValue returns what takes the place of {{tag}} within a JSON string.
func tagValue(tag string, s scope, strict string) (string, error) {
	if source, isExpression := strings.CutPrefix(tag, "="); isExpression {
		return expressionValue(source, s, strict)
	}
	name := strings.TrimSpace(tag)
	value, known := s[name]
	switch {
	case known: // with Go's escapes, as the controller has it: some are not those of JSON
		quoted := strconv.Quote(value)
		return quoted[1 : len(quoted)-1], nil
	case strict != "" && strings.HasPrefix(name, strict+".") && !strings.Contains(name, ".outputs.artifacts."):
		return "", fmt.Errorf("failed to resolve {{%s}}", tag)
	}
	return "{{" + tag + "}}", nil
}

func expressionValue(escaped string, s scope, strict string) (string, error) {
	var source string
	if err := json.Unmarshal([]byte(`"`+escaped+`"`), &source); err != nil {
		return "", err
	}
	missing, err := missingNames(source, s)
	if err != nil {
		return "", err
	}
	for _, name := range missing {
		if strict != "" && strings.HasPrefix(name, strict+".") {
			return "", fmt.Errorf("failed to evaluate expression: %s is missing", name)
		}
	}
	value, err := evaluate(source, s)
	switch {
	case len(missing) > 0 && (err != nil || value == nil):
		return "{{=" + escaped + "}}", nil
	case err != nil:
		return "", fmt.Errorf("failed to evaluate expression: %w", err)
	case value == nil:
		return "", fmt.Errorf("failed to evaluate expression %q", source)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	if _, isText := value.(string); isText {
		return string(text[1 : len(text)-1]), nil
	}
	quoted := strconv.Quote(string(text))
	return quoted[1 : len(quoted)-1], nil
}

func evaluate(source string, s scope) (any, error) {
	env := s.tree()
	maps.Copy(env, functions)
	program, err := expr.Compile(source, expr.Env(env))
	if err != nil {
		return nil, err
	}
	return expr.Run(program, env)
}

// functions are those of the controller that expr itself does not have.
var functions = map[string]any{
	"asInt": func(v any) (int, error) { return strconv.Atoi(fmt.Sprint(v)) },
	"sprig": map[string]any{"sha256sum": func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}},
	"asFloat": func(v any) (float64, error) { return strconv.ParseFloat(fmt.Sprint(v), 64) },
}

// tree returns the variables as nested maps. Where one is the beginning of another, the shorter is left out.
func (s scope) tree() map[string]any {
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		at := root
		parts := strings.Split(name, ".")
		for _, part := range parts[:len(parts)-1] {
			next, isMap := at[part].(map[string]any)
			if !isMap {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		if last := parts[len(parts)-1]; at[last] == nil {
			at[last] = s[name]
		}
	}
	return root
}

// missingNames are the variables that an expression needs and the scope lacks. An operand of ?? or ?. is not needed.
func missingNames(source string, s scope) ([]string, error) {
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, err
	}
	v := &names{guarded: map[ast.Node]bool{}}
	ast.Walk(&tree.Node, guards{v})
	ast.Walk(&tree.Node, v)
	root := s.tree()
	return slices.DeleteFunc(v.found, func(name string) bool {
		var at any = root
		for part := range strings.SplitSeq(name, ".") {
			m, isMap := at.(map[string]any)
			if !isMap || m[part] == nil {
				return false
			}
			at = m[part]
		}
		return true
	}), nil
}

type names struct {
	guarded map[ast.Node]bool
	found   []string
}

func (v *names) Visit(node *ast.Node) {
	if v.guarded[*node] {
		return
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		v.found = append(v.found, n.Value)
	case *ast.MemberNode:
		if path, ok := memberPath(n); ok {
			v.found = append(v.found, path)
		}
	}
}

func memberPath(n *ast.MemberNode) (string, bool) {
	property, isText := n.Property.(*ast.StringNode)
	if n.Optional || !isText {
		return "", false
	}
	switch base := n.Node.(type) {
	case *ast.IdentifierNode:
		return base.Value + "." + property.Value, true
	case *ast.MemberNode:
		path, ok := memberPath(base)
		return path + "." + property.Value, ok
	}
	return "", false
}

// guards marks what an expression can do without.
type guards struct{ names *names }

func (g guards) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		if n.Operator == "??" {
			ast.Walk(&n.Left, marker(g))
		}
	case *ast.MemberNode:
		if _, isMember := n.Node.(*ast.MemberNode); n.Optional && isMember {
			g.names.guarded[n.Node] = true
		}
	}
}

type marker struct{ names *names }

func (m marker) Visit(node *ast.Node) {
	if _, isMember := (*node).(*ast.MemberNode); isMember {
		m.names.guarded[*node] = true
	}
}

var taskNames = regexp.MustCompile(`[a-zA-Z0-9][-a-zA-Z0-9]*\.(Succeeded|Failed|Errored|Skipped|Omitted|Daemoned)`)

// dependsOn returns the tasks that a depends names.
func dependsOn(depends string) []string {
	var out []string
	for _, m := range taskNames.FindAllString(depends, -1) {
		name, _, _ := strings.Cut(m, ".")
		out = append(out, name)
	}
	return out
}

// Holds evaluates a depends, given the phases of the tasks that it names.
func Holds(depends string, phases map[string]Phase) (bool, error) {
	if rest := taskNames.ReplaceAllString(depends, ""); strings.ContainsAny(rest, "abcdefghijklmnopqrstuvwxyz") {
		return false, fmt.Errorf("%q names a task without the phase that it must end in", depends)
	}
	env := map[string]any{}
	for name, phase := range phases {
		env[strings.ReplaceAll(name, "-", "_")] = map[string]bool{
			"Succeeded": phase == Succeeded, "Failed": phase == Failed, "Errored": phase == Error, "Skipped": phase == Skipped,
			"Omitted": phase == Omitted, "Daemoned": false,
		}
	}
	value, err := expr.Eval(strings.ReplaceAll(depends, "-", "_"), env)
	if err != nil {
		return false, err
	}
	holds, isBool := value.(bool)
	if !isBool {
		return false, fmt.Errorf("%q is no condition", depends)
	}
	return holds, nil
}
