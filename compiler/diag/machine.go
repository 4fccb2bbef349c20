package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Report is what is to be said of one file.
type Report struct {
	Source Source
	List   List
}

// The JSON form of findings. Lines and columns count from 1, columns in code points; end_column is behind the last one. What is
// not known is left out.
type (
	jsonReport struct {
		Version     int              `json:"version"` // 1
		Diagnostics []jsonDiagnostic `json:"diagnostics"`
	}
	jsonPlace struct {
		File      string `json:"file"`
		Line      int    `json:"line,omitempty"`
		Column    int    `json:"column,omitempty"`
		EndColumn int    `json:"end_column,omitempty"`
	}
	jsonDiagnostic struct {
		jsonPlace
		Severity Severity   `json:"severity"`
		Code     Code       `json:"code"`
		Message  string     `json:"message"`
		Help     string     `json:"help,omitempty"`
		Notes    []jsonNote `json:"notes,omitempty"`
		Fix      *jsonFix   `json:"fix,omitempty"`
	}
	jsonNote struct {
		jsonPlace
		Message string `json:"message"`
	}
	jsonFix struct {
		jsonPlace
		Text string `json:"text"`
		Safe bool   `json:"safe"`
	}
)

func placeOf(file string, p Pos) jsonPlace { return jsonPlace{file, p.Line, p.Col, p.End} }

// WriteJSON writes the findings of all files as one JSON document.
func WriteJSON(w io.Writer, reports []Report) error {
	out := jsonReport{Version: 1, Diagnostics: []jsonDiagnostic{}}
	for _, r := range reports {
		for _, d := range r.List.Sorted() {
			j := jsonDiagnostic{jsonPlace: placeOf(r.Source.Name, d.Pos), Severity: d.Severity, Code: d.Code, Message: d.Message, Help: d.Help}
			for _, n := range d.Notes {
				file := r.Source.Name
				if n.File != "" {
					file = n.File
				}
				j.Notes = append(j.Notes, jsonNote{placeOf(file, n.Pos), n.Message})
			}
			if d.Fix != nil {
				j.Fix = &jsonFix{placeOf(r.Source.Name, d.Fix.Pos), d.Fix.Text, d.Fix.Safe}
			}
			out.Diagnostics = append(out.Diagnostics, j)
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// WriteGitHub writes the findings as commands that GitHub Actions shows at their lines in a pull request.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func WriteGitHub(w io.Writer, reports []Report) {
	levels := map[Severity]string{Error: "error", Warning: "warning", Info: "notice"}
	for _, r := range reports {
		for _, d := range r.List.Sorted() {
			place := "file=" + githubProperty(r.Source.Name)
			if d.Pos.IsValid() {
				place += fmt.Sprintf(",line=%d,col=%d", d.Pos.Line, d.Pos.Col)
				if d.Pos.End > d.Pos.Col {
					place += fmt.Sprintf(",endColumn=%d", d.Pos.End)
				}
			}
			message := d.Message
			if d.Help != "" {
				message += "\n" + d.Help
			}
			fmt.Fprintf(w, "::%s %s,title=%s::%s\n", levels[d.Severity], place, githubProperty(string(d.Code)), githubData.Replace(message))
		}
	}
}

var githubData = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData.Replace(s))
}
