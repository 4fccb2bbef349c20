package kubeflow

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// hostile are texts that a YAML or a JSON reader could take for something else.
var hostile = []string{
	"", " ", "y", "Y", "n", "yes", "No", "ON", "off", "true", "False", "null", "~", "=", "<<", "012", "0x1f", "0o17", "1e3", "1.", ".5", ".inf",
	".NaN", "1:30", "1_000", "2026-01-01", "2026-01-01T00:00:00Z", "+1", "-", "- a", "? a", ": a", "a: b", "a:b", "a #b", "#a", "&a", "*a", "!a",
	"!!str a", "|", ">", "%a", "@a", "`a", "'a'", "\"a\"", "{a}", "[a]", "a,b", "a\nb", "a\n\nb\n", "\n", "a\n", "a\n\n", " a\nb", "a\r\nb", "\ta",
	"a\tb", "\x00\x01\x1b\x7f", "\u0085\u00a0\u2028\u2029\ufeff", "é 🐧 \U000e0041", "{{ 1/0 }}", "{{{{", "$(id) ${x}", `\n "\\`, "a ", "---", "...",
	"a\n---\nb", "a\n...\n", "4Gi", "30s", "1h", "100m", "key: |\n  x\n", strings.Repeat("long ", 100), "\u200b", "\u2060x", "\U0001f427\n\x07",
}

func FuzzScalar(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("the compiler refuses such a spec")
		}
		key := s[:min(len(s), 1000)] // YAML has no longer ones
		if !utf8.ValidString(key) || key == "flow" || key == "block" || key == "list" {
			return
		}
		doc := object().put(key, str(s)).put("flow", object().put(key, list(str(s), str(s)))).put("block", block(s)).
			put("list", list(block(s), object().put("k", block(s)).spread()))
		var b bytes.Buffer
		doc.document(&b)
		var got map[string]any
		if err := yaml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%q: %v\n%s", s, err, b.String())
		}
		flow, _ := got["flow"].(map[string]any)
		items, _ := flow[key].([]any)
		all := []any{got[key], got["block"]}
		all = append(append(all, items...), got["list"].([]any)[0], got["list"].([]any)[1].(map[string]any)["k"])
		for i, v := range all {
			if v != s {
				t.Errorf("%d: %q was read as %#v from\n%s", i, s, v, b.String())
			}
		}
	})
}

func FuzzJSONQuote(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("the compiler refuses such a spec")
		}
		quoted := jsonQuote(s)
		var got string
		if err := json.Unmarshal([]byte(quoted), &got); err != nil || got != s {
			t.Errorf("%q became %s, which is read as %q: %v", s, quoted, got, err)
		}
		if strings.Contains(quoted, "{{") {
			t.Errorf("%s has a tag", quoted)
		}
	})
}

func TestEscapeEnv(t *testing.T) {
	for value, want := range map[string]string{"$HOME": "$HOME", "$(HOME)": "$$(HOME)", "$$": "$$$$", "a$$(b)": "a$$$$(b)", "x": "x"} {
		if got := escapeEnv(value); got != want {
			t.Errorf("%q became %q, want %q", value, got, want)
		}
	}
}
