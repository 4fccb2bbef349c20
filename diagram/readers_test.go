package diagram

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/zenc-dev/zenc/compiler/ir"
)

// drawn is what a reader has found in a text.
type drawn struct {
	Texts []string `json:"texts"` // of nodes and frames, line by line, sorted
	Nodes int      `json:"nodes"`
	Edges int      `json:"edges"`
	Error string   `json:"error"`
}

// want is what there is to be found.
func want(p *ir.Pipeline) drawn {
	d := New(p)
	out := drawn{Nodes: len(d.nodes), Edges: len(d.edges)}
	var add func(g *group)
	add = func(g *group) {
		if g.label != "" {
			out.Texts = append(out.Texts, g.label)
		}
		for _, n := range g.nodes {
			out.Texts = append(out.Texts, n.text()...)
		}
		for _, inner := range g.groups {
			add(inner)
		}
	}
	for _, top := range d.tops() {
		add(top)
	}
	slices.Sort(out.Texts)
	return out
}

// all are the pipelines that the readers are given.
func all(t *testing.T) (names []string, pipelines map[string]*ir.Pipeline) {
	pipelines = goldenPipelines(t)
	pipelines["hostile"], pipelines["example"] = hostile(), compiled(t, example)
	return slices.Sorted(maps.Keys(pipelines)), pipelines
}

// nodeModules is the folder of what make node has installed.
func nodeModules(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ZENC_NODE")
	if dir == "" {
		dir = "../.venv/node"
	}
	dir, err := filepath.Abs(filepath.Join(dir, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v; make node installs it, or set ZENC_NODE", err)
	}
	return dir
}

// TestGraphviz has Graphviz itself, compiled to WebAssembly, read and lay out what is written as DOT.
func TestGraphviz(t *testing.T) {
	names, pipelines := all(t)
	var texts []string
	for _, name := range names {
		texts = append(texts, drawing(t, pipelines[name], "dot"))
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/graphviz.cjs")
	cmd.Stdin = strings.NewReader(string(input))
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "NODE_PATH="+nodeModules(t))
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pictures []string
	if err := json.Unmarshal(output, &pictures); err != nil || len(pictures) != len(names) {
		t.Fatal(len(pictures), err)
	}
	for i, name := range names {
		if diff := cmp.Diff(want(pipelines[name]), drawnByGraphviz(t, pictures[i])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// drawnByGraphviz is what is in a picture of Graphviz.
func drawnByGraphviz(t *testing.T, picture string) drawn {
	t.Helper()
	out := drawn{Nodes: strings.Count(picture, `class="node"`), Edges: strings.Count(picture, `class="edge"`)}
	var in string // the element
	dec := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(out.Texts)
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			in = x.Name.Local
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "text" {
				out.Texts = append(out.Texts, strings.ReplaceAll(string(x), "\u00a0", " "))
			}
		}
	}
}

// mermaidPage renders a text by Mermaid, and tells what is to be seen.
const mermaidPage = `<!DOCTYPE html><meta charset="utf-8"><body><script src="mermaid.min.js"></script><script>
mermaid.initialize({startOnLoad: false, maxEdges: 5000, maxTextSize: 1e7});
window.alerts = 0; window.alert = () => { window.alerts++ };
async function readAll(texts) {
	window.results = [];
	for (const text of texts) window.results.push(await read(text));
}
async function read(text) {
	const out = {texts: [], nodes: 0, edges: 0, error: ""};
	try {
		const {svg} = await mermaid.render("drawing", text);
		const place = document.createElement("div");
		document.body.append(place);
		place.innerHTML = svg;
		for (const e of place.querySelectorAll(".node .nodeLabel, .cluster .nodeLabel")) {
			if (e.querySelector("*:not(br, p)")) throw "an element in a text: " + e.innerHTML;
			out.texts.push(...e.innerText.trim().split("\n").map(l => l.trim()).filter(l => l));
		}
		out.nodes = place.querySelectorAll(".node").length;
		out.edges = place.querySelectorAll(".edgePaths path").length;
		if (window.alerts) throw "a script has run";
		place.remove();
	} catch (e) { out.error = String(e) }
	return out;
}
</script>`

// TestMermaid has Mermaid itself read and draw what is written for it, in headless Chromium.
func TestMermaid(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(nodeModules(t), "mermaid", "dist", "mermaid.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/mermaid.min.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(script)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, mermaidPage)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.WindowSize(1240, 900), chromedp.WSURLReadTimeout(5*time.Minute)))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/")); err != nil {
		t.Fatalf("no headless Chromium (make chromium installs it): %v", err)
	}
	names, pipelines := all(t)
	var texts []string
	for _, name := range names {
		texts = append(texts, drawing(t, pipelines[name], "mermaid"))
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any]("void readAll("+string(input)+")")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](fmt.Sprintf("window.results.length === %d", len(texts)), chromedp.WithPollingTimeout(5*time.Minute))); err != nil {
		t.Fatal(err)
	}
	results, err := chromedp.Run(ctx, chromedp.Evaluate[[]drawn]("window.results"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		got := results[i]
		wanted := want(pipelines[name])
		for _, texts := range []*[]string{&got.Texts, &wanted.Texts} { // a page shows several blanks as one
			for i, s := range *texts {
				(*texts)[i] = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), string(wordJoiner), "")
			}
			slices.Sort(*texts)
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
