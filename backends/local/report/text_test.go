package report

import "testing"

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\nand more":                 "plain text\nand more",
		"\x1b[1;31mred\x1b[0m \x1b]0;title\x07": "red ",
		"10%\r20%\r\nend":                       "10%\n20%\nend",
		"\xff\x00\u202eabc":                     "\uFFFD\uFFFD\uFFFDabc",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
