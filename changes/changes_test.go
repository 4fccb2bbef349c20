package changes_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/changes"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// base is what the cases change.
const base = `name: churn
description: Nightly
owner: growth
labels: {team: growth}
schedule: {cron: "0 3 * * *", timezone: Europe/Berlin, start: 2026-01-01}
params:
  region: {type: string, default: eu, enum: [eu, us], description: Where}
  folds: {type: int, default: 3, min: 1, max: 9}
  word: {type: string, default: abc, pattern: "[a-c]+"}
timeout: 2h
max_parallel: 4
requirements: ["pandas==2.2.2", numpy]
files: [deploy.sh]
options: {airflow: {tags: [a]}}
steps:
  extract:
    description: Read
    python: lib.steps:extract
    with: {region: "${{ params.region }}"}
    outputs: {rows: file, count: int}
  train:
    python: lib.steps:train
    with: {rows: "${{ steps.extract.rows }}", rate: 0.5}
    outputs: {score: float}
    retries: {limit: 3, delay: 30s}
    timeout: 1h
    resources: {cpu: 2, memory: 4Gi}
    image: "python:3.12"
    cache: {ttl: 7d}
  deploy:
    run: |
      ./deploy.sh "$IN_SCORE"
      echo done
    with: {score: "${{ steps.train.score }}"}
    when: ${{ steps.train.score > 0.9 }}
    env: {MODE: fast}
    secrets: {TOKEN: deploy/token}
    options: {airflow: {pool: small}}
  each:
    command: [echo, "${{ each.n }}"]
    foreach: {n: [1, 2]}
    max_parallel: 2
    needs: [extract]
  region:
    when: ${{ steps.extract.count > 0 }}
    steps:
      fetch: {run: 'echo 1 > "$OUT_N"', outputs: {n: int}}
      fit: {run: 'echo "$IN_N"', with: {n: "${{ steps.fetch.n }}"}}
    outputs: {n: "${{ steps.fetch.n }}"}
  after: {run: 'echo after "$IN_N"', with: {n: "${{ steps.region.n }}"}}
finally:
  report: {run: "echo bye for now"}
`

var baseFiles = map[string]string{"lib/steps.py": "def extract(): ...\n", "lib/util.py": "", "deploy.sh": "echo\n"}

func compile(t *testing.T, text string, files map[string]string) *ir.Pipeline {
	t.Helper()
	folder := fstest.MapFS{}
	for name, content := range files {
		folder[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	p, diags := compiler.Compile(compiler.Source{Data: []byte(text), Code: folder, Folder: folder})
	if diags.HasErrors() {
		var out strings.Builder
		diag.Render(&out, diag.Source{Name: "spec", Data: []byte(text)}, diags, diag.Style{})
		t.Fatal(out.String())
	}
	return p
}

// brief is a change on one line; a breaking one ends in an exclamation mark.
func brief(c changes.Change) string {
	out := string(c.Action)
	for _, part := range []string{c.Step, c.Group, c.Key, c.Name, c.Field} {
		if part != "" {
			out += " " + part
		}
	}
	if c.Old != "" || c.New != "" {
		out += fmt.Sprintf(": %s -> %s", c.Old, c.New)
	}
	if c.Breaking != "" {
		out += " !"
	}
	return out
}

func briefs(all changes.Changes) []string {
	out := []string{}
	for _, c := range all {
		out = append(out, brief(c))
	}
	return out
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		edits string // "old => new" a line
		want  string // changes, a line each
	}{
		{`name: churn => name: loyalty`, `changed name: churn -> loyalty !`},
		{`Nightly => Weekly`, `changed description: Nightly -> Weekly`},
		{`owner: growth => owner: risk`, `changed owner: growth -> risk`},
		{`{team: growth} => {team: risk, tier: gold}`, "changed labels team: growth -> risk\nadded labels tier:  -> gold"},
		{`0 3 * * * => 30 4 * * 1-5`, `changed schedule: every day at 03:00 Europe/Berlin -> every Monday to Friday at 04:30 Europe/Berlin !`},
		{`Europe/Berlin => UTC`, "changed schedule: every day at 03:00 Europe/Berlin -> every day at 03:00 UTC !\n" +
			"changed schedule start: 2026-01-01T00:00:00+01:00 -> 2026-01-01T00:00:00Z !"},
		{`start: 2026-01-01 => start: 2026-02-01`, `changed schedule start: 2026-01-01T00:00:00+01:00 -> 2026-02-01T00:00:00+01:00 !`},
		{`start: 2026-01-01 => start: 2026-01-01, end: 2027-01-01`, `added schedule end:  -> 2027-01-01T00:00:00+01:00`},
		{`start: 2026-01-01 => start: 2026-01-01, catchup: true, overlap: skip`,
			"changed schedule catchup: false -> true !\nchanged schedule overlap: allow -> skip"},
		{`schedule: => #`, `removed schedule: every day at 03:00 Europe/Berlin, from 2026-01-01T00:00:00+01:00, overlap allow ->  !`},
		{`default: eu => default: us`, `changed params region default: "eu" -> "us"`},
		{`enum: [eu, us] => enum: [eu, us, uk]`, `changed params region enum: "eu", "us" -> "eu", "us", "uk"`},
		{`enum: [eu, us] => enum: [eu]`, `changed params region enum: "eu", "us" -> "eu" !`},
		{`min: 1, max: 9 => min: 2, max: 8`, "changed params folds min: 1 -> 2 !\nchanged params folds max: 9 -> 8 !"},
		{`min: 1, max: 9 => min: 0, max: 10`, "changed params folds min: 1 -> 0\nchanged params folds max: 9 -> 10"},
		{`, min: 1, max: 9 => `, "removed params folds min: 1 -> \nremoved params folds max: 9 -> "},
		{`[a-c]+ => [a-d]+`, `changed params word pattern: [a-c]+ -> [a-d]+ !`},
		{`type: int, default: 3, min: 1, max: 9 => type: float, default: 3, min: 1, max: 9`,
			"changed params folds type: int -> float !\nchanged params folds default: 3 -> 3.0\n" +
				"changed params folds min: 1 -> 1.0\nchanged params folds max: 9 -> 9.0"},
		{`  word: => #`, `removed params word: string, default "abc", pattern [a-c]+ ->  !`},
		{`timeout: 2h => timeout: 90m`, `changed timeout: 2h -> 1h30m`},
		{`max_parallel: 4 => fail_fast: true`, "added fail_fast:  -> true\nremoved max_parallel: 4 -> "},
		{`max_parallel: 4 => max_active_runs: 1`, "added max_active_runs:  -> 1\nremoved max_parallel: 4 -> "},
		{`pandas==2.2.2", numpy => Pandas==2.2.3", polars`, "changed requirements pandas: pandas==2.2.2 -> Pandas==2.2.3\n" +
			"added requirements polars:  -> polars\nremoved requirements numpy: numpy -> "},
		{`files: [deploy.sh] => files: []`, `removed code deploy.sh`},
		{`tags: [a] => tags: [a, b]`, `changed options airflow tags: ["a"] -> ["a", "b"]`},
		{`description: Read => description: Fetch`, `changed extract description: Read -> Fetch`},
		{`steps:extract => steps:load`, `changed extract python: lib.steps:extract -> lib.steps:load`},
		{`{region: "${{ params.region }}"} => {region: "${{ upper(params.region) }}"}`,
			`changed extract with region: ${{ params.region }} -> ${{ upper(params.region) }}`},
		{`rate: 0.5 => rate: fast`, "changed train with rate: 0.5 -> \"fast\"\nchanged train with rate type: float -> string"},
		{`, rate: 0.5 => , step: 1`, "added train with step:  -> 1\nremoved train with rate: 0.5 -> "},
		{`rows: file, count: int => rows: dir, count: int, extra: json`,
			"changed extract outputs rows: file -> dir !\nadded extract outputs extra:  -> json\nchanged train with rows type: file -> dir"},
		{`limit: 3, delay: 30s => limit: 2, delay: 1m, backoff: 2, max_delay: 1h, on_exit_codes: [75, 3]`,
			"changed train retries: 3 -> 2\nchanged train retries delay: 30s -> 1m\nchanged train retries backoff: 1.0 -> 2.0\n" +
				"added train retries max_delay:  -> 1h\nadded train retries on_exit_codes:  -> 3, 75"},
		{`    retries: => #`, `removed train retries: 3 -> `},
		{`timeout: 1h => timeout: 45m`, `changed train timeout: 1h -> 45m`},
		{`cpu: 2, memory: 4Gi => memory: 8Gi, gpu: 1, gpu_type: a100, disk: 1Gi`, "changed train resources memory: 4Gi -> 8Gi\n" +
			"added train resources gpu:  -> 1\nadded train resources gpu_type:  -> a100\nadded train resources disk:  -> 1Gi\n" +
			"removed train resources cpu: 2 -> "},
		{`python:3.12 => python:3.13`, `changed train image: python:3.12 -> python:3.13`},
		{`cache: {ttl: 7d} => cache: true`, `removed train cache ttl: 7d -> `},
		{`cache: {ttl: 7d} => allow_failure: true`, "added train allow_failure:  -> true\nremoved train cache: true -> "},
		{`> 0.9 => > 0.95`, `changed deploy when: ${{ steps.train.score > 0.9 }} -> ${{ steps.train.score > 0.95 }}`},
		{`MODE: fast => MODE: slow`, `changed deploy env MODE: "fast" -> "slow"`},
		{`TOKEN: deploy/token => TOKEN: deploy/other, KEY: "conn:aws/password"`,
			"changed deploy secrets TOKEN: deploy/token -> deploy/other\nadded deploy secrets KEY:  -> conn:aws/password"},
		{`pool: small => pool: large`, `changed deploy options airflow pool: "small" -> "large"`},
		{`echo done => echo over`, `changed deploy run`},
		{`secrets: {TOKEN: deploy/token} => skip_exit_code: 99`, "added deploy skip_exit_code:  -> 99\nremoved deploy secrets TOKEN: deploy/token -> "},
		{`secrets: {TOKEN: deploy/token} => shell: sh -e`, "changed deploy shell: bash -eo pipefail -> sh -e\nremoved deploy secrets TOKEN: deploy/token -> "},
		{`n: [1, 2] => n: [1, 2, 3]`, `changed each foreach: n in [1, 2] -> n in [1, 2, 3]`},
		{`n: [1, 2] => n: [1.5]`, "changed each foreach: n in [1, 2] -> n in [1.5]\nchanged each foreach type of n: int -> float"},
		{`max_parallel: 2 => max_parallel: 3`, `changed each max_parallel: 2 -> 3`},
		{`needs: [extract] => needs: [train]`, "added each needs train\nremoved each needs extract"},
		{"needs: [extract] => needs: [extract]\n    run_if: done", "changed each run_if: succeeded -> done"},
		{`[echo, " => [printf, "`, `changed each command: "echo" "${{ each.n }}" -> "printf" "${{ each.n }}"`},
		{`count > 0 }} => count > 1 }}`, `changed region when: ${{ steps.extract.count > 0 }} -> ${{ steps.extract.count > 1 }}`},
		{`    when: ${{ steps.extract.count > 0 }} => #`, "removed region when: ${{ steps.extract.count > 0 }} -> \n" +
			"removed region.fetch needs extract"},
		{`echo bye => echo farewell`, `changed report run`},
	} {
		t.Run(c.edits, func(t *testing.T) {
			old, now, _ := strings.Cut(c.edits, " => ")
			if c.want == "" || !strings.Contains(base, old) {
				t.Fatal("the case changes nothing")
			}
			text := strings.Replace(base, old, now, 1)
			got := briefs(changes.Compare(compile(t, base, baseFiles), compile(t, text, baseFiles)))
			if diff := cmp.Diff(strings.Split(c.want, "\n"), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
