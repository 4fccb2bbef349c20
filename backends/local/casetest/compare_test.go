package casetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler/cases"
	"github.com/zenc-dev/zenc/compiler/ir"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCompareFolders(t *testing.T) {
	want := write(t, map[string]string{"same": "x", "sub/text": "a\nb\n", "bytes": "\x00\x01", "gone": ""})
	got := write(t, map[string]string{"same": "x", "sub/text": "a\nc\n", "bytes": "\x00", "new": ""})
	s, out := &Suite{}, &Result{}
	s.compareOutput("d", cases.Content{Path: want}, got, out)
	var lines []string
	for _, p := range out.Problems {
		lines = append(lines, p.Where+": "+p.Message)
	}
	expected := []string{
		"d/bytes: its content is another one, of 1 bytes; want 2 bytes",
		`d: there is no "gone" in it`,
		"d/sub/text: it differs:\n--- want\n+++ got\n@@ -1,2 +1,2 @@\n a\n-b\n+c",
		`d: "new" is in it, which is not expected`,
	}
	if diff := cmp.Diff(expected, lines); diff != "" {
		t.Error(diff)
	}
	out = &Result{}
	s.compareOutput("d", cases.Content{Path: want}, want, out)
	if out.Problems != nil {
		t.Errorf("%+v", out.Problems)
	}
}

func TestCompareValues(t *testing.T) {
	long := strings.Repeat("x", oneLine)
	for _, c := range []struct {
		want ir.Value
		got  any
		text string // "": equal
	}{
		{ir.Value{Kind: ir.IntValue, Text: "1"}, int64(1), ""},
		{ir.Value{Kind: ir.IntValue, Text: "1"}, 1.0, "got 1.0, want 1"},
		{ir.Value{Kind: ir.FloatValue, Text: "0.3"}, 0.3, ""},
		{ir.Value{Kind: ir.StringValue, Text: "1"}, int64(1), `got 1, want "1"`},
		{ir.Value{Kind: ir.NullValue}, nil, ""},
		{ir.Value{Kind: ir.MapValue, Map: []ir.Field{{Key: "b", Value: ir.Value{Kind: ir.IntValue, Text: "1"}}, {Key: "a", Value: ir.Value{Kind: ir.NullValue}}}},
			map[string]any{"a": nil, "b": int64(1)}, ""},
		{ir.Value{Kind: ir.StringValue, Text: long + "\na\n"}, long + "\nb\n", "it differs:\n--- want\n+++ got\n@@ -1,2 +1,2 @@\n " + long + "\n-a\n+b"},
	} {
		out := &Result{}
		(&Suite{}).compareOutput("x", cases.Content{Value: &c.want}, c.got, out)
		got := ""
		if out.Problems != nil {
			got = out.Problems[0].Message
		}
		if got != c.text {
			t.Errorf("%v, %v: %q, want %q", c.want, c.got, got, c.text)
		}
	}
}
