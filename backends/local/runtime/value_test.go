package runtime

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func python(t *testing.T, script, stdin string) string {
	t.Helper()
	cmd := exec.Command("python3", "-X", "utf8", "-c", script)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return string(out)
}

func TestTextForms(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{"a\n\"b\"", "a\n\"b\""}, {true, "true"}, {nil, "null"}, {1, "1"}, {int64(math.MinInt64), "-9223372036854775808"},
		{1.0, "1.0"}, {0.1, "0.1"}, {1e16, "1e+16"}, {1e15, "1000000000000000.0"}, {1e-5, "1e-05"}, {1e-4, "0.0001"}, {1e22, "1e+22"},
		{1e300, "1e+300"}, {math.Copysign(0, -1), "-0.0"}, {5e-324, "5e-324"},
		{[]any{1, "a\x01\x7f\"\\\b\f\n\r\té<&\u2028", nil}, `[1,"a\u0001` + "\x7f" + `\"\\\b\f\n\r\té<&` + "\u2028" + `",null]`},
		{map[string]any{"b": 1, "a": map[string]any{}, "é": 2, "Z": []any{}, "\U0001F40D": 3, "\uFFFD": 4}, `{"Z":[],"a":{},"b":1,"é":2,"` + "\uFFFD" + `":4,"🐍":3}`},
	} {
		if got, err := textOf(normal(c.value)); err != nil || got != c.want {
			t.Errorf("%#v: got %s, %v, want %s", c.value, got, err, c.want)
		}
	}
	for _, bad := range []any{math.NaN(), math.Inf(1), []any{math.Inf(-1)}} {
		if got, err := textOf(bad); err == nil {
			t.Errorf("%v became %s", bad, got)
		}
	}
}

// randomValue returns a value that nests at most so deep.
func randomValue(r *rand.Rand, depth int) any {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch r.IntN(kinds) {
	case 0:
		return []any{nil, true, false}[r.IntN(3)]
	case 1:
		return int64(r.Uint64() >> r.IntN(64))
	case 2:
		f := math.Float64frombits(r.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0.5
		}
		return f
	case 3:
		return math.Round(r.NormFloat64()*1000) / math.Pow10(r.IntN(8)-2)
	case 4:
		return randomString(r)
	case 5:
		items := make([]any, r.IntN(4))
		for i := range items {
			items[i] = randomValue(r, depth-1)
		}
		return items
	}
	fields := map[string]any{}
	for range r.IntN(4) {
		fields[randomString(r)] = randomValue(r, depth-1)
	}
	return fields
}

func randomString(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		c := rune(r.IntN(0x300))
		if r.IntN(4) == 0 {
			c = rune(0xE000 + r.IntN(0x10000))
		}
		b.WriteRune(c)
	}
	return b.String()
}

func TestTextFormsAreThoseOfPython(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for range 3000 {
		v := randomValue(r, 3)
		text, err := jsonText(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseJSON(text)
		if err != nil || !equal(v, back) {
			t.Fatalf("%s: %v, %v", text, back, err)
		}
		lines = append(lines, text)
	}
	got := python(t, `
import json, sys
for line in sys.stdin.buffer.read().decode().split("\n"):
    again = json.dumps(json.loads(line), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if again != line:
        print(line, again)
`, strings.Join(lines, "\n"))
	if got != "" {
		t.Error(got)
	}
}

func TestParseJSON(t *testing.T) {
	for text, want := range map[string]string{
		"-0": "0", "-0.0": "-0.0", "1e2": "100.0", "123456789012345678901234567890": "123456789012345678901234567890",
		`{"a":1,"a":2}`: `{"a":2}`, ` [1 , 2] `: "[1,2]", `"\ud83d\udc0d\\ud83d"`: `"🐍\\ud83d"`, `"\u00e9\/"`: `"é/"`,
	} {
		v, err := parseJSON(text)
		if got, textErr := jsonText(v); err != nil || textErr != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "NaN", "Infinity", "-Infinity", "1 2", "[1", "1e999", "012", "+1", "\"\xff\"", `"\ud83d"`, `"\udc0d"`, `"\ud83dx"`,
		`"\ud83d\ud83d"`, "\"\n\"", "[1,]", strings.Repeat("9", 5000), "nul", `{1:2}`} {
		if v, err := parseJSON(bad); err == nil {
			t.Errorf("%.20q became %v", bad, v)
		}
	}
}

func TestParseByType(t *testing.T) {
	for _, c := range []struct{ typ, text, want string }{
		{"int", "-12", "-12"}, {"int", "-0", "0"}, {"float", "3", "3.0"}, {"float", "1e3", "1000.0"}, {"bool", "true", "true"},
		{"string", " 012 ", `" 012 "`}, {"json", `"a"`, `"a"`}, {"list[float]", "[1, 2.5]", "[1.0,2.5]"}, {"list[int]", "[]", "[]"},
		{"list[json]", "[null]", "[null]"}, {"list[string]", `["a"]`, `["a"]`}, {"json", "null", "null"},
	} {
		v, err := parseAs(c.text, c.typ)
		if got, _ := jsonText(v); err != nil || got != c.want {
			t.Errorf("%s %s: got %s, %v, want %s", c.typ, c.text, got, err, c.want)
		}
	}
	for _, c := range []struct{ typ, text, want string }{
		{"int", "012", "write 12"}, {"int", "1_000", "write 1000"}, {"int", "+1", "write 1"}, {"int", "1.0", "write 1"}, {"int", "-007", "write -7"},
		{"int", "x", "want int"}, {"int", "9223372036854775808", "64-bit"}, {"int", "", "want int"}, {"int", "1\n", "want int"},
		{"float", "nan", "want float"}, {"float", ".5", "want float"}, {"float", "1e999", "finite"}, {"bool", "True", "true or false"},
		{"list[int]", "[1.0]", "[0]: want int"}, {"list[int]", "1", "want list[int]"}, {"list[int]", "[null]", "null"}, {"list[int]", "null", "null"},
		{"list[bool]", "[1]", "want bool"}, {"list[float]", "[true]", "want float"}, {"string", "\xff", "UTF-8"},
	} {
		if v, err := parseAs(c.text, c.typ); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, %v, want an error with %q", c.typ, c.text, v, err, c.want)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-0,1.5e3,"\ud83d\udc0d"]}`, `"\ud83d"`, "[", "1e999", `"\u`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON(text)
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatal("accepted what is no JSON")
		}
		again, err := jsonText(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseJSON(again); err != nil || !equal(v, back) {
			t.Fatalf("%q: %v, %v", again, back, err)
		}
	})
}

func TestLettersAreMappedAsInPython(t *testing.T) {
	got := python(t, `
import unicodedata
one = lambda c, m: m if len(m) == 1 else c
for i in range(0x110000):
    c = chr(i)
    if unicodedata.category(c) not in ("Cn", "Cs"):
        print(i, ord(one(c, c.lower())), ord(one(c, c.upper())))
`, "")
	for line := range strings.Lines(got) {
		f := strings.Fields(line)
		c, _ := strconv.Atoi(f[0])
		lower, _ := strconv.Atoi(f[1])
		upper, _ := strconv.Atoi(f[2])
		if l, u := lowerRune(rune(c)), upperRune(rune(c)); int(l) != lower || int(u) != upper {
			t.Errorf("U+%04X: got %04X %04X, want %04X %04X", c, l, u, lower, upper)
		}
	}
}

func TestImportsAreOfTheStandardLibrary(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			if first, _, _ := strings.Cut(spec.Path.Value, "/"); strings.Contains(first, ".") {
				t.Errorf("%s imports %s", name, spec.Path.Value)
			}
		}
	}
}
