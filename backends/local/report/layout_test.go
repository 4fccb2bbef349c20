package report

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

func planSteps(plan *runtime.Plan) []*step {
	var out []*step
	for _, p := range plan.Steps {
		out = append(out, &step{Name: p.Name, State: runtime.Succeeded, StateText: "succeeded"})
	}
	return out
}

// TestDrawing holds random plans with groups to what makes a drawing readable: nothing overlaps, what is in a group is within its
// frame, and the same plan has the same drawing.
func TestDrawing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		plan := &runtime.Plan{}
		for i := range 1 + n*2 {
			s := runtime.PlanStep{Name: fmt.Sprintf("s%d", i)}
			if group := i / 5 % 3; group > 0 { // every group has the five steps that follow on each other
				s.Name = fmt.Sprintf("g%d.%s", i/5, s.Name)
			}
			for _, before := range plan.Steps {
				if random.IntN(6) == 0 {
					s.Needs = append(s.Needs, before.Name)
				}
			}
			plan.Steps = append(plan.Steps, s)
		}
		for _, down := range []bool{false, true} {
			g := draw(plan, planSteps(plan), down)
			if len(g.Nodes) != len(plan.Steps) {
				t.Fatalf("%d nodes of %d steps", len(g.Nodes), len(plan.Steps))
			}
			checkOverlaps(t, g)
			if got := draw(plan, planSteps(plan), down); fmt.Sprint(got.Edges, got.Groups) != fmt.Sprint(g.Edges, g.Groups) {
				t.Fatal("the same plan has two drawings")
			}
		}
	}
}

func checkOverlaps(t *testing.T, g *graph) {
	t.Helper()
	for i, a := range g.Nodes {
		if a.X < 0 || a.Y < 0 || a.X+a.W > g.Width || a.Y+a.H > g.Height {
			t.Fatalf("%s is outside of the drawing", a.Step.Name)
		}
		for _, b := range g.Nodes[:i] {
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Fatalf("%s and %s overlap", a.Step.Name, b.Step.Name)
			}
		}
		for _, f := range g.Groups {
			inside := a.X >= f.X && a.Y >= f.Y && a.X+a.W <= f.X+f.W && a.Y+a.H <= f.Y+f.H
			apart := a.X >= f.X+f.W || f.X >= a.X+a.W || a.Y >= f.Y+f.H || f.Y >= a.Y+a.H
			if member := len(a.Step.Name) > len(f.Label) && a.Step.Name[:len(f.Label)+1] == f.Label+"."; member != inside || member == apart {
				t.Fatalf("%s in the group %s: %v, drawn inside: %v, apart: %v", a.Step.Name, f.Label, member, inside, apart)
			}
		}
	}
}

// TestDrawnNeeds draws no need that follows from others, and a need of a group's step as one of the group.
func TestDrawnNeeds(t *testing.T) {
	plan := &runtime.Plan{Steps: []runtime.PlanStep{
		{Name: "a"}, {Name: "g", Kind: "gate", Needs: []string{"a"}}, {Name: "g.x", Needs: []string{"g", "a"}},
		{Name: "g.y", Needs: []string{"g.x", "g"}}, {Name: "z", Needs: []string{"a", "g.x", "g.y"}}}}
	g := draw(plan, planSteps(plan), false)
	if len(g.Edges) != 4 { // a to the group, the group to z, and two within it
		t.Errorf("%d edges: %q", len(g.Edges), g.Edges)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\nand more":                 "plain text\nand more",
		"\x1b[1;31mred\x1b[0m \x1b]0;title\x07": "red ",
		"10%\r20%\r\nend":                       "10%\n20%\nend",
		"\xff\x00\u202eabc":                     "\uFFFD\uFFFD\uFFFDabc",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
