package changes_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/changes"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// exempt are the fields of the intermediate form that are not compared, with the reason. Places in the spec are none of its meaning.
var exempt = map[string]string{
	"Pipeline.Version":   "all that one zenc compiles has the same",
	"Pipeline.Defaults":  "the steps have them",
	"Step.Group":         "the name of the step says it",
	"Group.Parent":       "the name of the group says it",
	"Step.NeedsAny":      "follows from the groups, and from what may be skipped in them",
	"Step.Gate":          "follows from the groups and their conditions",
	"Step.Along":         "follows from the foreach of the group",
	"Expr.Type":          "follows from what the expression is made of",
	"Expr.Nullable":      "follows from what the expression is made of",
	"Expr.NullableItems": "follows from what the expression is made of",
	"Expr.FanIn":         "follows from the foreach of the step that is named",
}

// everything has each part of the language at least once.
const everything = base + `  more:
    python: lib.steps:more
    outputs: {o: string}
    retries: {limit: 2, delay: 1s, backoff: 2, max_delay: 1h, on_exit_codes: [3, 4]}
    cache: {ttl: 1d}
    resources: {cpu: 1, memory: 1Gi, gpu: 1, gpu_type: a100, disk: 1Gi}
    allow_failure: true
    secrets: {A: "conn:aws/password"}
    with:
      map: {a: "${{ params.folds }}", b: ["${{ params.word }}", "x"]}
      literal: {a: [1, 2.5, null, true, "x"]}
      call: ${{ max([params.folds, 2]) }}
      index: ${{ [1, 2][params.folds] }}
      choice: '${{ params.region == "eu" ? 1 : 2 }}'
      text: a ${{ run.id }} b
  operate:
    operator: airflow.providers.standard.operators.bash.BashOperator
    with: {bash_command: x}
`

// TestEveryField changes each field of a compiled pipeline, one at a time: each must be told, so that a new field of the
// intermediate form cannot be forgotten here.
func TestEveryField(t *testing.T) {
	text := strings.Replace(everything, "start: 2026-01-01", "start: 2026-01-01, end: 2027-01-01, catchup: true, overlap: skip", 1)
	text = strings.Replace(text, "max_parallel: 4", "max_parallel: 4\nmax_active_runs: 2\nfail_fast: true", 1)
	files := map[string]string{"lib/steps.py": "", "deploy.sh": "\xff"}
	w := &fieldWalk{t: t, original: compile(t, text, files), changed: compile(t, text, files), told: map[string]bool{}}
	if got := changes.Compare(w.original, w.changed); len(got) > 0 {
		t.Fatal("there are changes before any was made: ", briefs(got))
	}
	w.value(reflect.ValueOf(w.changed).Elem(), "")
	every := compile(t, strings.Replace(text, `cron: "0 3 * * *"`, "every: 15m", 1), files)
	w.original, w.changed = every, compile(t, strings.Replace(text, `cron: "0 3 * * *"`, "every: 15m", 1), files)
	w.value(reflect.ValueOf(w.changed).Elem(), "")
	fields := map[string]bool{}
	allFields(reflect.TypeFor[ir.Pipeline](), fields)
	for name := range fields {
		if !w.told[name] {
			t.Errorf("a change of %s is not told: make it a fact, or name it in exempt with the reason", name)
		}
	}
	for name := range exempt {
		typeName, field, _ := strings.Cut(name, ".")
		if typeName == "" || field == "" || fields[name] {
			t.Errorf("%s is exempt, and no field", name)
		}
	}
}

// allFields lists the fields that a pipeline is made of, as Type.Field.
func allFields(of reflect.Type, out map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		allFields(of.Elem(), out)
	case reflect.Struct:
		for i := range of.NumField() {
			f := of.Field(i)
			name := of.Name() + "." + f.Name
			if isPlace(f.Type) || exempt[name] != "" || out[name] {
				continue
			}
			out[name] = true
			allFields(f.Type, out)
		}
	}
}

func isPlace(t reflect.Type) bool {
	return t == reflect.TypeFor[ir.Pos]() || t == reflect.TypeFor[ir.Positions]()
}

// fieldWalk changes one field after the other, and puts it back.
type fieldWalk struct {
	t                 *testing.T
	original, changed *ir.Pipeline
	path              []string        // the fields that lead to where it is, as Type.Field
	told              map[string]bool // by Type.Field: a change of it, or of something in it, was told somewhere
}

func (w *fieldWalk) value(v reflect.Value, name string) {
	if exempt[name] != "" || isPlace(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.value(v.Elem(), name)
		}
	case reflect.Slice: // the operands of an operator stay complete
		if n := v.Len(); n > 0 && (name != "Expr.Args" || n == 1 || n > 3) {
			w.try(v, v.Slice(0, n-1))
		}
		for i := range v.Len() {
			w.value(v.Index(i), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			w.path = append(w.path, name)
			w.value(v.Field(i), name)
			w.path = w.path[:len(w.path)-1]
		}
	default:
		w.try(v, other(w.t, v))
	}
}

// try sets a field, asks whether that is told, and puts it back.
func (w *fieldWalk) try(v, to reflect.Value) {
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	v.Set(to)
	if len(changes.Compare(w.original, w.changed)) > 0 {
		for _, name := range w.path {
			w.told[name] = true
		}
	}
	v.Set(before)
}

// other is another value of the type.
func other(t *testing.T, v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(v.String() + "x")
	case reflect.Bool:
		out.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		out.SetInt(v.Int() + 1)
	case reflect.Float64:
		out.SetFloat(v.Float() + 1)
	case reflect.Uint8:
		out.SetUint(v.Uint() ^ 1)
	default:
		t.Fatalf("the test does not know how to change a %s", v.Type())
	}
	return out
}
