package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A docBlock is what a page shows between two fences. What is done with it follows from the first line, behind the opening fence:
//
//	yaml file=pipeline.yaml     the block is written to that file; so it is if its first line is the comment "# pipeline.yaml"
//	diff apply=pipeline.yaml    the lines with - are in that file, and those with + come in their place
//	python shows=dags/demo.py   that file has these lines, one after the other
//	yaml compiles               it is a spec without a finding; with compiles=airflow, for that engine
//	sh                          each line is run, and succeeds unless a comment behind it says "# exit code 1"
//	console                     lines with "$ " are run, what follows is what they print; so is text that begins with "$ "
//	text drawing                boxes and arrows, which say nothing that could be run
//	sh not-run: REASON          it is not run, for want of a cluster or a network; it still has to be sh, or yaml
//
// A line "…" in what a file has or a command prints stands for any lines. Anything else is a block that nothing tests: an error.
type docBlock struct {
	line   int // of the opening fence
	lang   string
	words  map[string]string // of the first line: what is written with or without a value
	notRun string            // the reason
	text   string
}

var (
	docFence   = regexp.MustCompile("^(```+)(.*)$")
	fileInLine = regexp.MustCompile(`^(?:#|//) (?:file: )?([A-Za-z0-9_.][A-Za-z0-9_./-]*\.[a-z]+)$`)
)

// docBlocks are the blocks of a page, in their order.
func docBlocks(page string) ([]docBlock, error) {
	var out []docBlock
	var open *docBlock
	mark := ""
	for i, line := range strings.Split(page, "\n") {
		m := docFence.FindStringSubmatch(line)
		switch {
		case open == nil && m != nil:
			b, err := newDocBlock(i+1, m[2])
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			open, mark = b, m[1]
		case open != nil && line == mark:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block has no end", open.line)
	}
	for i := range out {
		out[i].nameFromComment()
	}
	return out, nil
}

func newDocBlock(line int, info string) (*docBlock, error) {
	b := &docBlock{line: line, words: map[string]string{}}
	info, reason, hasReason := strings.Cut(info, " not-run:")
	if b.notRun = strings.TrimSpace(reason); hasReason && b.notRun == "" {
		return nil, fmt.Errorf("not-run has no reason")
	}
	words := strings.Fields(info)
	if len(words) == 0 {
		return nil, fmt.Errorf("the block has no language")
	}
	b.lang = words[0]
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "file", "apply", "shows", "compiles", "drawing":
			b.words[name] = value
		default:
			return nil, fmt.Errorf("%q is nothing that a block can be", word)
		}
	}
	return b, nil
}

// nameFromComment takes the file's name from the first line of a block that says nothing else.
func (b *docBlock) nameFromComment() {
	first, _, _ := strings.Cut(b.text, "\n")
	if m := fileInLine.FindStringSubmatch(first); m != nil && len(b.words) == 0 && b.notRun == "" {
		b.words["file"] = m[1]
	}
}

func (b *docBlock) isConsole() bool {
	return b.lang == "console" || b.lang == "text" && strings.HasPrefix(b.text, "$ ")
}

// isDrawing reports boxes and arrows: without an arrow it is none, so that nothing else hides behind the word.
func (b *docBlock) isDrawing() bool {
	_, isCalled := b.words["drawing"]
	return isCalled && b.lang == "text" && strings.Contains(b.text, "──")
}

// A docCommand is one of a page, and what the page says of it.
type docCommand struct {
	line   int
	text   string
	code   int // exit code
	output string
}

var exitComment = regexp.MustCompile(`# exit code (\d+)\b`)

// commands are those of a sh or console block. A line that ends with a backslash goes on in the next one.
func (b *docBlock) commands() ([]docCommand, error) {
	var out []docCommand
	goesOn := false
	for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
		text, isCommand := line, true
		if b.isConsole() {
			text, isCommand = strings.CutPrefix(line, "$ ")
		}
		switch {
		case goesOn:
			out[len(out)-1].text += "\n" + line
		case isCommand && strings.TrimSpace(text) != "":
			out = append(out, docCommand{line: b.line + 1 + i, text: text})
		case isCommand:
			continue
		case len(out) == 0:
			return nil, fmt.Errorf("line %d: a line before the first command", b.line+1+i)
		default:
			out[len(out)-1].output += line + "\n"
			continue
		}
		goesOn = strings.HasSuffix(line, `\`)
	}
	for i := range out {
		if m := exitComment.FindStringSubmatch(out[i].text); m != nil {
			fmt.Sscan(m[1], &out[i].code)
		}
	}
	return out, nil
}

// linesMatch reports whether lines are those that a page shows, in which a line "…" stands for any lines.
func linesMatch(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if strings.TrimSpace(want[0]) == "…" {
		for skip := range len(got) + 1 {
			if linesMatch(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && want[0] == got[0] && linesMatch(want[1:], got[1:])
}

// docLines are those of a text, without spaces at their ends and without empty lines at its end.
func docLines(text string) []string {
	out := strings.Split(strings.TrimRight(text, " \n"), "\n")
	for i := range out {
		out[i] = strings.TrimRight(out[i], " ")
	}
	return out
}

// docVarying is what differs from run to run, by what it is shown as.
var docVarying = []struct {
	pattern *regexp.Regexp
	shown   string
}{
	{regexp.MustCompile(`\b\d{8}-\d{6}-[0-9a-f]{5}\b`), "RUN"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b`), "WHEN"},
	{regexp.MustCompile(` *\b\d+(\.\d+)?m?s\b *`), " TIME "},
	{regexp.MustCompile(`-code-[0-9a-f]{10}\b`), "-code-HASH"},
	{regexp.MustCompile(`\b[0-9a-f]{7,40}\b`), "HASH"},
}

// docSteady is a text without what differs from run to run.
func docSteady(text string) string {
	for _, v := range docVarying {
		text = v.pattern.ReplaceAllString(text, v.shown)
	}
	return text
}

// TestDocBlocks holds the reader of pages to what it is written to do.
func TestDocBlocks(t *testing.T) {
	page := "text\n```yaml file=a.yaml\nname: a\n```\n```yaml\n# b/c.yaml\nname: b\n```\n```console\n$ x \\\n  y # exit code 2\nout 1.5s\n\n$ z\n```\n" +
		"```sh not-run: needs a cluster\nkubectl\n```\n````text\n```\n````\n"
	blocks, err := docBlocks(page)
	if err != nil || len(blocks) != 5 {
		t.Fatal(err, blocks)
	}
	if blocks[0].words["file"] != "a.yaml" || blocks[1].words["file"] != "b/c.yaml" || blocks[3].notRun != "needs a cluster" || blocks[4].text != "```\n" {
		t.Errorf("%+v", blocks)
	}
	got, err := blocks[2].commands()
	if err != nil || len(got) != 2 || got[0].text != "x \\\n  y # exit code 2" || got[0].code != 2 || got[0].output != "out 1.5s\n\n" || got[1].code != 0 {
		t.Errorf("%+v %v", got, err)
	}
	for _, wrong := range []string{"```\nx\n```\n", "```sh not-run:\nx\n```\n", "```sh nonsense\nx\n```\n", "```sh\nx\n"} {
		if _, err := docBlocks(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	for _, c := range []struct {
		want, got string
		fits      bool
	}{
		{"a\n…\nd", "a\nb\nc\nd", true}, {"a\n…\nd", "a\nd\n", true}, {"…", "", true}, {"a\n…", "a\nb  ", true}, {"a\n…\nc", "a\nb", false},
		{"in 1.1s", "in   12.0s", true}, {"run 20261126-024223-607aa of x", "run 20270101-000000-abcde of x", true}, {"a", "a\nb", false},
	} {
		fits := linesMatch(docLines(docSteady(c.want)), docLines(docSteady(c.got)))
		if fits != c.fits {
			t.Errorf("%q and %q: %v", c.want, c.got, fits)
		}
	}
}
