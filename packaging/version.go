package main

import (
	"fmt"
	"regexp"
	"strings"
)

// version is that of a release, as Go writes it and as Python does: 1.2.3 for both, 1.2.3-rc.4 and 1.2.3rc4.
type version struct{ semver, pep440 string }

var versionForm = regexp.MustCompile(`^((?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*))(?:-rc\.(0|[1-9][0-9]*))?$`)

func parseVersion(text string) (version, error) {
	text = strings.TrimSpace(text)
	parts := versionForm.FindStringSubmatch(text)
	switch {
	case parts == nil:
		return version{}, fmt.Errorf("%q is no version: write it as 1.2.3 or 1.2.3-rc.1", text)
	case parts[2] == "":
		return version{text, text}, nil
	}
	return version{text, parts[1] + "rc" + parts[2]}, nil
}
