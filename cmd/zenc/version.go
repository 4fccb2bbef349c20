package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is set by -ldflags "-X main.version=1.2.3" where a release is built.
var version = unreleased

const unreleased = "0.1.0-dev"

// zencVersion is the version of this program: that of its release, or that which `go install` has taken.
func zencVersion() string {
	if version != unreleased {
		return strings.TrimPrefix(version, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || !strings.HasPrefix(info.Main.Version, "v") || strings.HasPrefix(info.Main.Version, "v0.0.0-") {
		return version // built from a working tree that knows no release
	}
	return strings.TrimPrefix(info.Main.Version, "v")
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
