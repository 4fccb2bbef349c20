package outline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// plainText are texts that mean the same to YAML without quotes wherever they stand.
var plainText = regexp.MustCompile(`^[A-Za-z0-9_.+~][A-Za-z0-9_.+~-]*$|^-[0-9][0-9.eE+-]*$`)

// maxKey is the longest key that is written; YAML takes none of over 1,024 characters on one line.
const maxKey = 150

// YAML writes a tree as YAML that is right, for the compiler to make of a text that is not what can be made of it. Keys that are
// there twice are written once; aliases are written out, to some depth.
func (n *Node) YAML() string {
	w := writer{aliases: maxAliases}
	w.write(n, 0)
	return w.String()
}

// maxAliases bounds how many aliases are written out.
const maxAliases = 1000

type writer struct {
	strings.Builder
	aliases int // that may still be written
}

func (w *writer) write(n *Node, depth int) {
	if n != nil && n.Kind == Alias {
		n = n.Resolve()
		w.aliases--
	}
	if n == nil || depth > 40 || w.aliases < 0 || n.Kind == Scalar && n.Style == Plain && n.Text == "" {
		w.WriteString("null")
		return
	}
	switch n.Kind {
	case Mapping:
		seen := map[string]bool{"<<": true}
		w.WriteByte('{')
		for _, e := range n.Entries {
			if seen[e.Key.Text] || len(e.Key.Text) > maxKey {
				continue
			}
			seen[e.Key.Text] = true
			w.WriteString(quote(e.Key.Text) + ": ")
			w.write(e.Value, depth+1)
			w.WriteString(", ")
		}
		w.WriteByte('}')
	case Sequence:
		w.WriteByte('[')
		for _, item := range n.Items {
			w.write(item, depth+1)
			w.WriteString(", ")
		}
		w.WriteByte(']')
	default:
		if n.Style == Plain && plainText.MatchString(n.Text) {
			w.WriteString(n.Text)
			return
		}
		w.WriteString(quote(n.Text))
	}
}

// quote writes a text as JSON, which is YAML.
func quote(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	var b strings.Builder
	for _, r := range string(data) {
		if r >= 0x7f && r < 0xa0 || r == '\uFEFF' || r == '\uFFFE' || r == '\uFFFF' { // what YAML takes as an escape alone
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
