package expr

import (
	"slices"
	"strings"
	"testing"
)

func TestSpans(t *testing.T) {
	for text, want := range map[string][]string{
		"a ${{ x }} b ${{y}}":         {" x ", "y"},
		"$${{ x }} ${{ y }}":          {" y "},
		"${{ steps.":                  {" steps."},
		"${{ a\nb":                    {" a"},
		`${{ "}}" + x }}`:             {` "}}" + x `},
		"${{ f( }} and ${{ g }}":      {" f( ", " g "},
		"none":                        nil,
		"${{ {a: {b: 1}} }}":          {" {a: {b: 1}} "},
		"${{":                         {""},
		"é${{ \"😀\" }}":               {" \"😀\" "},
		"${{ 'open }} ${{ steps.a }}": {" 'open ", " steps.a "},
	} {
		var got []string
		for _, s := range Spans(text) {
			got = append(got, text[s.Start:s.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestChains(t *testing.T) {
	for src, want := range map[string]string{
		"steps.a.b + params.x":       "steps.a.b params.x",
		"len(steps.a.b)":             "len() steps.a.b",
		"steps.":                     "steps.",
		"steps.a.":                   "steps.a.",
		`"steps.a" + 'x' + y`:        "y",
		"x[0].field":                 "x",
		"1.5e3 + each.v":             "each.v",
		"a ? b : c.d":                "a b c.d",
		`"open steps.a`:              "",
		"max (1, 2)":                 "max()",
		"steps..b":                   "steps.",
		"json(params.é)":             "json() params.",
		"run.interval.start ?? \"\"": "run.interval.start",
	} {
		var got []string
		for _, c := range Chains(src) {
			var parts []string
			for _, p := range c.Parts {
				if src[p.Start:p.End] != p.Text {
					t.Errorf("%q: the part %q is not where it should be", src, p.Text)
				}
				parts = append(parts, p.Text)
			}
			text := strings.Join(parts, ".")
			if c.Call {
				text += "()"
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", src, got, want)
		}
	}
}

// TestHelp: editors have a word on everything.
func TestHelp(t *testing.T) {
	for _, f := range Functions() {
		if f.Takes == "" || f.Gives == "" || f.Description == "" {
			t.Errorf("%+v says too little", f)
		}
	}
	for _, f := range RunFields() {
		if f.Description == "" {
			t.Errorf("run.%s says nothing", f.Name)
		}
	}
	if len(Roots()) != len(roots) {
		t.Errorf("%d roots, want %d", len(Roots()), len(roots))
	}
}
