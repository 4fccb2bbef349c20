package main

import (
	"os"
	"strings"
	"testing"

	"github.com/zenc-dev/zenc/backends/kubeflow/argotest"
)

// checkFromArgo holds both manifests of the page to Argo's schema, runs them, and compares what their steps print.
func checkFromArgo(t *testing.T, s *docSession) {
	validator, err := argotest.NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	for file, wants := range map[string][]string{
		"by-hand.yaml":      {`publishing ["4","2"]`, "the run has Succeeded"},
		"k8s/backtest.yaml": {"publishing [4,2]", "the run has succeeded"},
	} {
		manifest, err := os.ReadFile(s.path(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := validator.Validate(manifest); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		ran, err := argotest.Run(t.Context(), manifest, argotest.Options{Dir: t.TempDir()})
		if err != nil || ran.Phase != argotest.Succeeded {
			t.Fatalf("%s: %v %+v", file, err, ran)
		}
		for _, want := range wants {
			if !strings.Contains(ran.Log, want+"\n") {
				t.Errorf("%s: no %q in the logs:\n%s", file, want, ran.Log)
			}
		}
		skipped, err := argotest.Run(t.Context(), manifest, argotest.Options{Dir: t.TempDir(), Parameters: map[string]string{"publish": "false"}})
		if err != nil || skipped.Phase != argotest.Succeeded || skipped.Node("publish").Phase != argotest.Skipped {
			t.Errorf("%s: without publishing: %v %+v", file, err, skipped)
		}
	}
}
