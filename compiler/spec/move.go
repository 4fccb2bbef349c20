package spec

import (
	"reflect"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// MoveTo gives everything in a tree one place: that in another file which stands for it.
func (p *Pipeline) MoveTo(pos diag.Pos) { moveTo(reflect.ValueOf(p), pos) }

func moveTo(v reflect.Value, pos diag.Pos) {
	switch v.Kind() {
	case reflect.Pointer:
		if value, ok := v.Interface().(*Value); ok && value != nil {
			value.at = locator{}
		}
		if !v.IsNil() {
			moveTo(v.Elem(), pos)
		}
	case reflect.Slice:
		for i := range v.Len() {
			moveTo(v.Index(i), pos)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[diag.Pos]() {
			v.Set(reflect.ValueOf(pos))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				moveTo(v.Field(i), pos)
			}
		}
	}
}
