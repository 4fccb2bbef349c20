package changes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/written"
)

// names says which steps and groups have another name in the new version. A nil names translates nothing.
type names struct {
	toNew, toOld map[string]string
}

func (n *names) translate(old string) string {
	if n != nil {
		if name, renamed := n.toNew[old]; renamed {
			return name
		}
	}
	return old
}

func (n *names) newStep(old string) string  { return n.translate(old) }
func (n *names) newGroup(old string) string { return n.translate(old) }
func (n *names) oldGroup(now string) string { return n.oldStep(now) }

func (n *names) oldStep(now string) string {
	if name, renamed := n.toOld[now]; renamed {
		return name
	}
	return now
}

// followsGroup reports a name that is another one only since the group around it is.
func (n *names) followsGroup(old, now string) bool {
	oldGroup, oldName := cutName(old)
	newGroup, newName := cutName(now)
	return oldName == newName && oldGroup != "" && n.toNew[oldGroup] == newGroup
}

// cutName parts a step's name from those of the groups around it.
func cutName(name string) (group, base string) {
	i := strings.LastIndex(name, ".")
	return name[:max(i, 0)], name[i+1:]
}

// maxPairs bounds how many pairs of steps are held against each other in search for similar ones. If there are more, only those
// are recognised that are the same but for the name.
const maxPairs = 40_000

// matching is the search for steps that have another name.
type matching struct {
	*names
	old, new           *ir.Pipeline
	oldEdges, newEdges *edges
	gone, come         []*ir.Step // without a partner, in the order of the pipelines
}

// match finds what has another name: first what is else the same, then what is similar.
func match(before, after *ir.Pipeline) *names {
	m := &matching{names: &names{map[string]string{}, map[string]string{}}, old: before, new: after,
		oldEdges: newEdges(before), newEdges: newEdges(after)}
	m.gone = alone(before, m.newEdges)
	m.come = alone(after, m.oldEdges)
	m.same()
	m.similar()
	return m.names
}

// alone are the steps whose names the other version does not have.
func alone(p *ir.Pipeline, other *edges) []*ir.Step {
	var out []*ir.Step
	for _, s := range p.Steps {
		if partner := other.steps[s.Name]; s.Kind != ir.Gate && (partner == nil || partner.Kind == ir.Gate) {
			out = append(out, s)
		}
	}
	return out
}

// same pairs steps that have the same facts. Steps come after those they need, whose partners are known by then.
func (m *matching) same() {
	bySignature := map[string][]*ir.Step{}
	for _, s := range m.come {
		key := signature(stepFacts(s, m.newEdges, nil))
		bySignature[key] = append(bySignature[key], s)
	}
	for _, s := range slices.Clone(m.gone) {
		key := signature(stepFacts(s, m.oldEdges, m.names))
		found := bySignature[key]
		if len(found) == 0 {
			continue
		}
		_, base := cutName(s.Name)
		at := max(0, slices.IndexFunc(found, func(x *ir.Step) bool { _, b := cutName(x.Name); return b == base }))
		m.pair(s, found[at])
		bySignature[key] = slices.Delete(found, at, at+1)
	}
}

// signature is a text that only the same facts have, whatever their order.
func signature(f facts) string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = strings.Join([]string{x.key, x.name, x.field, x.text}, "\x00")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\x01")
}

// pair notes that a step, and with it the groups around it, have another name.
func (m *matching) pair(old, now *ir.Step) {
	m.rename(old.Name, now.Name)
	m.gone = slices.DeleteFunc(m.gone, func(s *ir.Step) bool { return s == old })
	m.come = slices.DeleteFunc(m.come, func(s *ir.Step) bool { return s == now })
	was, is := m.oldEdges.groups(old.Group), m.newEdges.groups(now.Group)
	for i := range min(len(was), len(is)) {
		_, stays := m.newEdges.parents[was[i]]
		_, wasThere := m.oldEdges.parents[is[i]]
		if stays || wasThere || m.toNew[was[i]] != "" || m.toOld[is[i]] != "" {
			break
		}
		m.rename(was[i], is[i])
	}
}

func (n *names) rename(old, now string) { n.toNew[old], n.toOld[now] = now, old }

// candidate is a pair of steps that resemble each other.
type candidate struct {
	old, now *ir.Step
	score    float64
}

// similar pairs steps that resemble each other, the most similar ones first.
func (m *matching) similar() {
	if len(m.gone)*len(m.come) > maxPairs {
		return
	}
	var all []candidate
	for _, old := range m.gone {
		oldFacts := stepFacts(old, m.oldEdges, m.names)
		for _, now := range m.come {
			if old.Kind != now.Kind {
				continue
			}
			if score := similarity(old, now, oldFacts, stepFacts(now, m.newEdges, nil)); score >= minScore {
				all = append(all, candidate{old, now, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for _, x := range all {
		if m.toNew[x.old.Name] == "" && m.toOld[x.now.Name] == "" {
			m.pair(x.old, x.now)
		}
	}
}

// Two steps are taken for one that was renamed if what they run is at least as similar as minBody says, and the mean of that and
// of all else as minScore says.
const (
	minBody  = 0.5
	minScore = 0.7
)

// similarity is between 0 and 1; 0 also where what the steps run has too little in common.
func similarity(old, now *ir.Step, oldFacts, newFacts facts) float64 {
	body := common(words(old), words(now))
	if body < minBody {
		return 0
	}
	a, b := traits(oldFacts), traits(newFacts)
	if len(a) == 0 && len(b) == 0 {
		return body
	}
	return (body + common(a, b)) / 2
}

// words are the parts of what a step runs.
func words(s *ir.Step) []string {
	switch s.Kind {
	case ir.Python:
		return []string{s.Module, ":" + s.Function}
	case ir.Operator:
		return []string{s.Operator}
	case ir.Run:
		return strings.Fields(s.Script)
	}
	var out []string
	for _, arg := range s.Command {
		out = append(out, written.Value(arg, nil))
	}
	return out
}

// traits are the facts that tell a step from others but for what it runs.
func traits(f facts) []string {
	var out []string
	for _, x := range f {
		switch x.key {
		case "python", "run", "command", "operator", "description", "image", "retries", "timeout":
		case "run_if":
			if x.text != "succeeded" {
				out = append(out, signature(facts{x}))
			}
		default:
			out = append(out, signature(facts{x}))
		}
	}
	return out
}

// common is the share of what two lists have in common, order aside: 1 if they are the same.
func common(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	both := 0
	for _, x := range b {
		if count[x] > 0 {
			count[x]--
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
