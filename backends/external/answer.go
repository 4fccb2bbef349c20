package external

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
)

// headerWithin is how far into a file its header may be.
const headerWithin = 1024

// findings are the diagnostics of an answer.
func (a *Answer) findings() (diag.List, error) {
	var list diag.List
	for i, d := range a.Diagnostics {
		pos := diag.Pos(d.Pos)
		if d.Message == "" {
			return list, problemf("", "its diagnostic %d has no message", i+1)
		}
		if pos != (diag.Pos{}) && (pos.Line < 1 || pos.Col < 1 || pos.End != 0 && pos.End < pos.Col) {
			return list, problemf("copy the pos of what the finding is about from the pipeline", "its diagnostic %d has an impossible pos", i+1)
		}
		code, err := codeOf(d)
		if err != nil {
			return list, err
		}
		var out *diag.Diagnostic
		switch d.Severity {
		case "error":
			out = list.Errorf(pos, code, "%s", d.Message)
		case "warning":
			out = list.Warnf(pos, code, "%s", d.Message)
		case "note":
			out = list.Notef(pos, code, "%s", d.Message)
		default:
			return list, problemf("it is error, warning or note", "its diagnostic %d has the severity %q", i+1, d.Severity)
		}
		out.Help = d.Help
	}
	return list, nil
}

func codeOf(d Diagnostic) (diag.Code, error) {
	switch code := diag.Code(d.Code); code {
	case "":
		if d.Severity == "note" {
			return diag.NotApplied, nil
		}
		return diag.EngineCannot, nil
	case diag.EngineCannot, diag.EngineLimit, diag.UnknownOption, diag.NotApplied:
		return code, nil
	}
	return "", problemf("it is engine-cannot, engine-limit, unknown-option or not-applied, or left out", "a diagnostic of it has the code %q", d.Code)
}

// toWrite are the files of an answer, or what is wrong with one of them.
func (a *Answer) toWrite() ([]backends.File, error) {
	if len(a.Files) == 0 {
		return nil, problemf("emit a file, or an error that says why there is none", "it emitted no file")
	}
	var out []backends.File
	for _, f := range a.Files {
		file, err := f.toWrite()
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	if err := checkTogether(out); err != nil {
		return nil, err
	}
	return out, checkHeaders(out)
}

func (f File) toWrite() (backends.File, error) {
	out := backends.File{Path: f.Path, Mode: 0o644, Marker: f.Marker}
	if why := badPath(f.Path); why != "" {
		return out, problemf("a path is relative to the output folder, with slashes: folder/file.yaml", "it emitted the path %q, which %s", f.Path, why)
	}
	switch {
	case (f.Content == nil) == (f.Base64 == nil):
		return out, problemf("", "its file %q must have either content or base64", f.Path)
	case f.Content != nil:
		out.Data = []byte(*f.Content)
	default:
		out.Data = *f.Base64
	}
	switch f.Mode {
	case "", "0644":
	case "0755":
		out.Mode = fs.FileMode(0o755)
	default:
		return out, problemf(`it is "0644", or "0755" for a program`, "its file %q has the mode %q", f.Path, f.Mode)
	}
	return out, nil
}

// badPath says what is wrong with a path, or "".
func badPath(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > 1024:
		return "is too long"
	case strings.Contains(name, `\`):
		return "has a backslash"
	case strings.HasPrefix(name, "/"):
		return "is absolute"
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return "has a control character"
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return "leads out of the output folder"
	case path.Clean(name) != name || name == ".":
		return "is not in its shortest form"
	}
	return ""
}

// checkTogether finds files that would lie over each other. Letters of both cases count as the same, as they do on some disks.
func checkTogether(files []backends.File) error {
	const help = "each file has a path of its own"
	seen := map[string]string{}
	for _, f := range files {
		key := strings.ToLower(f.Path)
		if other, twice := seen[key]; twice {
			if other == f.Path {
				return problemf(help, "it emitted %q twice", f.Path)
			}
			return problemf(help, "it emitted %q and %q, which are one file on some disks", other, f.Path)
		}
		seen[key] = f.Path
	}
	for _, f := range files {
		for dir := path.Dir(strings.ToLower(f.Path)); dir != "."; dir = path.Dir(dir) {
			if other, isFile := seen[dir]; isFile {
				return problemf(help, "it emitted %q as a file and %q below it", other, f.Path)
			}
		}
	}
	return nil
}

// checkHeaders finds files that the next build could not overwrite.
func checkHeaders(files []backends.File) error {
	var own []string
	for _, f := range files {
		if f.Marker {
			if path.Dir(f.Path) == "." {
				return problemf("put the files and their marker into a folder", "its file %q is a marker at the top of the output folder", f.Path)
			}
			own = append(own, path.Dir(f.Path))
		}
	}
	for _, f := range files {
		isOwn := false
		for _, dir := range own {
			isOwn = isOwn || strings.HasPrefix(f.Path, dir+"/")
		}
		if (f.Marker || !isOwn) && !bytes.Contains(f.Data[:min(len(f.Data), headerWithin)], []byte(backends.GeneratedBy)) {
			return problemf(fmt.Sprintf("write the request's header as a comment into the first %d bytes, or mark the folder", headerWithin),
				"its file %q has no line that says %q", f.Path, backends.GeneratedBy)
		}
	}
	return nil
}
