package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"time"
)

// madeAt is the time of every file: the first that a zip file can tell.
var madeAt = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive returns the archive of a platform: one folder with the program and the files, as tar.gz, or for Windows as zip.
func archive(v version, p platform, program []byte, files []file) (name string, data []byte, err error) {
	folder := fmt.Sprintf("zenc-%s-%s-%s", v.semver, p.os, p.arch)
	all := append([]file{{p.program(), 0o755, program}}, files...)
	slices.SortFunc(all, func(a, b file) int { return strings.Compare(a.name, b.name) })
	for i := range all {
		all[i].name = folder + "/" + all[i].name
	}
	if p.os == "windows" {
		data, err = zipped(all)
		return folder + ".zip", data, err
	}
	data, err = tarred(all)
	return folder + ".tar.gz", data, err
}

// tarred returns the files in their order, without an owner.
func tarred(files []file) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(z)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.data)), ModTime: madeAt, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// zipped returns the files in their order. Sizes are written before the content, and not behind it as the package zip does by
// itself: not every reader takes that.
func zipped(files []file) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		packed, err := deflated(f.data)
		if err != nil {
			return nil, err
		}
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(f.data),
			CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(f.data))}
		header.ModifiedDate = 1<<5 | 1 // madeAt: January, the first, of the year 0
		header.SetMode(f.mode)
		to, err := w.CreateRaw(header)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(packed); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

func deflated(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// checksums are the lines that sha256sum reads, by name.
func checksums(files map[string][]byte) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	return b.Bytes()
}
