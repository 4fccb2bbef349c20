package changes

import "github.com/rogpeppe/go-internal/diff"

// differences are the facts that only one side has, or that are others there: in the order of the new side, then those of the old
// side that are gone. Of an entry that was added or removed there is one change, whatever its fields say.
func differences(before, after facts) Changes {
	old, current := before.byID(), after.byID()
	var out Changes
	for _, f := range after {
		was, found := old[f.id]
		switch {
		case !found && !f.isTold(current, old):
			out = append(out, f.change(Added, "", f.entry()))
		case found && was.text != f.text:
			out = append(out, f.change(Changed, was.text, f.text))
		}
	}
	for _, f := range before {
		if _, found := current[f.id]; !found && !f.isTold(old, current) {
			out = append(out, f.change(Removed, f.entry(), ""))
		}
	}
	for i := range out {
		out[i].Breaking = breaking(out[i], old, current)
	}
	return out
}

// isTold reports a field of an entry that only one side has: the change of the entry tells it.
func (f fact) isTold(here, there map[id]fact) bool {
	entry := id{f.key, f.name, ""}
	_, isHere := here[entry]
	_, isThere := there[entry]
	return f.field != "" && isHere && !isThere
}

// entry is what is shown of an entry that one side does not have.
func (f fact) entry() string {
	if f.whole != "" {
		return f.whole
	}
	return f.text
}

// change is a change of the fact. Scripts are shown as the lines that differ, and of shipped files only that they do.
func (f fact) change(action Action, before, after string) Change {
	x := Change{Action: action, Key: f.key, Name: f.name, Field: f.field}
	switch {
	case f.key == "run":
		x.Diff = lineDiff(before, after)
	case f.key != KeyCode || f.field != "":
		x.Old, x.New = before, after
	}
	return x
}

// lineDiff is a unified diff without its head.
func lineDiff(before, after string) string {
	text := diff.Diff("before", []byte(before), "after", []byte(after))
	for range 3 {
		for i, c := range text {
			if c == '\n' {
				text = text[i+1:]
				break
			}
		}
	}
	return string(text)
}

func (f facts) byID() map[id]fact {
	out := make(map[id]fact, len(f))
	for _, x := range f {
		out[x.id] = x
	}
	return out
}
