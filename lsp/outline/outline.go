// Package outline reads YAML while it is being typed: which keys and values stand where, also in a text that no reader of YAML
// would take at that moment.
//
// It never fails. What is closed too late ends where the next key of an outer mapping begins, a line without a colon is a key
// without a value, and what cannot be made out is left out. On YAML that is right it gives what the compiler's reader gives, but
// for tags and for complex keys, which a spec has none of.
package outline

// Kind says what a Node is.
type Kind int

// The kinds of Node.
const (
	Scalar Kind = iota
	Mapping
	Sequence
	Alias
)

// Style says how a scalar is written.
type Style int

// The styles of a scalar.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Block // a text after | or >
)

// Node is a value, or a key. Nobody changes a tree after Parse.
type Node struct {
	Kind       Kind
	Style      Style
	Start, End int  // in bytes, of the source
	Flow       bool // a mapping or sequence in braces or brackets
	// Text is the content of a scalar, or the name of an alias.
	Text    string
	Anchor  string
	Entries []*Entry
	Items   []*Node

	at     []int // where each byte of Text stands in the source; nil: from Start on, one by one
	target *Node // of an alias
}

// Entry is one key of a mapping. Value is nil where nothing stands.
type Entry struct {
	Key        *Node
	Value      *Node
	Colon      bool // the key has a colon
	Start, End int
}

// Source returns where the byte at i of a scalar's Text stands in the source; that of its length is the end of it.
func (n *Node) Source(i int) int {
	switch {
	case n.at == nil:
		return n.Start + min(i, len(n.Text))
	case i < len(n.at):
		return min(n.at[max(i, 0)], n.End)
	}
	return n.End
}

// Offset returns the place in a scalar's Text of what stands at an offset of the source: of the last byte that does not stand
// behind it.
func (n *Node) Offset(source int) int {
	if n.at == nil {
		return min(max(source-n.Start, 0), len(n.Text))
	}
	for i, at := range n.at {
		if at >= source {
			return i
		}
	}
	return len(n.Text)
}

// Resolve follows an alias; nil for one of an anchor that is not there.
func (n *Node) Resolve() *Node {
	for range 10 { // an alias of an alias is none of YAML, and a circle must end
		if n == nil || n.Kind != Alias {
			return n
		}
		n = n.target
	}
	return nil
}

// Get returns the entry of a key, nil if there is none or n is no mapping.
func (n *Node) Get(key string) *Entry {
	if n = n.Resolve(); n == nil || n.Kind != Mapping {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e
		}
	}
	return nil
}

// Find returns the entry at the end of a path of keys, or nil.
func (n *Node) Find(path ...string) *Entry {
	var e *Entry
	for _, key := range path {
		if e = n.Get(key); e == nil {
			return nil
		}
		n = e.Value
	}
	return e
}

// Item stands in a path for an item of a sequence.
const Item = "-"

// Location is what stands at an offset.
type Location struct {
	// Path are the keys from the outermost mapping to Node, its own among them; Item for the item of a sequence.
	Path []string
	// Node is the scalar, or the innermost mapping or sequence.
	Node *Node
	// Entry is the one whose key or value Node is, nil for an item or the outermost node.
	Entry *Entry
	// InKey says that Node is the key of Entry.
	InKey bool
}

// Locate returns what stands at an offset; a scalar counts up to the place behind its last byte. A nil Node is nothing.
func (n *Node) Locate(offset int) Location {
	var loc Location
	for n != nil && offset >= n.Start && offset <= n.End {
		loc.Node = n
		next := (*Node)(nil)
		for _, e := range n.Entries {
			if offset < e.Start || offset > e.End {
				continue
			}
			switch {
			case offset <= e.Key.End:
				return Location{append(loc.Path, e.Key.Text), e.Key, e, true}
			case e.Value != nil && offset >= e.Value.Start && offset <= e.Value.End:
				loc.Path, loc.Entry, next = append(loc.Path, e.Key.Text), e, e.Value
			}
		}
		for _, item := range n.Items {
			if item != nil && offset >= item.Start && offset <= item.End {
				loc.Path, loc.Entry, next = append(loc.Path, Item), nil, item
			}
		}
		n = next
	}
	return loc
}

// Walk calls f with every scalar that is a value, and the keys that lead to it.
func (n *Node) Walk(f func(path []string, scalar *Node)) { n.walk(nil, f) }

func (n *Node) walk(path []string, f func([]string, *Node)) {
	if n == nil {
		return
	}
	if n.Kind == Scalar {
		f(path, n)
	}
	path = path[:len(path):len(path)]
	for _, e := range n.Entries {
		e.Value.walk(append(path, e.Key.Text), f)
	}
	for _, item := range n.Items {
		item.walk(append(path, Item), f)
	}
}
