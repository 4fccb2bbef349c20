package spec

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
)

// Form says what a plain scalar is when no type is declared for it.
type Form int

// The forms. Odd is a number or bool in a spelling that readers of YAML disagree about.
const (
	TextForm Form = iota
	NullForm
	BoolForm
	IntForm
	FloatForm
	OddForm
)

var (
	intForm   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	floatForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	oddNumber = regexp.MustCompile(`^[-+]?(0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$`)
	oddBool   = regexp.MustCompile(`^(True|TRUE|False|FALSE)$`)
)

// FormOf returns the form of a scalar; a quoted one is text.
func (v *Value) FormOf() Form {
	if !v.Plain {
		return TextForm
	}
	switch v.Text {
	case "", "~", "null", "Null", "NULL":
		return NullForm
	case "true", "false":
		return BoolForm
	}
	if c := v.Text[0]; c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') {
		if oddBool.MatchString(v.Text) {
			return OddForm
		}
		return TextForm
	}
	switch {
	case intForm.MatchString(v.Text):
		return IntForm
	case floatForm.MatchString(v.Text):
		return FloatForm
	case oddNumber.MatchString(v.Text):
		return OddForm
	}
	return TextForm
}

// Int64 reads the IntForm; ok is false when it does not fit 64 bits.
func (v *Value) Int64() (n int64, ok bool) {
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return n, err == nil
}

// Float64 reads the IntForm or FloatForm; ok is false when it is too large.
func (v *Value) Float64() (f float64, ok bool) {
	f, err := strconv.ParseFloat(v.Text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// Odd reports a scalar of OddForm and shows what to write.
func Odd(diags *diag.List, v *Value) {
	diags.Errorf(v.Pos, oddCode(v.Text), "%s is read differently by different YAML readers", v.Text).
		WithHelp("write %s", oddHelp(v.Text))
}

func oddCode(text string) diag.Code {
	if oddBool.MatchString(text) {
		return diag.BadBool
	}
	return diag.BadNumber
}

func oddHelp(text string) string {
	quoted := strconv.Quote(text) + " if it is a text"
	if oddBool.MatchString(text) {
		return strings.ToLower(text) + ", or " + quoted
	}
	plain := strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+")
	sign := ""
	if rest, isNegative := strings.CutPrefix(plain, "-"); isNegative {
		sign, plain = "-", rest
	}
	if n, ok := new(big.Int).SetString(plain, 0); ok {
		if decimal := strings.TrimLeft(plain, "0"); intForm.MatchString(decimal) && !strings.ContainsAny(plain, "xXoObB") {
			return sign + decimal + " if it is a decimal number, or " + quoted
		}
		return sign + n.String() + " if it is a number, or " + quoted
	}
	if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		if decimal := strings.TrimLeft(plain, "0"); intForm.MatchString(decimal) {
			return sign + decimal + " if it is a decimal number, or " + quoted
		}
		return sign + strconv.FormatFloat(f, 'f', -1, 64) + " if it is a number, or " + quoted
	}
	return quoted
}

// units of a duration, in the order in which they are written.
var units = []struct {
	letter  byte
	seconds int64
}{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}

// parseDuration reads 90s, 15m, 1h30m or 2d.
func parseDuration(text string) (seconds int64, ok bool) {
	rest := text
	for _, u := range units {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 || digits == len(rest) || rest[digits] != u.letter {
			continue
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || n > 10_000*365*86400/u.seconds {
			return 0, false
		}
		seconds += n * u.seconds
		rest = rest[digits+1:]
	}
	return seconds, text != "" && rest == ""
}

// durationsLike returns the durations that are one slip away from a text: a character too many, two neighbours swapped, or another
// unit.
func durationsLike(text string) []string {
	var out []string
	add := func(candidate string) {
		if _, ok := parseDuration(candidate); ok && !slices.Contains(out, candidate) {
			out = append(out, candidate)
		}
	}
	for i := range len(text) {
		add(text[:i] + text[i+1:])
		if i+1 < len(text) {
			add(text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:])
		}
	}
	for i := range len(text) {
		for _, u := range units {
			add(text[:i] + string(u.letter) + text[i+1:])
		}
	}
	for _, u := range units {
		add(text + string(u.letter))
	}
	return out[:min(len(out), 4)]
}

// unescape turns $${{ into ${{ and reports whether a ${{ that is no escape stands in the text, and at which rune.
func unescape(text string) (plain string, exprAt int, hasExpr bool) {
	if !strings.Contains(text, "${{") {
		return text, 0, false
	}
	var b strings.Builder
	for rest := text; ; {
		i := strings.Index(rest, "${{")
		if i < 0 {
			b.WriteString(rest)
			return b.String(), 0, false
		}
		if i == 0 || rest[i-1] != '$' {
			return text, len([]rune(text[:len(text)-len(rest)+i])), true
		}
		b.WriteString(rest[:i-1])
		b.WriteString("${{")
		rest = rest[i+3:]
	}
}
