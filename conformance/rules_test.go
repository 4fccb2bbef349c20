package conformance

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	ruleOfDocs = regexp.MustCompile(`(?m)^(\d+)\. `)
	ruleOfCase = regexp.MustCompile(`^Rules? ([\d, and]+):`)
	number     = regexp.MustCompile(`\d+`)
)

// testedElsewhere are the tests of rules of one engine: files below the runtime, and what they are called.
var testedElsewhere = map[string]map[string]string{"12": {"cancel_test.go": "TestCancels", "kill_test.go": "TestKills"}}

// TestEveryRuleHasACase holds that each rule of docs/semantics.md is named by a case.
func TestEveryRuleHasACase(t *testing.T) {
	docs, err := os.ReadFile("../docs/semantics.md")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]int{}
	for _, c := range readCases(t) {
		if m := ruleOfCase.FindStringSubmatch(c.rule); m != nil {
			for _, rule := range number.FindAllString(m[1], -1) {
				cases[rule]++
			}
		}
	}
	rules := ruleOfDocs.FindAllStringSubmatch(string(docs), -1)
	if len(rules) < 12 {
		t.Fatalf("docs/semantics.md has %d rules", len(rules))
	}
	for _, m := range rules {
		rule := m[1]
		for file, test := range testedElsewhere[rule] {
			source, err := os.ReadFile("../backends/local/runtime/" + file)
			if err != nil || !strings.Contains(string(source), "func "+test+"(") {
				t.Errorf("rule %s has no %s: %v", rule, test, err)
			}
			cases[rule]++
		}
		if cases[rule] == 0 {
			t.Errorf("no case names rule %s", rule)
		}
		delete(cases, rule)
	}
	for rule := range cases {
		t.Errorf("a case names rule %s, which docs/semantics.md does not have", rule)
	}
}
