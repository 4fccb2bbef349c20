package zenc_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestArchitectureTable holds the table of docs/architecture.md to the packages that there are.
func TestArchitectureTable(t *testing.T) {
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| (.*) \\|$").FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		if rows[m[1]] != "" {
			t.Errorf("docs/architecture.md has two rows of %s", m[1])
		}
		rows[m[1]] = m[2]
		if info, err := os.Stat(m[1]); err != nil || !info.IsDir() {
			t.Errorf("docs/architecture.md: there is no package %s", m[1])
		}
	}
	for pkg := range mayImport {
		parent, name := path.Split(pkg)
		isNamed := strings.Contains(rows[strings.TrimSuffix(parent, "/")], "`"+name+"`")
		if rows[pkg] == "" && !isNamed && pkg != "." {
			t.Errorf("docs/architecture.md has no row of %s, and that of %s does not name it", pkg, parent)
		}
	}
}
