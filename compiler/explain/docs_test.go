package explain_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/explain"
)

var update = flag.Bool("update", false, "rewrite what docs/diagnostics.md shows")

const docsFile = "../../docs/diagnostics.md"

// listMark is what stands above the list of all codes, which goes to the end of the file.
const listMark = "<!-- This list is made of compiler/explain/pages: go test ./compiler/explain -update -->\n\n"

var docsBlock = regexp.MustCompile("(?ms)^```(text|diff|json)\n(.*?)^```$")

// TestDocs holds docs/diagnostics.md to the pages, and what it shows of its spec to what zenc says of that.
func TestDocs(t *testing.T) {
	onDisk, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(onDisk), listMark)
	_, rest, hasSpec := strings.Cut(head, "```yaml\n")
	spec, _, _ := strings.Cut(rest, "```\n")
	if !found || !hasSpec {
		t.Fatal("docs/diagnostics.md lacks the mark above the list, or a spec")
	}
	blocks := blocksOfDocs(t, spec)
	want := docsBlock.ReplaceAllStringFunc(head, func(old string) string {
		if len(blocks) == 0 {
			t.Fatal("docs/diagnostics.md has more blocks than this test knows")
		}
		kind := docsBlock.FindStringSubmatch(old)[1]
		text := blocks[0].text
		if blocks[0].language != kind {
			t.Fatalf("docs/diagnostics.md: a block %s, want %s", kind, blocks[0].language)
		}
		blocks = blocks[1:]
		return "```" + kind + "\n" + text + "```"
	})
	if len(blocks) > 0 {
		t.Errorf("docs/diagnostics.md lacks a block %s", blocks[0].language)
	}
	var list strings.Builder
	explain.WriteMarkdownList(&list, explain.All(), "../compiler/explain/pages")
	want += listMark + list.String()
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(onDisk), want); diff != "" {
		t.Errorf("docs/diagnostics.md differs (-on disk +now); go test ./compiler/explain -update rewrites it:\n%s", diff)
	}
}

// blocksOfDocs are what the document shows of its spec, in their order.
func blocksOfDocs(t *testing.T, spec string) []block {
	t.Helper()
	_, diags := compiler.Compile(compiler.Source{Data: []byte(spec)})
	reports := []diag.Report{{Source: diag.Source{Name: "pipeline.yaml", Data: []byte(spec)}, List: diags}}
	var text, json, github bytes.Buffer
	diag.Render(&text, reports[0].Source, diags, diag.Style{})
	if err := diag.WriteJSON(&json, reports); err != nil {
		t.Fatal(err)
	}
	diag.WriteGitHub(&github, reports)
	fixed, n := diag.ApplyFixes(spec, diags)
	if n != 1 {
		t.Errorf("%d mistakes of the spec can be fixed, want 1", n)
	}
	return []block{
		{language: "text", text: text.String()},
		{language: "diff", text: changedLines(spec, fixed)},
		{language: "json", text: json.String()},
		{language: "text", text: github.String()},
	}
}

// changedLines shows the lines that differ. Fixes neither add lines nor take any away.
func changedLines(before, after string) string {
	var out strings.Builder
	old, now := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	for i := range old {
		if old[i] != now[i] {
			fmt.Fprintf(&out, "-%s+%s", old[i], now[i])
		}
	}
	return out.String()
}
