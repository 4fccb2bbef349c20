package report_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser opens a tab of a headless Chromium, which must be there, and collects what it complains about and what it asks for.
func browser(t *testing.T) (context.Context, func() []string) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(t.Context(),
		chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.WindowSize(1240, 900), chromedp.WSURLReadTimeout(5*time.Minute)))
	t.Cleanup(cancel)
	var mu sync.Mutex
	var seen []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			seen = append(seen, "console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			seen = append(seen, "exception: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			seen = append(seen, "log: "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "data:") {
				seen = append(seen, "request: "+e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatalf("no headless Chromium (make chromium installs it): %v", err)
	}
	call(t, ctx, log.Enable, cdp.Empty{})
	call(t, ctx, network.Enable, network.EnableParams{})
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

func call[P, R any](t *testing.T, ctx context.Context, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		t.Fatal(err)
	}
}

// serve serves the page of a run, and nothing else.
func serve(t *testing.T, page []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write(page)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of an expression of JavaScript in the page.
func eval[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestInertPage holds that a browser asks for nothing but the page, and takes nothing of a run for more than text.
func TestInertPage(t *testing.T) {
	ctx, seen := browser(t)
	url := serve(t, page(t, hostileRun(t)))
	do(t, ctx, chromedp.Navigate(url))
	if got, want := eval[string](t, ctx, `document.title`), "hostile: failed (20260101-020000-00000)"; got != want {
		t.Errorf("the title is %q, want %q", got, want)
	}
	nodes := eval[[]string](t, ctx, `[...document.querySelectorAll(".graph a.node")].map(a => a.getAttribute("aria-label"))`)
	want := []string{"evil: failed 2.0s", "region.fan: succeeded, 2 succeeded", "region.behind: skipped", "after: upstream failed"}
	if !slices.Equal(nodes, want) {
		t.Errorf("the drawing has %q, want %q", nodes, want)
	}
	injected := eval[[]string](t, ctx, `[...document.querySelectorAll("script, img, iframe, object, [onerror], [onload], [onclick]")].map(e => e.outerHTML)`)
	if len(injected) > 0 {
		t.Errorf("the run has become part of the page: %q", injected)
	}
	log := eval[string](t, ctx, `document.querySelector("#step-evil .attempt pre").textContent`)
	if want := "<script>alert(1)</script>]]>-->\nred \uFFFD\uFFFD \uFFFD end"; log != want {
		t.Errorf("the log is %q, want %q", log, want)
	}
	if got := seen(); !slices.Equal(got, []string{"request: " + url}) {
		t.Errorf("the browser tells of %q", got)
	}
}

// TestKeyboard reaches each link with Tab, and a section that is closed with Enter on the step in the drawing.
func TestKeyboard(t *testing.T) {
	ctx, _ := browser(t)
	do(t, ctx, chromedp.Navigate(serve(t, page(t, hostileRun(t)))))
	reached := map[string]bool{}
	const focused = `(() => { const a = document.activeElement; return (a.closest("section")?.getAttribute("aria-labelledby") ?? "") + " " + (a.getAttribute("href") ?? a.tagName) })()`
	for at := ""; at != "steps PRE"; { // the first one is in the section that is open
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		at = eval[string](t, ctx, focused)
		if len(reached) > 40 || at == " BODY" {
			break
		}
		reached[at] = true
	}
	for _, want := range []string{" #steps", "failures #step-evil", "graph #step-evil", "graph #step-region.fan", "graph #step-after",
		"timeline #step-evil", "timeline #step-region.fan", "steps SUMMARY", "steps PRE"} {
		if !reached[want] {
			t.Errorf("Tab does not reach %q: %v", want, reached)
		}
	}
	const open = `document.getElementById("step-region.fan").closest("details").open`
	if eval[bool](t, ctx, open) {
		t.Error("a step that succeeded is open from the start")
	}
	eval[any](t, ctx, `document.querySelector('.graph a[href="#step-region.fan"]').focus()`)
	do(t, ctx, chromedp.KeyEvent(kb.Enter))
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](open)); err != nil {
		t.Fatal(err)
	}
	if hash := eval[string](t, ctx, `location.hash`); hash != "#step-region.fan" {
		t.Errorf("Enter leads to %q", hash)
	}
	if !eval[bool](t, ctx, `document.activeElement === document.getElementById("step-region.fan")`) {
		t.Error("the focus is not where Enter leads")
	}
}

// contrasts returns the contrast of every text with what is behind it, by WCAG 2, where it is less than 4.5.
const contrasts = `(() => {
	document.querySelectorAll("details").forEach(d => d.open = true);
	const rgb = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
	const behind = e => {
		if (e.closest("a.node")) return getComputedStyle(e.closest("a.node").querySelector("rect")).fill;
		for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c }
		throw "no background";
	};
	const bad = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let count = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || e.closest("style, title, .off")) continue;
		const style = getComputedStyle(e);
		const [a, b] = [light(e.closest("svg.graph") ? style.fill : style.color), light(behind(e))];
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		count++;
		if (ratio < 4.5) bad.push(e.outerHTML.slice(0, 100) + " " + ratio);
	}
	if (count < 30) bad.push("only " + count + " texts");
	return bad;
})()`

func TestContrast(t *testing.T) {
	ctx, _ := browser(t)
	url := serve(t, page(t, everyState(t)))
	backgrounds := map[string]bool{}
	for _, scheme := range []string{"light", "dark"} {
		call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		do(t, ctx, chromedp.Navigate(url))
		if bad := eval[[]string](t, ctx, contrasts); len(bad) > 0 {
			t.Errorf("%s: hard to read:\n%s", scheme, strings.Join(bad, "\n"))
		}
		backgrounds[eval[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)] = true
	}
	if len(backgrounds) != 2 {
		t.Errorf("light and dark are the same: %v", backgrounds)
	}
}

// TestScreenshot renews the picture of the documentation, docs/report.png, from the folder of a run that ZENC_SCREENSHOT names.
func TestScreenshot(t *testing.T) {
	run := os.Getenv("ZENC_SCREENSHOT")
	if run == "" {
		t.Skip("ZENC_SCREENSHOT names no run")
	}
	ctx, _ := browser(t)
	do(t, ctx, chromedp.EmulateViewport(1240, 1010), chromedp.Navigate(serve(t, page(t, run))))
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../../../docs/report.png", picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
