package kubeflow

import (
	"github.com/zenc-dev/zenc/compiler/ir"
)

// merge puts the user's options on an object of Argo: maps are merged, lists are lengthened, all else is replaced.
func merge(n *node, fields []ir.Field) *node {
	for _, f := range fields {
		value := optionNode(&f.Value)
		old := n.get(f.Key)
		switch {
		case old != nil && old.kind == mapNode && value.kind == mapNode:
			merge(old, f.Value.Map)
		case old != nil && old.kind == listNode && value.kind == listNode:
			old.items = append(old.items, value.items...)
		default:
			n.put(f.Key, value)
		}
	}
	return n
}

func optionNode(v *ir.Value) *node {
	switch v.Kind {
	case ir.StringValue:
		return block(v.Text)
	case ir.ListValue:
		n := list()
		for i := range v.Items {
			n.add(optionNode(&v.Items[i]))
		}
		return n
	case ir.MapValue:
		n := object()
		for i := range v.Map {
			n.put(v.Map[i].Key, optionNode(&v.Map[i].Value))
		}
		return n
	case ir.NullValue:
		return plain("null")
	}
	return plain(v.Text)
}
