package backends

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
)

// PortablePattern rewrites an RE2 pattern such that Python's re matches the same texts with it: \d is [0-9] and flags are
// scoped. The pattern must be valid RE2.
func PortablePattern(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic("unreachable: a pattern that was checked: " + err.Error())
	}
	rest := re.String()
	var b strings.Builder
	for {
		i := strings.IndexByte(rest, '\\')
		if i < 0 || i+1 >= len(rest) {
			b.WriteString(rest)
			return b.String()
		}
		b.WriteString(rest[:i])
		switch {
		case strings.HasPrefix(rest[i:], `\x{`):
			end := strings.IndexByte(rest[i:], '}')
			code, _ := strconv.ParseUint(rest[i+3:i+end], 16, 32)
			fmt.Fprintf(&b, `\U%08x`, code)
			rest = rest[i+end+1:]
			continue
		case rest[i+1] == 'z':
			b.WriteString(`\Z`)
		default:
			b.WriteString(rest[i : i+2])
		}
		rest = rest[i+2:]
	}
}
