package changes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/changes"
)

// TestSteps is about whole steps and groups.
func TestSteps(t *testing.T) {
	const head = "name: p\nsteps:\n"
	const mapped = head + `  list: {run: 'echo "[1]" > "$OUT_NS"', outputs: {ns: "list[int]"}}
  region:
    foreach: {n: "${{ steps.list.ns }}"}
    steps:
      fetch: {run: 'echo "$IN_N" > "$OUT_M"', with: {n: "${{ each.n }}"}, outputs: {m: int}}
      fit: {run: 'echo fit "$IN_M"', with: {m: "${{ steps.fetch.m }}"}}
  after: {run: echo after all, needs: [region]}
`
	const chain = head + `  first: {run: 'echo 1 > "$OUT_N"', outputs: {n: int}}
  second: {run: 'echo second "$IN_N"', with: {n: "${{ steps.first.n }}"}}
  third: {run: echo third one, needs: [second]}
`
	for _, c := range []struct {
		name     string
		old, now string
		want     []string
	}{
		{"added", chain, chain + "  fourth: {command: [ls, -l], needs: [third, first]}\n",
			[]string{`added fourth step:  -> command "ls" "-l", needs first, third`}},
		{"added with all", chain, chain + "  all:\n    run: |\n      a\n      b\n    foreach: {x: [1]}\n    when: ${{ each.x > 1 }}\n",
			[]string{`added all step:  -> run of 2 lines, for each x, when ${{ each.x > 1 }}`}},
		{"added to finally", chain, chain + "finally: {bye: {run: echo}}\n", []string{`added bye step:  -> run of 1 line, in finally`}},
		{"removed", chain, strings.Replace(chain, "  third:", "  #", 1), []string{`removed third step: run of 1 line, needs second ->  !`}},
		{"renamed, and those that need it have not changed", chain,
			strings.NewReplacer("first", "begin", "second:", "middle:", "[second]", "[middle]").Replace(chain),
			[]string{`renamed begin step: first -> begin !`, `renamed middle step: second -> middle !`}},
		{"renamed and slightly changed", chain, strings.NewReplacer("first", "begin", "echo 1", "echo 2").Replace(chain),
			[]string{`renamed begin step: first -> begin !`, `changed begin run`}},
		{"swapped names are other scripts", chain,
			head + "  a: {run: echo a}\n  first: {run: 'echo 2 > \"$OUT_N\"', outputs: {n: int}}\n",
			[]string{`added a step:  -> run of 1 line`, `changed first run`, `removed second step: run of 1 line, needs first ->  !`,
				`removed third step: run of 1 line, needs second ->  !`}},
		{"another step is no renamed one", head + "  a: {run: ./load --all}\n", head + "  b: {run: ./train --fast}\n",
			[]string{`added b step:  -> run of 1 line`, `removed a step: run of 1 line ->  !`}},
		{"the same twice", head + "  a: {run: x}\n  b: {run: x}\n", head + "  c: {run: x}\n  d: {run: x}\n",
			[]string{`renamed c step: a -> c !`, `renamed d step: b -> d !`}},
		{"moved into a group", head + "  a: {run: x}\n  b: {run: x}\n", head + "  b: {run: x}\n  g: {steps: {a: {run: x}}}\n",
			[]string{`added g group`, `renamed g.a step: a -> g.a !`}},
		{"another kind", head + "  a: {run: ls -l}\n", head + "  a: {command: [ls, -l]}\n",
			[]string{`added a command:  -> "ls" "-l"`, `removed a run`, `removed a shell: bash -eo pipefail -> `}},
		{"moved to finally", head + "  a: {run: x}\n  b: {run: y}\n", head + "  a: {run: x}\nfinally:\n  b: {run: y}\n",
			[]string{`added b finally:  -> true`}},
		{"became a foreach", chain, strings.Replace(chain, "outputs: {n: int}}", "outputs: {n: int}, foreach: {x: [1]}}", 1),
			[]string{`added first foreach:  -> x in [1] !`, `changed second with n type: int -> list[int]`}},
		{"group renamed", mapped, strings.ReplaceAll(mapped, "region", "country"), []string{`renamed country group: region -> country !`}},
		{"group removed", mapped, mapped[:strings.Index(mapped, "  region:")], []string{`removed region group: for each n -> `,
			`removed region.fetch step: run of 1 line, needs list ->  !`, `removed region.fit step: run of 1 line, needs region.fetch ->  !`,
			`removed after step: run of 1 line, needs region ->  !`}},
		{"group with another list", mapped, strings.Replace(mapped, "steps.list.ns }}", "steps.list.ns }}\", k: \"${{ steps.list.ns }}", 1),
			[]string{`changed region foreach: n in ${{ steps.list.ns }} -> n in ${{ steps.list.ns }}, k in ${{ steps.list.ns }}`,
				`added region foreach type of k:  -> int`}},
		{"group that gets a condition", strings.Replace(mapped, "    foreach:", "    max_parallel: 2\n    foreach:", 1), mapped,
			[]string{`removed region max_parallel: 2 -> `}},
		{"group described", mapped, strings.Replace(mapped, "    foreach:", "    description: All\n    foreach:", 1),
			[]string{`added region description:  -> All`}},
		{"param that a run must give", "name: p\nparams: {x: 1}\n" + head[8:] + "  a: {run: x}\n",
			"name: p\nparams: {x: {type: int}, y: {type: string}}\n" + head[8:] + "  a: {run: x}\n",
			[]string{`added params y:  -> string, no default !`, `removed params x default: 1 ->  !`}},
		{"param with a default", chain, "params: {x: {type: int, default: 1, min: 0}}\n" + chain,
			[]string{`added params x:  -> int, default 1, min 0`}},
		{"schedule set", chain, "schedule: {every: 15m}\n" + chain, []string{`added schedule:  -> every 15 minutes, overlap allow !`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := briefs(changes.Compare(compile(t, c.old, nil), compile(t, c.now, nil)))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWholePipeline(t *testing.T) {
	p := compile(t, base, baseFiles)
	if got, want := briefs(changes.Compare(nil, p)), []string{`added pipeline churn:  -> 8 steps, every day at 03:00 Europe/Berlin`}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if got, want := briefs(changes.Compare(p, nil)), []string{`removed pipeline churn: 8 steps, every day at 03:00 Europe/Berlin ->  !`}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if got := changes.Compare(nil, nil); got != nil {
		t.Error(got)
	}
}

func TestCode(t *testing.T) {
	files := map[string]string{"lib/steps.py": "def extract(): 1\n", "lib/new.py": "", "deploy.sh": "echo\n"}
	got := changes.Compare(compile(t, base, baseFiles), compile(t, base, files))
	want := changes.Changes{
		{Action: changes.Added, Key: "code", Name: "lib/new.py", Steps: []string{"extract", "train"}},
		{Action: changes.Changed, Key: "code", Name: "lib/steps.py", Steps: []string{"extract", "train"}},
		{Action: changes.Removed, Key: "code", Name: "lib/util.py", Steps: []string{"extract", "train"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestScriptDiff(t *testing.T) {
	lines := "      1\n      2\n      3\n      4\n      5\n      6\n      7\n      8\n      9\n"
	spec := "name: p\nsteps:\n  a:\n    run: |\n" + lines
	got := changes.Compare(compile(t, spec, nil), compile(t, strings.Replace(spec, "8", "eight", 1), nil))
	want := changes.Changes{{Action: changes.Changed, Step: "a", Key: "run", Diff: "@@ -5,5 +5,5 @@\n 5\n 6\n 7\n-8\n+eight\n 9\n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestManySteps holds that many renamed steps are found in a time that one can wait for.
func TestManySteps(t *testing.T) {
	var old, now strings.Builder
	old.WriteString("name: p\nsteps:\n")
	now.WriteString("name: p\nsteps:\n")
	for i := range 1000 {
		fmt.Fprintf(&old, "  a%d: {run: echo %d%s}\n", i, i, map[bool]string{true: fmt.Sprintf(", needs: [a%d]", i-1)}[i > 0])
		fmt.Fprintf(&now, "  b%d: {run: echo %d%s}\n", i, i, map[bool]string{true: fmt.Sprintf(", needs: [b%d]", i-1)}[i > 0])
	}
	got := changes.Compare(compile(t, old.String(), nil), compile(t, now.String(), nil)).Summary()
	if want := (changes.Summary{StepsRenamed: 1000, Breaking: 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSummary(t *testing.T) {
	for want, s := range map[string]changes.Summary{
		"no change in meaning":                               {},
		"1 step added":                                       {StepsAdded: 1},
		"2 steps added, 1 removed":                           {StepsAdded: 2, StepsRemoved: 1},
		"1 step renamed, 3 changed; 2 breaking changes":      {StepsRenamed: 1, StepsChanged: 3, Breaking: 2},
		"1 change of the pipeline itself; 1 breaking change": {Pipeline: 1, Breaking: 1},
		"1 step removed; 2 changes of the pipeline itself":   {StepsRemoved: 1, Pipeline: 2},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestScheduleWords(t *testing.T) {
	words := func(schedule string) string {
		p := compile(t, "name: p\nschedule: "+schedule+"\nsteps: {a: {run: x}}\n", nil)
		text := changes.Compare(compile(t, "name: p\nsteps: {a: {run: x}}\n", nil), p)[0].New
		return strings.TrimSuffix(text, ", overlap allow")
	}
	for _, c := range []struct{ schedule, want string }{
		{`{cron: "0 3 * * *"}`, "every day at 03:00 UTC"},
		{`{cron: "@daily", timezone: Asia/Tokyo}`, "every day at 00:00 Asia/Tokyo"},
		{`{cron: "@midnight"}`, "every day at 00:00 UTC"},
		{`{cron: "@hourly"}`, "every hour at minute 0 UTC"},
		{`{cron: "@weekly"}`, "every Sunday at 00:00 UTC"},
		{`{cron: "@monthly"}`, "every month on day 1 at 00:00 UTC"},
		{`{cron: "@yearly"}`, "every year on 1 January at 00:00 UTC"},
		{`{cron: "* * * * *"}`, "every minute UTC"},
		{`{cron: "*/15 * * * *"}`, "every 15 minutes UTC"},
		{`{cron: "*/7 * * * *"}`, "cron */7 * * * * UTC"},
		{`{cron: "05 */6 * * *"}`, "every 6 hours at minute 5 UTC"},
		{`{cron: "0 */5 * * *"}`, "cron 0 */5 * * * UTC"},
		{`{cron: "15 4 * * MON"}`, "every Monday at 04:15 UTC"},
		{`{cron: "15 4 * * fri,1"}`, "every Monday, Friday at 04:15 UTC"},
		{`{cron: "15 4 * * 1-5"}`, "every Monday to Friday at 04:15 UTC"},
		{`{cron: "15 4 24 dec *"}`, "every year on 24 December at 04:15 UTC"},
		{`{cron: "15 4 1 * 1"}`, "cron 15 4 1 * 1 UTC"},
		{`{cron: "0 8,20 * * *"}`, "cron 0 8,20 * * * UTC"},
		{`{cron: "*/10 * * * 1"}`, "cron */10 * * * 1 UTC"},
		{`{every: 1d}`, "every day"},
		{`{every: 90m}`, "every 90 minutes"},
		{`{every: 90s}`, "every 90 seconds"},
	} {
		if got := words(c.schedule); got != c.want {
			t.Errorf("%s: %q, want %q", c.schedule, got, c.want)
		}
	}
}

// TestExpressions holds that an expression is shown as one could write it: read again, it means the same.
func TestExpressions(t *testing.T) {
	const params = "name: p\nparams: {b: true, c: false, i: 1, j: 2, x: 1.5, s: a, xs: [1, 2], o: {type: json, default: {k: [1]}}}\nsteps:\n"
	for _, text := range []string{
		"params.i + params.j * 2", "(params.i + params.j) * 2", "params.i - (params.j - 1)", "params.i - params.j - 1", "-params.i", "-(params.i + 1)",
		"!(params.b && params.c)", "!params.b && params.c", "params.b || params.c && params.b", "(params.b || params.c) && params.b",
		"params.b ? 1 : params.c ? 2 : 3", "(params.b ? params.i : 2) + 1", `params.s contains "a"`, `params.i in params.xs`,
		`params.s + "it's \"quoted\" \n $${{ x }}"`, "params.xs[params.i - 1]", "params.o.k[0].z", "(params.o ?? params.o).k", `len(params.s) % 2`,
		`[params.i, 2]`, `{"a": params.i, "b": [1]}`, "params.x / 2.0", "float(params.i)", `run.id + run.date`,
	} {
		spec := func(expression string) string {
			return params + "  a:\n    run: x\n    with:\n      v: '${{ " + strings.ReplaceAll(expression, "'", "''") + " }}'\n"
		}
		p := compile(t, spec(text), nil)
		shown := changes.Compare(compile(t, params+"  a: {run: x}\n", nil), p)[0].New
		again, _ := strings.CutPrefix(shown, "${{ ")
		again, _ = strings.CutSuffix(again, " }}")
		if got := changes.Compare(p, compile(t, spec(again), nil)); len(got) > 0 {
			t.Errorf("%s is shown as %s, which is something else: %v", text, shown, briefs(got))
		}
		if len(shown) > len(text)+len("${{  }}")+10 {
			t.Errorf("%s is shown as %s", text, shown)
		}
	}
}
