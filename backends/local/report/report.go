// Package report writes a run as one HTML page that needs nothing else: no network, no script, no font.
//
// All text of a run is data. It reaches the page through html/template alone, which escapes it for its place, and is cleaned before:
// see clean. The page depends on the folder of the run alone, and its size is bounded: see limits.
package report

import (
	_ "embed"
	"html/template"
	"io"
	"sync"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var style string

// page is parsed when it is first needed: other commands start without it.
var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })

// Write writes the report of a run.
func Write(w io.Writer, h *runtime.History) error {
	return page().Execute(w, newView(h))
}
