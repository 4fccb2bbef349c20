package layout

import (
	"cmp"
	"slices"
)

// The spaces of a drawing, in CSS pixels.
const (
	layerGap  = 44 // between layers
	nodeGap   = 14 // between the boxes of a layer
	groupPad  = 14 // between a group's frame and what is in it
	groupHead = 26 // above it, for the group's name
)

// box is a node or a group in a layered drawing: each box is in a layer behind those of all that it needs. With a group that holds
// for what is in it, and for the group as a whole.
type box struct {
	node  int    // its index; -1: a group, or a bend of an edge
	name  string // of a node or a group
	label string // of a group
	parts []*box // of a group
	needs []*box // within the same group

	x, y, w, h float64 // x and y are those of the top left corner
	layer      int
	rank       float64 // in its layer, from the middle
	before     []*box  // in the layer before, bends among them
	behind     []*box  // in the layer behind
}

func (b *box) isBend() bool { return b.node < 0 && b.parts == nil }

// edge is a line from one box to another, through the bends between them.
type edge struct{ via []*box }

// drawing lays a group out, to the right or downwards. Equal graphs have equal drawings.
type drawing struct {
	down  bool
	edges []edge
}

// size and at are those of a box along the layers, and across if across is true.
func (d *drawing) size(b *box, across bool) float64 {
	if d.down == across {
		return b.w
	}
	return b.h
}

func (d *drawing) stretch(b *box, size float64) {
	if d.down {
		b.h = size
	} else {
		b.w = size
	}
}

func (d *drawing) at(b *box, across bool) *float64 {
	if d.down == across {
		return &b.x
	}
	return &b.y
}

// layOut sets the size of a group and where the boxes are in it; move makes those places absolute.
func (d *drawing) layOut(g *box) {
	for _, b := range g.parts {
		if b.node < 0 {
			d.layOut(b)
		}
	}
	reduce(g.parts)
	layers := d.bend(g.parts)
	for range 4 {
		for _, l := range layers[1:] {
			sortBy(l, func(b *box) []*box { return b.before })
		}
		for _, l := range slices.Backward(layers[:len(layers)-1]) {
			sortBy(l, func(b *box) []*box { return b.behind })
		}
	}
	d.place(layers)
	g.w = 2*groupPad + 8*float64(len(g.label))
	for _, l := range layers {
		for _, b := range l {
			b.x, b.y = b.x+groupPad, b.y+groupHead
			g.w, g.h = max(g.w, b.x+b.w+groupPad), max(g.h, b.y+b.h+groupPad)
		}
	}
}

// move shifts what is in a group by where the group is.
func (g *box) move(x, y float64) {
	g.x, g.y = g.x+x, g.y+y
	for _, b := range g.parts {
		b.move(g.x, g.y)
	}
}

// reduce drops the needs that follow from others: what a drawing shows stays readable, and says the same.
func reduce(parts []*box) {
	reached := map[*box]map[*box]bool{} // all that a box needs, also through others
	for _, b := range parts {           // needs come first
		all := map[*box]bool{}
		for _, need := range b.needs {
			for other := range reached[need] {
				all[other] = true
			}
		}
		b.needs = slices.DeleteFunc(b.needs, func(need *box) bool { return all[need] })
		for _, need := range b.needs {
			all[need] = true
		}
		reached[b] = all
	}
}

// bend puts the boxes into layers, each as early as its needs let it, and bends the edges that go over several layers, so that
// they have a place in each of them.
func (d *drawing) bend(parts []*box) [][]*box {
	layers := [][]*box{{}}
	put := func(b *box) {
		for len(layers) <= b.layer {
			layers = append(layers, nil)
		}
		layers[b.layer] = append(layers[b.layer], b)
	}
	for _, b := range parts {
		for _, need := range b.needs {
			b.layer = max(b.layer, need.layer+1)
		}
		put(b)
	}
	for _, b := range parts {
		for _, need := range b.needs {
			e := edge{via: []*box{need}}
			from := need
			for layer := need.layer + 1; layer <= b.layer; layer++ {
				to := b
				if layer < b.layer {
					to = &box{node: -1, layer: layer}
					put(to)
				}
				from.behind, to.before = append(from.behind, to), append(to.before, from)
				e.via = append(e.via, to)
				from = to
			}
			d.edges = append(d.edges, e)
		}
	}
	for _, l := range layers {
		rank(l)
	}
	return layers
}

// sortBy orders a layer by where the neighbours of its boxes are in theirs. The sort is stable, so that it is deterministic.
func sortBy(layer []*box, neighbours func(*box) []*box) {
	mean := make(map[*box]float64, len(layer))
	for _, b := range layer {
		mean[b] = b.rank
		if near := neighbours(b); len(near) > 0 {
			sum := 0.0
			for _, n := range near {
				sum += n.rank
			}
			mean[b] = sum / float64(len(near))
		}
	}
	slices.SortStableFunc(layer, func(a, b *box) int { return cmp.Compare(mean[a], mean[b]) })
	rank(layer)
}

// rank numbers a layer from its middle, so that layers of different sizes compare.
func rank(layer []*box) {
	for i, b := range layer {
		b.rank = float64(i) - float64(len(layer)-1)/2
	}
}

// place gives the boxes of ordered layers their places: each as near as it can be to the middle of its neighbours.
func (d *drawing) place(layers [][]*box) {
	along := 0.0
	for _, l := range layers {
		size := 0.0
		for _, b := range l {
			size = max(size, d.size(b, false))
		}
		across := 0.0
		for _, b := range l {
			if b.isBend() { // a line through the layer
				d.stretch(b, size)
			}
			*d.at(b, false) = along
			*d.at(b, true) = across
			across += d.size(b, true) + nodeGap
		}
		for _, b := range l {
			*d.at(b, true) -= across / 2
		}
		along += size + layerGap
	}
	for range 4 {
		for _, l := range layers {
			d.approach(l, func(b *box) []*box { return b.before })
		}
		for _, l := range slices.Backward(layers) {
			d.approach(l, func(b *box) []*box { return b.behind })
		}
	}
	least := 0.0
	for _, l := range layers {
		for _, b := range l {
			least = min(least, *d.at(b, true))
		}
	}
	for _, l := range layers {
		for _, b := range l {
			*d.at(b, true) -= least
		}
	}
}

// approach moves the boxes of a layer towards their neighbours, in their order and without an overlap, so that the sum of the squared
// distances to where they would like to be is the least: an isotonic regression, by pooling neighbours that are in each other's way.
func (d *drawing) approach(layer []*box, neighbours func(*box) []*box) {
	type pool struct {
		sum   float64
		boxes int
	}
	var pools []pool
	mean := func(p pool) float64 { return p.sum / float64(p.boxes) }
	offset := 0.0
	for _, b := range layer {
		wanted := *d.at(b, true)
		if near := neighbours(b); len(near) > 0 {
			sum := 0.0
			for _, n := range near {
				sum += *d.at(n, true) + d.size(n, true)/2
			}
			wanted = sum/float64(len(near)) - d.size(b, true)/2
		}
		pools = append(pools, pool{wanted - offset, 1})
		for n := len(pools); n > 1 && mean(pools[n-2]) > mean(pools[n-1]); n-- {
			pools = append(pools[:n-2], pool{pools[n-2].sum + pools[n-1].sum, pools[n-2].boxes + pools[n-1].boxes})
		}
		offset += d.size(b, true) + nodeGap
	}
	offset = 0
	for _, p := range pools {
		for _, b := range layer[:p.boxes] {
			*d.at(b, true) = mean(p) + offset
			offset += d.size(b, true) + nodeGap
		}
		layer = layer[p.boxes:]
	}
}
