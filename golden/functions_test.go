package golden

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/signature"
)

// functions are the findings on the functions of python steps, as zenc check has them. They do not depend on the version of python3.
func functions(t *testing.T, p *ir.Pipeline, src diag.Source) diag.List {
	t.Helper()
	request := signature.NewRequest(p)
	if request == nil {
		return diag.List{}
	}
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	python := exec.Command("python3", "-I", "-S", "-c", signature.Reader)
	python.Stdin = bytes.NewReader(input)
	output, err := python.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer signature.Answer
	if err := json.Unmarshal(output, &answer); err != nil {
		t.Fatal(err)
	}
	answer.Python = "3.12"
	return signature.Check(p, signature.Source{Data: src.Data}, request, &answer)
}
