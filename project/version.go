package project

import (
	"github.com/Masterminds/semver/v3"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// version holds the version of zenc against what the file requires. A suffix of the version, such as -dev, does not count.
// That it is another one is told to mismatches as well.
func (f *File) version(version string, mismatches *diag.List) {
	if f.root == nil {
		return
	}
	e := lookup(f.root, "requires")
	if e == nil {
		return
	}
	text := e.Value.Text // 0.1 is a range, too, and not a number
	if e.Value.Kind != spec.Scalar || text == "" {
		reader{&f.Diags}.typed(e.Value, ir.String)
		return
	}
	wanted, err := semver.NewConstraint(text)
	if err != nil {
		f.Diags.Errorf(e.Value.Pos, diag.WrongVersion, "requires: %q is not a range of versions", text).
			WithHelp(`such as "~0.1" (any 0.1), "^1.2" (from 1.2, below 2) or ">=0.1, <0.3"`)
		return
	}
	have, err := semver.NewVersion(version)
	if err != nil {
		return // a build that has no version is held to nothing
	}
	plain, _ := have.SetPrerelease("") // the empty one is always legal
	plain, _ = plain.SetMetadata("")
	if wanted.Check(&plain) {
		return
	}
	const help = "install a zenc that fits, or change requires and look at what zenc build --check prints"
	message := "this is zenc %s, and the project requires %s"
	f.Diags.Errorf(e.Value.Pos, diag.WrongVersion, message, version, text).WithHelp(help)
	mismatches.Errorf(e.Value.Pos, diag.WrongVersion, message, version, text)
}
