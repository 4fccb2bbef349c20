//go:build unix

package runtime_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rt "github.com/zenc-dev/zenc/backends/local/runtime"
)

const token = "s3cr3t $(id)\nsecond line"

func secretStep(name, script string, outputs ...rt.OutputSpec) rt.Step {
	return rt.Step{Name: name, Script: script, Outputs: outputs, Secrets: []rt.Secret{{Name: "ZENC_TEST_TOKEN", Ref: "deploy/token"}}}
}

func TestSecretsAreMaskedInLogs(t *testing.T) {
	t.Setenv("ZENC_TEST_TOKEN", token)
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		secretStep("whole", `printf 'a%sb' "$ZENC_TEST_TOKEN"`),
		secretStep("in_pieces", `for i in $(seq 1 ${#ZENC_TEST_TOKEN}); do printf %s "${ZENC_TEST_TOKEN:i-1:1}"; sleep 0.01; done`),
		secretStep("a_line", `echo "$ZENC_TEST_TOKEN" | tail -n 1 >&2`),
		secretStep("much", `head -c 1000000 /dev/zero | tr '\0' x; printf %s "$ZENC_TEST_TOKEN"; head -c 1000000 /dev/zero | tr '\0' y`),
		secretStep("fails", `echo "$ZENC_TEST_TOKEN"; exit 3`),
	}}
	dir := t.TempDir()
	r := run(t, p, rt.Code{}, rt.Options{Dir: dir})
	for name, want := range map[string]string{"whole": "a***b", "in_pieces": "***", "a_line": "***\n",
		"much": strings.Repeat("x", 1e6) + "***" + strings.Repeat("y", 1e6), "fails": "***\n"} {
		if got := log(t, step(t, r, name)); got != want {
			t.Errorf("%s: the log is %.60q of %d bytes, want %.60q of %d", name, got, len(got), want, len(want))
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), "s3cr3t") {
			t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnOutputWithASecretIsRefused(t *testing.T) {
	t.Setenv("ZENC_TEST_TOKEN", token)
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		secretStep("a", `printf %s "$ZENC_TEST_TOKEN" > "$OUT_TEXT"`, rt.OutputSpec{Name: "text", Type: "string"}),
		secretStep("b", `printf '{"%s"' "$ZENC_TEST_TOKEN" > "$OUT_J"`, rt.OutputSpec{Name: "j", Type: "json"}),
	}}
	r := run(t, p, rt.Code{}, rt.Options{})
	for _, s := range r.Steps {
		if s.State != rt.Failed || s.Error == "" || strings.Contains(s.Error, "s3cr3t") || s.Outputs != nil {
			t.Errorf("%+v", s)
		}
	}
}

func TestSecretsOfADotenv(t *testing.T) {
	dir := t.TempDir()
	env := "# comment\n\nexport ZENC_TEST_TOKEN='from the file'\nOTHER=x\n"
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{
		secretStep("a", `echo ${#ZENC_TEST_TOKEN} > "$OUT_N"`, rt.OutputSpec{Name: "n", Type: "int"})}}
	if r := run(t, p, rt.Code{}, rt.Options{Dir: dir}); step(t, r, "a").Outputs["n"] != int64(len("from the file")) {
		t.Errorf("%+v", r.Steps)
	}
}

func TestMissingSecretsRefuseTheRun(t *testing.T) {
	p := &rt.Pipeline{Name: "p", Steps: []rt.Step{secretStep("a", "true"), secretStep("b", "true")}}
	dir := t.TempDir()
	_, err := rt.Run(context.Background(), p, rt.Code{}, rt.Options{Dir: dir})
	var refused *rt.ParamError
	if !errors.As(err, &refused) || len(refused.Problems) != 1 || !strings.Contains(err.Error(), "ZENC_TEST_TOKEN (deploy/token)") {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("the run left %v", entries)
	}
}
