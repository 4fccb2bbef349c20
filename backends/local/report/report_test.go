package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends/local/report"
	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// writeRun makes the folder of a run: its plan, its journal, and logs by their paths below steps.
func writeRun(t *testing.T, plan runtime.Plan, journal []string, logs map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "20260101-020000-00000")
	write := func(name string, content []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plan.Version = 1
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	write("plan.json", text)
	write("journal.jsonl", []byte(strings.Join(journal, "\n")+"\n"))
	for name, log := range logs {
		write(filepath.Join("steps", name+".log"), []byte(log))
	}
	return dir
}

// event is a line of a journal, so many seconds after two o'clock.
func event(second int, kind, rest string) string {
	return fmt.Sprintf(`{"event":%q,"time":"2026-01-01T02:%02d:%02dZ"%s}`, kind, second/60, second%60, rest)
}

func page(t *testing.T, dir string) []byte {
	t.Helper()
	h, err := runtime.ReadRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const evil = `</pre></script><script>console.log(1)</script><img src=x onerror=console.log(2)>\" onload=\"console.log(3)`

// hostileRun has markup and control characters wherever a run has text of its own.
func hostileRun(t *testing.T) string {
	plan := runtime.Plan{Pipeline: "hostile", Steps: []runtime.PlanStep{
		{Name: "evil", Kind: "run", What: strings.ReplaceAll(evil, `\"`, `"`)},
		{Name: "region.fan", Kind: "python", What: "a:b", Needs: []string{"evil"}, Foreach: true},
		{Name: "region.behind", Kind: "run", What: "x", Needs: []string{"region.fan"}},
		{Name: "after", Kind: "run", What: "x", Needs: []string{"evil", "region.behind"}, Finally: true},
	}}
	journal := []string{
		event(0, "run_started", `,"params":{"p":"`+evil+`"},"notes":["`+evil+`"]`),
		event(1, "step_started", `,"step":"evil","attempt":1,"inputs":{"i":"`+evil+`"}`),
		event(3, "step_ended", `,"step":"evil","state":"failed","attempts":1,"error":"`+evil+`","outputs":{"o":{"`+evil+`":"\u0000\u202e]]>"}}`),
		event(4, "step_started", `,"step":"region.fan","index":0,"attempt":1`),
		event(4, "step_started", `,"step":"region.fan","index":1,"attempt":1`),
		event(5, "instance_ended", `,"step":"region.fan","index":1,"state":"succeeded","attempts":1,"outputs":{"o":"`+evil+`"}`),
		event(6, "instance_ended", `,"step":"region.fan","index":0,"state":"succeeded","attempts":1`),
		event(6, "step_ended", `,"step":"region.fan","state":"succeeded","attempts":2,"instances":{"succeeded":2}`),
		event(6, "step_ended", `,"step":"region.behind","state":"skipped"`),
		event(6, "step_ended", `,"step":"after","state":"upstream_failed"`),
		event(7, "run_ended", `,"status":"failed","error":"`+evil+`"`),
	}
	return writeRun(t, plan, journal, map[string]string{
		"evil/attempt-1":         "<script>alert(1)</script>]]>-->\n\x1b[1;31mred\x1b[0m \x00\u202e \xff\x1b]0;title\x07 end",
		"region.fan/0/attempt-1": "fine\n",
	})
}

// everyState is a run that was killed, resumed and killed again, with a step in each state.
func everyState(t *testing.T) string {
	names := []string{"done", "bad", "left", "behind", "stopped", "later"}
	plan := runtime.Plan{Pipeline: "states"}
	for i, name := range names {
		step := runtime.PlanStep{Name: name, Kind: "run", What: "run " + name}
		if i > 0 {
			step.Needs = names[i-1 : i]
		}
		plan.Steps = append(plan.Steps, step)
	}
	journal := []string{
		event(0, "run_started", `,"params":{"p":1},"notes":["a note"]`),
		event(0, "step_started", `,"step":"done","attempt":1,"inputs":{"i":1.0}`),
		event(1, "run_started", ``),
		event(1, "step_started", `,"step":"done","attempt":2`),
		event(2, "step_ended", `,"step":"done","state":"succeeded","attempts":2,"outputs":{"o":[1,2]}`),
		event(2, "step_started", `,"step":"bad","attempt":1`),
		event(3, "step_retry", `,"step":"bad","attempt":1,"error":"exit code 1"`),
		event(5, "step_started", `,"step":"bad","attempt":2`),
		event(6, "step_ended", `,"step":"bad","state":"failed","attempts":2,"error":"exit code 2"`),
		event(6, "step_ended", `,"step":"left","state":"skipped","error":"the list of foreach is empty"`),
		event(6, "step_ended", `,"step":"behind","state":"upstream_failed"`),
		event(6, "step_started", `,"step":"stopped","attempt":1`),
	}
	return writeRun(t, plan, journal, map[string]string{"bad/attempt-2": strings.Repeat("a line of the log\n", 10_000)})
}

func TestPage(t *testing.T) {
	dir := everyState(t)
	text := string(page(t, dir))
	for _, want := range []string{
		"<title>states: killed (20260101-020000-00000)</title>",
		`aria-label="stopped: killed`, `aria-label="later: pending`, `aria-label="behind: upstream failed`,
		"resumed 2026-01-01 02:00:01", `title="waited 2.0s"`, `title="attempt 2: failed, 1.0s"`, `title="attempt 1: killed, 0ms"`,
		"The first 111.8 KiB are left out.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	moved := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if string(page(t, moved)) != text {
		t.Error("a copy of the folder has another page")
	}
}

// TestLargePage bounds the page of a large run, with a fan-out among its steps and far more text than one reads.
func TestLargePage(t *testing.T) {
	plan := runtime.Plan{Pipeline: "large"}
	long := strings.Repeat("x", 1_000)
	journal := []string{event(0, "run_started", "")}
	logs := map[string]string{}
	var names []string
	for i := range 10_000 {
		name := fmt.Sprintf("s%d", i)
		plan.Steps = append(plan.Steps, runtime.PlanStep{Name: name, Kind: "run", What: long, Needs: names[max(0, i-30):]})
		names = append(names, name)
		journal = append(journal, event(i/10, "step_started", `,"step":"`+name+`","attempt":1`),
			event(i/10+1, "step_ended", `,"step":"`+name+`","state":"succeeded","attempts":1,"outputs":{"o":"`+long+`"}`))
	}
	for i := range 100 {
		logs[fmt.Sprintf("s%d/attempt-1", i)] = long
	}
	plan.Steps = append(plan.Steps, runtime.PlanStep{Name: "fan", Kind: "run", Foreach: true})
	for i := range 20_000 {
		journal = append(journal, event(1000+i/100, "step_started", fmt.Sprintf(`,"step":"fan","index":%d,"attempt":1`, i)),
			event(1001+i/100, "instance_ended", fmt.Sprintf(`,"step":"fan","index":%d,"state":"failed","attempts":1,"error":"no"`, i)))
	}
	text := page(t, writeRun(t, plan, journal, logs))
	if len(text) > 32<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
	if bytes.Contains(text, []byte(`class="graph"`)) || !bytes.Contains(text, []byte("20000 instances")) {
		t.Error("the page of 10,000 steps has a drawing, or no row of the fan-out")
	}
}
