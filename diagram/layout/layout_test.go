package layout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func sized(nodes []Node) []Node {
	for i := range nodes {
		nodes[i].Width, nodes[i].Height = 90+float64(i%7)*20, 46
	}
	return nodes
}

// TestDrawing holds random graphs with groups to what makes a drawing readable: nothing overlaps, what is in a group is within its
// frame, and the same graph has the same drawing.
func TestDrawing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		var nodes []Node
		for i := range 1 + n*2 {
			s := Node{Name: fmt.Sprintf("s%d", i)}
			if group := i / 5 % 3; group > 0 { // every group has the five steps that follow on each other
				s.Name = fmt.Sprintf("g%d.%s", i/5, s.Name)
			}
			for _, before := range nodes {
				if random.IntN(6) == 0 {
					s.Needs = append(s.Needs, before.Name)
				}
			}
			nodes = append(nodes, s)
		}
		for _, down := range []bool{false, true} {
			g := draw(sized(nodes), down)
			if len(g.Nodes) != len(nodes) {
				t.Fatalf("%d places of %d nodes", len(g.Nodes), len(nodes))
			}
			checkOverlaps(t, g, nodes)
			if got := draw(nodes, down); fmt.Sprint(got.Edges, got.Groups) != fmt.Sprint(g.Edges, g.Groups) {
				t.Fatal("the same graph has two drawings")
			}
		}
	}
}

func checkOverlaps(t *testing.T, g *Drawing, nodes []Node) {
	t.Helper()
	for i, a := range g.Nodes {
		if a.X < 0 || a.Y < 0 || a.X+a.W > g.Width || a.Y+a.H > g.Height {
			t.Fatalf("%s is outside of the drawing", nodes[a.Node].Name)
		}
		for _, b := range g.Nodes[:i] {
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Fatalf("%s and %s overlap", nodes[a.Node].Name, nodes[b.Node].Name)
			}
		}
		for _, f := range g.Groups {
			inside := a.X >= f.X && a.Y >= f.Y && a.X+a.W <= f.X+f.W && a.Y+a.H <= f.Y+f.H
			apart := a.X >= f.X+f.W || f.X >= a.X+a.W || a.Y >= f.Y+f.H || f.Y >= a.Y+a.H
			if member := strings.HasPrefix(nodes[a.Node].Name, f.Name+"."); member != inside || member == apart {
				t.Fatalf("%s in the group %s: %v, drawn inside: %v, apart: %v", nodes[a.Node].Name, f.Label, member, inside, apart)
			}
		}
	}
}

// TestDrawnNeeds draws no need that follows from others, and a need of a group's step as one of the group.
func TestDrawnNeeds(t *testing.T) {
	nodes := []Node{
		{Name: "a"}, {Name: "g", Needs: []string{"a"}}, {Name: "g.x", Needs: []string{"g", "a"}},
		{Name: "g.y", Needs: []string{"g.x", "g"}}, {Name: "z", Needs: []string{"a", "g.x", "g.y"}}}
	g := draw(sized(nodes), false)
	var got []string
	for _, e := range g.Edges {
		got = append(got, e.From+" "+e.To)
	}
	if want := []string{"g g.x", "g.x g.y", "a g", "g z"}; !slices.Equal(got, want) { // the first g is the node, the others are the group
		t.Errorf("edges %q, want %q", got, want)
	}
}
