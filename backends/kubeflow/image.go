package kubeflow

import (
	"bytes"
	"io/fs"
	"strings"

	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/ir"
)

// imageFolder is the build context of the image with the code.
func imageFolder(p *ir.Pipeline) string { return p.Name + ".image" }

// baseImage is what the image with the code is built from.
func (m *manifest) baseImage() string {
	if m.p.Defaults.Image != "" {
		return m.p.Defaults.Image
	}
	return m.settings.defaultImage()
}

// imageFiles returns the build context: its Dockerfile and what it copies, laid out as the ConfigMap would be mounted.
func (m *manifest) imageFiles(o backends.Options) []backends.File {
	folder := imageFolder(m.p) + "/"
	files := []backends.File{{Path: folder + "Dockerfile", Data: m.dockerfile(o), Mode: 0o644, Marker: true}}
	if len(m.p.Requirements) > 0 {
		text := strings.Join(m.p.Requirements, "\n") + "\n"
		files = append(files, backends.File{Path: folder + "requirements.txt", Data: []byte(text), Mode: 0o644})
	}
	for _, f := range m.code.files {
		mode := fs.FileMode(0o644)
		if f.executable {
			mode = 0o755
		}
		files = append(files, backends.File{Path: folder + f.path, Data: f.content, Mode: mode})
	}
	return files
}

// dockerfile copies what changes most often last, so that the layers of the others are kept.
func (m *manifest) dockerfile(o backends.Options) []byte {
	var b bytes.Buffer
	writeComment(&b, strings.ReplaceAll(o.Header(), "\n", " "), 0)
	b.WriteString("FROM " + m.baseImage() + "\n")
	if len(m.p.Requirements) > 0 {
		b.WriteString("COPY requirements.txt " + homeFolder + "/requirements.txt\n")
		b.WriteString("RUN python3 -m pip install --no-cache-dir -r " + homeFolder + "/requirements.txt\n")
	}
	b.WriteString("COPY step.py " + runnerPath + "\n")
	if m.hasScripts() {
		b.WriteString("COPY scripts/ " + scriptsFolder + "/\n")
	}
	if len(m.p.Code) > 0 {
		b.WriteString("COPY code/ " + codeFolder + "/\n")
	}
	return b.Bytes()
}

func (m *manifest) hasScripts() bool {
	for _, s := range m.p.Steps {
		if s.Kind == ir.Run {
			return true
		}
	}
	return false
}
