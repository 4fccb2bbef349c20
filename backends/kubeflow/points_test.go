package kubeflow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// manifestFile is a golden manifest, read: the workflow and what comes with it.
type manifestFile struct {
	name     string
	text     string
	workflow map[string]any
	cron     map[string]any
	maps     []map[string]any
}

// readManifests reads the manifests of all golden cases.
func readManifests(t *testing.T) []manifestFile {
	t.Helper()
	paths, err := filepath.Glob("../../golden/*/kubeflow/*.yaml")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d manifests: %v", len(paths), err)
	}
	var out []manifestFile
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m := manifestFile{name: filepath.Base(path), text: string(data)}
		for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
			var doc map[string]any
			if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			switch doc["kind"] {
			case "WorkflowTemplate":
				m.workflow = doc
			case "CronWorkflow":
				m.cron = doc
			case "ConfigMap":
				m.maps = append(m.maps, doc)
			default:
				t.Fatalf("%s: a document of the kind %v", path, doc["kind"])
			}
		}
		out = append(out, m)
	}
	return out
}

// at returns what lies below keys, nil if there is nothing.
func at(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func listAt(v any, keys ...string) []map[string]any {
	items, _ := at(v, keys...).([]any)
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func textAt(v any, keys ...string) string {
	text, _ := at(v, keys...).(string)
	return text
}

var (
	legalNames = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]*$`)
	taskPhases = regexp.MustCompile(`[a-zA-Z][-a-zA-Z0-9]*\.(Succeeded|Failed|Errored|Skipped|Omitted)`)
	inputTags  = regexp.MustCompile(`\{\{inputs\.parameters\.[-\w]+\}\}`)
	safeValue  = regexp.MustCompile(`^(\{\{item\}\}|\{\{=.*\}\}|\{\{inputs\.parameters\.[-\w]+\}\})$`)
	bareNumber = regexp.MustCompile(`^\{\{=(int\(|len\(|\(?len\(|[0-9]|tasks[.\[][^=]*\.status )`)
	namedAfter = regexp.MustCompile(`-[0-9a-f]{10}$`)
)

// TestPoints holds every golden manifest to what was measured on a real Argo controller, point by point. What a manifest means
// when it is run, the conformance cases tell.
func TestPoints(t *testing.T) {
	for _, m := range readManifests(t) {
		fail := func(point int, format string, args ...any) {
			t.Helper()
			t.Errorf("%s: point %d: %s", m.name, point, fmt.Sprintf(format, args...))
		}
		templates := listAt(m.workflow, "spec", "templates")
		names := map[string]bool{}
		for _, tmpl := range templates {
			name := textAt(tmpl, "name")
			names[name] = true
			if !legalNames.MatchString(name) {
				fail(15, "the template %q has a name that Argo does not take", name)
			}
			checkScript(fail, tmpl)
			tasks := listAt(tmpl, "dag", "tasks")
			if len(tasks) > 1 && at(tmpl, "dag", "failFast") != false {
				fail(9, "the DAG %q has no failFast: false", name)
			}
			for _, task := range tasks {
				checkTask(fail, task)
			}
			if retry := at(tmpl, "retryStrategy"); retry != nil && textAt(retry, "retryPolicy") != "Always" {
				fail(12, "the template %q is not retried after an error", name)
			}
			for _, side := range []string{"inputs", "outputs"} {
				for _, a := range listAt(tmpl, side, "artifacts") {
					prefix := "{{workflow.uid}}/"
					if a["name"] == "CACHE" { // which is there for later runs
						prefix = "zenc-cache/"
					}
					if key := textAt(a, "s3", "key"); key != "" && !strings.HasPrefix(key, prefix) {
						fail(13, "the artifact %v of %q has the key %q", a["name"], name, key)
					}
				}
			}
			for _, o := range listAt(tmpl, "outputs", "parameters") {
				if textAt(o, "valueFrom", "path") == "" && textAt(o, "valueFrom", "expression") == "" {
					fail(10, "the output %v of %q is read neither from a file nor from another", o["name"], name)
				}
			}
		}
		for _, key := range []string{"entrypoint", "onExit"} {
			if name := textAt(m.workflow, "spec", key); name != "" && !names[name] {
				fail(11, "%s is %q, which is no template", key, name)
			}
		}
		body, _, _ := strings.Cut(m.text, "\nkind: ConfigMap")
		if strings.Contains(body, "outputs.result") {
			fail(10, "outputs.result is used")
		}
		header, _, _ := strings.Cut(m.text, "\napiVersion")
		if strings.Contains(body, "?.") && !strings.Contains(header, "3.7.16") {
			fail(17, "there are guards, and the header does not say from which version on they are some")
		}
		for _, c := range m.maps {
			checkConfigMap(fail, c)
		}
		if m.cron != nil && textAt(m.cron, "spec", "workflowSpec", "workflowTemplateRef", "name") != textAt(m.workflow, "metadata", "name") {
			fail(19, "the CronWorkflow does not refer to the template")
		}
		for _, p := range listAt(m.workflow, "spec", "arguments", "parameters") {
			if _, isText := p["value"].(string); p["value"] != nil && !isText {
				fail(14, "the value of the parameter %v is no string", p["name"])
			}
		}
	}
}

// checkScript holds a template to: no text of the user in it, work as readable JSON in the source, nothing for Kubernetes to
// expand.
func checkScript(fail func(int, string, ...any), tmpl map[string]any) {
	script := at(tmpl, "script")
	if script == nil {
		return
	}
	source := textAt(script, "source")
	plain := inputTags.ReplaceAllString(source, "1")
	if strings.Contains(plain, "{{") {
		fail(1, "the source of %v has other tags than those of inputs", tmpl["name"])
	}
	if !json.Valid([]byte(plain)) {
		fail(4, "the source of %v is no JSON", tmpl["name"])
	}
	for _, v := range listAt(script, "env") {
		value := textAt(v, "value")
		if strings.Contains(value, "{{") {
			fail(1, "the variable %v of %v has a tag", v["name"], tmpl["name"])
		}
		if strings.Contains(strings.ReplaceAll(value, "$$", ""), "$(") {
			fail(4, "the variable %v of %v would be expanded", v["name"], tmpl["name"])
		}
	}
}

// checkTask holds a task to: conditions that are expressions, needs with their phases, values that are base64 or numbers.
func checkTask(fail func(int, string, ...any), task map[string]any) {
	name := textAt(task, "name")
	if !legalNames.MatchString(name) {
		fail(15, "the task %q has a name that Argo does not take", name)
	}
	for point, key := range map[int]string{5: "when", 6: "withParam"} {
		text := textAt(task, key)
		if text != "" && text != "false" && !(strings.HasPrefix(text, "{{=") && strings.HasSuffix(text, "}}")) {
			fail(point, "%s of %q is no expression: %s", key, name, text)
		}
	}
	depends := textAt(task, "depends")
	if rest := strings.Trim(taskPhases.ReplaceAllString(depends, ""), "()&| "); rest != "" && strings.ContainsAny(rest, "abcdefghijklmnopqrstuvwxyz") {
		fail(8, "%q depends on a task without a phase: %s", name, depends)
	}
	for _, phase := range taskPhases.FindAllString(depends, -1) {
		if need, failed := strings.CutSuffix(phase, ".Failed"); failed && !strings.Contains(depends, need+".Errored") {
			fail(12, "%q depends on a failure of %s, and not on an error", name, need)
		}
	}
	for _, p := range listAt(task, "arguments", "parameters") {
		value, isText := p["value"].(string)
		switch {
		case !isText:
			fail(14, "the value of %v of %q is no string", p["name"], name)
		case !safeValue.MatchString(value):
			fail(2, "the value of %v of %q is substituted as it is: %s", p["name"], name, value)
		case strings.HasPrefix(value, "{{=") && !strings.HasPrefix(value, "{{=toBase64(") && !bareNumber.MatchString(value):
			fail(3, "the value of %v of %q is neither base64 nor an int: %s", p["name"], name, value)
		}
	}
}

// checkConfigMap holds the ConfigMaps with code and defaults to names of their content, and keeps them from being pruned.
func checkConfigMap(fail func(int, string, ...any), c map[string]any) {
	name := textAt(c, "metadata", "name")
	if strings.HasSuffix(name, "-limits") { // meant to be edited
		return
	}
	if c["immutable"] != true || !namedAfter.MatchString(name) {
		fail(14, "the ConfigMap %q is not immutable, or not named after its content", name)
	}
	if textAt(c, "metadata", "annotations", "argocd.argoproj.io/sync-options") != "Prune=false" {
		fail(18, "the ConfigMap %q may be pruned while runs need it", name)
	}
}
