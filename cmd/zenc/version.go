package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is set at release by -ldflags "-X main.version=1.2.3"; "" otherwise.
var version string

// unreleased is the version of what was built from a working tree: that of the file VERSION, which is to come.
const unreleased = "0.1.0-dev"

// zencVersion is the version without a v: that of the release, or of the module that go install has fetched.
func zencVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return unreleased
}

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(s.out, "zenc", zencVersion())
			return nil
		},
	}
}
