package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
)

// digestKey marks, in expect.yaml, a text that is too long to be written there: {sha256: its digest}.
const digestKey = "sha256"

// digested returns got with the digests of those texts for which want has a digest.
func digested(want, got outcome) outcome {
	out := outcome{Status: got.Status, Steps: maps.Clone(got.Steps)}
	for name, step := range out.Steps {
		step.Outputs = maps.Clone(step.Outputs)
		if step.State == "skipped" {
			step.Attempts = 0 // an engine that decides within the attempt has counted it
		}
		for key, value := range step.Outputs {
			text, isText := value.(string)
			if isText && wantsDigest(want.Steps[name].Outputs[key]) {
				sum := sha256.Sum256([]byte(text))
				step.Outputs[key] = map[string]any{digestKey: hex.EncodeToString(sum[:])}
			}
		}
		out.Steps[name] = step
	}
	return out
}

func wantsDigest(value any) bool {
	fields, isMap := value.(map[string]any)
	_, has := fields[digestKey]
	return isMap && has && len(fields) == 1
}
