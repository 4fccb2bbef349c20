package spec_test

import (
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/spec"
)

func TestReadDefaults(t *testing.T) {
	const text = `# of a project
base: &base {limit: 3, delay: 10s}
defaults:
  retries: *base
  timeout: "5m"
  image: 'it''s:1'
  shell: >-
    python3
    -u
  env: {A: 012, "$${{ B": "null", C: null}
  resources: {cpu: 2, gpus: 1}
`
	var diags diag.List
	root := spec.ParseValue([]byte(text), &diags)
	if diags.Len() > 0 {
		t.Fatal(diags.Sorted()[0].Message)
	}
	d := spec.ReadDefaults(root.Entries[1].Value, []byte(text), &diags)
	if d.Retries.Limit.Value != 3 || d.Retries.Delay.Seconds != 10 || d.Timeout.Seconds != 300 || d.Image.Value != "it's:1" || d.Shell.Value != "python3 -u" {
		t.Errorf("%+v", d)
	}
	if e := d.Env; len(e) != 3 || e[0].Value.Text != "012" || !e[0].Value.Plain || e[1].Value.FormOf() != spec.TextForm || e[2].Value.FormOf() != spec.NullForm {
		t.Errorf("%+v", e)
	}
	var shown strings.Builder
	diag.Render(&shown, diag.Source{Name: "zenc.yaml", Data: []byte(text)}, diags, diag.Style{})
	if !strings.Contains(shown.String(), "zenc.yaml:11:23") || !strings.Contains(shown.String(), `did you mean "gpu"`) {
		t.Error(shown.String())
	}

	own := &spec.Pipeline{Defaults: &spec.Defaults{Image: &spec.String{Value: "own"}, Env: []spec.Entry{{Key: spec.String{Value: "A"}, Value: &spec.Value{Text: "own"}}}}}
	merged := own.WithDefaults(d).Defaults
	if merged.Image.Value != "own" || merged.Timeout != d.Timeout || len(merged.Env) != 3 || merged.Env[0].Value.Text != "own" {
		t.Errorf("%+v", merged)
	}
	if len(own.Defaults.Env) != 1 || own.Defaults.Timeout != nil || own.WithDefaults(nil) != own {
		t.Error("the pipeline itself was changed")
	}
}
