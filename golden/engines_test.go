package golden

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// engineTables are the sections of docs/engines.md with a table of all keys, by flavor.
var engineTables = map[string]string{"local": "## One machine", "airflow": "## Airflow", "kubeflow": "## Argo Workflows and Kubeflow"}

// keySamples are the lines that add a key to a pipeline, for the keys that an engine may refuse or not apply. Behind "step: "
// they are added to its step.
var keySamples = map[string]string{
	"schedule":                 "schedule: {cron: '0 3 * * *'}",
	"schedule.cron":            "schedule: {cron: '0 3 * * *'}",
	"schedule.timezone":        "schedule: {cron: '0 3 * * *', timezone: Europe/Berlin}",
	"schedule.every":           "schedule: {every: 1h}",
	"schedule.start":           "schedule: {cron: '0 3 * * *', start: 2026-01-01}",
	"schedule.end":             "schedule: {cron: '0 3 * * *', end: 2036-01-01}",
	"schedule.catchup":         "schedule: {cron: '0 3 * * *', catchup: true, start: 2026-01-01}",
	"schedule.overlap":         "schedule: {cron: '0 3 * * *', overlap: allow}",
	"params":                   "params: {x: 1}",
	"requirements":             "requirements: [numpy]",
	"timeout":                  "timeout: 1h",
	"max_parallel":             "max_parallel: 2",
	"max_active_runs":          "max_active_runs: 2",
	"fail_fast":                "fail_fast: true",
	"finally":                  "finally: {f: {run: echo}}",
	"labels":                   "labels: {team: growth}",
	"steps.steps":              "step: {steps: {c: {run: echo}}, when: '${{ run.id != \"x\" }}'}",
	"steps.run_if":             "step: {run: echo, needs: [a], run_if: done}",
	"steps.when":               "step: {run: echo, when: '${{ run.id != \"x\" }}'}",
	"steps.command":            "step: {command: [echo]}",
	"steps.shell":              "step: {run: echo, shell: sh}",
	"steps.operator":           "step: {operator: a.B}",
	"steps.env":                "step: {run: echo, env: {A: b}}",
	"steps.secrets":            "step: {run: echo, secrets: {A: b/c}}",
	"steps.foreach":            "step: {run: echo, foreach: {x: [1, 2]}}",
	"steps.max_parallel":       "step: {run: echo, foreach: {x: [1, 2]}, max_parallel: 1}",
	"steps.retries":            "step: {run: echo, retries: 2}",
	"steps.retries.limit":      "step: {run: echo, retries: {limit: 2}}",
	"steps.retries.delay":      "step: {run: echo, retries: {limit: 2, delay: 3s}}",
	"steps.retries.backoff":    "step: {run: echo, retries: {limit: 2, delay: 3s, backoff: 2}}",
	"steps.retries.max_delay":  "step: {run: echo, retries: {limit: 2, delay: 3s, backoff: 2, max_delay: 9s}}",
	"steps.timeout":            "step: {run: echo, timeout: 3s}",
	"steps.allow_failure":      "step: {run: echo, allow_failure: true}",
	"steps.skip_exit_code":     "step: {run: echo, skip_exit_code: 99}",
	"steps.cache":              "step: {run: echo, cache: true}",
	"steps.cache.ttl":          "step: {run: echo, cache: {ttl: 3d}}",
	"steps.image":              "step: {run: echo, image: 'python:3'}",
	"steps.resources":          "step: {run: echo, resources: {cpu: 1}}",
	"steps.resources.cpu":      "step: {run: echo, resources: {cpu: 1}}",
	"steps.resources.memory":   "step: {run: echo, resources: {memory: 1Gi}}",
	"steps.resources.disk":     "step: {run: echo, resources: {disk: 1Gi}}",
	"steps.resources.gpu":      "step: {run: echo, resources: {gpu: 1}}",
	"steps.resources.gpu_type": "step: {run: echo, resources: {gpu: 1, gpu_type: a100}}",

	"steps.retries.on_exit_codes": "step: {run: echo, retries: {limit: 2, on_exit_codes: [3]}}",
}

var quotedKey = regexp.MustCompile("`([a-z_.]+)`")

// TestEngineTables holds the tables of docs/engines.md to the language and to what the flavors refuse.
func TestEngineTables(t *testing.T) {
	text, err := os.ReadFile("../docs/engines.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flavors {
		title, ok := engineTables[f.name]
		if !ok {
			continue
		}
		rows := engineRows(t, string(text), title)
		for _, key := range spec.Keys() {
			becomes, ok := rows[key]
			if !ok {
				t.Errorf("docs/engines.md: %s: no row has `%s`", title, key)
				continue
			}
			sample, ok := keySamples[key]
			if !ok {
				continue
			}
			refused := checkSample(t, sample, f.backend, f.options)
			if says := strings.HasPrefix(becomes, "refused"); says != refused {
				t.Errorf("docs/engines.md: %s: `%s` is said to be refused: %v, and is: %v", title, key, says, refused)
			}
		}
		for key := range rows {
			if !slices.Contains(spec.Keys(), key) {
				t.Errorf("docs/engines.md: %s: `%s` is no key of the language", title, key)
			}
		}
	}
}

// engineRows returns what each key becomes, of the first table below a title.
func engineRows(t *testing.T, text, title string) map[string]string {
	t.Helper()
	_, section, found := strings.Cut(text, "\n"+title+"\n")
	if !found {
		t.Fatalf("docs/engines.md has no section %q", title)
	}
	_, table, _ := strings.Cut(section, "| key | becomes | costs |\n| --- | --- | --- |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		for _, m := range quotedKey.FindAllStringSubmatch(cells[1], -1) {
			if rows[m[1]] != "" {
				t.Errorf("docs/engines.md: %s: `%s` has two rows", title, m[1])
			}
			rows[m[1]] = strings.TrimSpace(cells[2])
		}
	}
	return rows
}

// checkSample reports whether a flavor refuses a pipeline with a key.
func checkSample(t *testing.T, sample string, b backends.Backend, o []ir.Field) bool {
	t.Helper()
	text := "name: sample\nsteps:\n  a: {run: echo}\n"
	if step, ok := strings.CutPrefix(sample, "step: "); ok {
		text += "  b: " + step + "\n"
	} else {
		text += sample + "\n"
	}
	p, diags := compiler.Compile(compiler.Source{Data: []byte(text)})
	if diags.HasErrors() {
		t.Fatalf("%s", render(diag.Source{Name: sample, Data: []byte(text)}, diags))
	}
	found := b.Check(p, backends.Options{Fields: o})
	return found.HasErrors()
}
