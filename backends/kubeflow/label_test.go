package kubeflow

import (
	"strings"
	"testing"
)

func TestLabelLength(t *testing.T) {
	for _, c := range []struct {
		length int
		fits   bool
	}{{1, true}, {2, true}, {maxLabel, true}, {maxLabel + 1, false}} {
		text := strings.Repeat("a", c.length)
		if isLabelValue(text) != c.fits || isLabelKey(text) != c.fits || isLabelKey("example.com/"+text) != c.fits {
			t.Errorf("%d characters: value %t, key %t, key with a prefix %t", c.length,
				isLabelValue(text), isLabelKey(text), isLabelKey("example.com/"+text))
		}
	}
}
