package diag_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// TestApplyFixes replaces what is safe, in the quotes that were there, and counts lines and runes as places do.
func TestApplyFixes(t *testing.T) {
	const text = "a: é rnu\r\nb: \"strng\"\u2028c: rnu\nd: rnu\n"
	var list diag.List
	fix := func(line, col, end int, to string, safe bool) {
		list.Errorf(diag.Pos{Line: line, Col: col, End: end}, diag.UnknownKey, "%d", line).Replace(to, safe)
	}
	fix(1, 6, 9, "run", true)
	fix(2, 4, 11, "string", true)
	fix(3, 4, 7, "run", true)
	fix(4, 4, 7, "run", false)
	fix(9, 1, 2, "beyond the end", true)
	got, n := diag.ApplyFixes(text, list)
	if want := "a: é run\r\nb: \"string\"\u2028c: run\nd: rnu\n"; got != want || n != 3 {
		t.Errorf("%d fixes: %q, want %q", n, got, want)
	}
}

// TestMachineFormats shows the forms for programs, with text that tries to break out of them.
func TestMachineFormats(t *testing.T) {
	var list diag.List
	list.Errorf(diag.Pos{Line: 2, Col: 3, End: 6}, diag.UnknownKey, "<\"rnu\">\n::error::x").Replace("run", true).
		WithNote(diag.Pos{Line: 1, Col: 1}, "here").WithNoteIn("a.py", "x", diag.Pos{Line: 7, Col: 5}, "there")
	list.Warnf(diag.Pos{}, diag.BadFile, "100%% of it")
	reports := []diag.Report{{Source: diag.Source{Name: "a,b:c.yaml"}, List: list}}
	var b bytes.Buffer
	diag.WriteGitHub(&b, reports)
	want := "::warning file=a%2Cb%3Ac.yaml,title=bad-file::100%25 of it\n" +
		"::error file=a%2Cb%3Ac.yaml,line=2,col=3,endColumn=6,title=unknown-key::<\"rnu\">%0A::error::x%0Adid you mean \"run\"?\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := diag.WriteJSON(&b, reports); err != nil {
		t.Fatal(err)
	}
	want = `{
  "version": 1,
  "diagnostics": [
    {
      "file": "a,b:c.yaml",
      "severity": "warning",
      "code": "bad-file",
      "message": "100% of it"
    },
    {
      "file": "a,b:c.yaml",
      "line": 2,
      "column": 3,
      "end_column": 6,
      "severity": "error",
      "code": "unknown-key",
      "message": "<\"rnu\">\n::error::x",
      "help": "did you mean \"run\"?",
      "notes": [
        {
          "file": "a,b:c.yaml",
          "line": 1,
          "column": 1,
          "message": "here"
        },
        {
          "file": "a.py",
          "line": 7,
          "column": 5,
          "message": "there"
        }
      ],
      "fix": {
        "file": "a,b:c.yaml",
        "line": 2,
        "column": 3,
        "end_column": 6,
        "text": "run",
        "safe": true
      }
    }
  ]
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
