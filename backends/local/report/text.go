package report

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// escape is a control sequence of a terminal, such as a colour or a title. ECMA-48, and OSC of xterm.
var escape = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-Z\\\\^_])")

// clean makes text readable on a page: without colours, and with U+FFFD for what has no form.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = escape.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n") // a progress bar writes over itself
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = runtime.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// short cuts a line to a number of characters.
func short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// beginning cuts text to a number of bytes, and says how many are left out.
func beginning(s string, most int) string {
	if len(s) <= most {
		return clean(s)
	}
	return clean(strings.ToValidUTF8(s[:most], "")) + fmt.Sprintf("… (%s more)", bytes(int64(len(s)-most)))
}

// ending reads at most so many bytes from the end of a file, from the beginning of a line on, and tells how many it left out.
func ending(path string, most int64) (text string, left int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", 0, err
	}
	left = max(0, info.Size()-most)
	content, err := io.ReadAll(io.NewSectionReader(file, left, most))
	if err != nil {
		return "", 0, err
	}
	text = string(content)
	if left > 0 {
		if at := strings.IndexByte(text, '\n'); at >= 0 && at+1 < len(text) {
			text, left = text[at+1:], left+int64(at)+1
		}
	}
	return clean(text), left, nil
}

// took writes how long something took.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return runtime.Elapsed(d)
}

// bytes writes a number of bytes.
func bytes(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
