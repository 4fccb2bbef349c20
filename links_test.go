package zenc_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestLinks holds that each relative link of a Markdown file leads to a file of the repository and, where it names one, to a heading.
func TestLinks(t *testing.T) {
	links := 0
	for _, file := range markdownFiles(t) {
		for _, link := range linksOf(read(t, file)) {
			if isElsewhere(link) {
				continue
			}
			links++
			if err := checkLink(file, link); err != nil {
				t.Errorf("%s: the link %s: %v", file, link, err)
			}
		}
	}
	if links < 100 {
		t.Errorf("%d links in all Markdown files", links)
	}
}

// TestIndex holds that docs/README.md leads to every page.
func TestIndex(t *testing.T) {
	const index = "docs/README.md"
	linked := map[string]bool{index: true}
	for _, link := range linksOf(read(t, index)) {
		file, _, _ := strings.Cut(link, "#")
		linked[path.Join("docs", file)] = true
	}
	for _, file := range markdownFiles(t) {
		if strings.HasPrefix(file, "docs/") && !linked[file] {
			t.Errorf("%s has no link to %s", index, file)
		}
	}
}

// markdownFiles are the Markdown files of the repository, but for those that tests compare.
func markdownFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "." || d.Name() == "testdata" || d.Name() == "dist" || d.Name() == "node_modules"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(file, ".md"):
			out = append(out, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^(```+)[^`\n]*\n.*?^```+[ \t]*$")
	inlineCode  = regexp.MustCompile("`[^`\n]+`")
	inlineLink  = regexp.MustCompile(`\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)`)
)

// linksOf are the targets of the links and pictures of a text. What is in code is none.
func linksOf(text string) []string {
	text = inlineCode.ReplaceAllString(fencedBlock.ReplaceAllString(text, ""), "code")
	var out []string
	for _, m := range inlineLink.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func isElsewhere(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme != ""
}

func checkLink(from, link string) error {
	name, heading, hasHeading := strings.Cut(link, "#")
	target := from
	if name != "" {
		target = path.Join(path.Dir(from), name)
	}
	if target == ".." || strings.HasPrefix(target, "../") || path.IsAbs(name) {
		return fmt.Errorf("it leads out of the repository")
	}
	info, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("there is no %s", target)
	}
	if !hasHeading {
		return nil
	}
	if info.IsDir() || !strings.HasSuffix(target, ".md") {
		return fmt.Errorf("%s has no headings", target)
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !headingsOf(string(text))[heading] {
		return fmt.Errorf("%s has no heading %q", target, heading)
	}
	return nil
}

var headingLine = regexp.MustCompile(`(?m)^#{1,6}[ \t]+(.+?)[ \t]*$`)

// headingsOf are the names by which links reach the headings of a text, as GitHub makes them.
func headingsOf(text string) map[string]bool {
	out := map[string]bool{}
	seen := map[string]int{}
	for _, m := range headingLine.FindAllStringSubmatch(fencedBlock.ReplaceAllString(text, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, inlineLink.ReplaceAllString(m[1], "]"))
		if n := seen[name]; n > 0 {
			out[fmt.Sprintf("%s-%d", name, n)] = true
		} else {
			out[name] = true
		}
		seen[name]++
	}
	return out
}

// TestCheckLink holds the test of links to finding what is broken.
func TestCheckLink(t *testing.T) {
	text := "# A `b` & c: d_e\n\n```sh\n# no heading\n```\n## Twice\n## Twice\n[x](a.md \"title\") `[y](b.md)` ![z](<c.png>)\n\n```text\n[w](d.md)\n```\n"
	if got := fmt.Sprint(linksOf(text)); got != "[a.md c.png]" {
		t.Errorf("links %s", got)
	}
	headings := headingsOf(text)
	for _, name := range []string{"a-b--c-d_e", "twice", "twice-1"} {
		if !headings[name] {
			t.Errorf("no heading %q in %v", name, headings)
		}
	}
	if len(headings) != 3 {
		t.Errorf("headings %v", headings)
	}
	for _, link := range []string{"nothing.md", "../../etc/passwd", "/etc/passwd", "language.md#nothing", "../docs#x", "#nothing"} {
		if checkLink("docs/language.md", link) == nil {
			t.Errorf("%s is taken for a link that leads somewhere", link)
		}
	}
	for _, link := range []string{"language.md", "../LICENSE", "../docs", "#schedule", "language.md#zencyaml"} {
		if err := checkLink("docs/language.md", link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
	}
}
