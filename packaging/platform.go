package main

import (
	"fmt"
	"strings"
)

// platform is what zenc is built for.
type platform struct {
	os, arch string
	// tags are what Python's installers call it. A program of Go that is linked statically needs nothing of a Linux but its kernel,
	// and so suits both of the C libraries; the version of macOS is the first that the programs of this Go run on.
	tags []string
}

var platforms = []platform{
	{"linux", "amd64", []string{"manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"}},
	{"linux", "arm64", []string{"manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"}},
	{"darwin", "amd64", []string{"macosx_12_0_x86_64"}},
	{"darwin", "arm64", []string{"macosx_12_0_arm64"}},
	{"windows", "amd64", []string{"win_amd64"}},
	{"windows", "arm64", []string{"win_arm64"}},
}

func (p platform) String() string { return p.os + "/" + p.arch }

// program is the name of the file that is executed.
func (p platform) program() string {
	if p.os == "windows" {
		return "zenc.exe"
	}
	return "zenc"
}

func names(list []platform) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

// choose returns the platforms that are wanted, in the order of the list.
func choose(wanted []string) ([]platform, error) {
	set := map[string]bool{}
	for _, name := range wanted {
		set[name] = true
	}
	var out []platform
	for _, p := range platforms {
		if set[p.String()] {
			out = append(out, p)
			delete(set, p.String())
		}
	}
	for _, name := range wanted {
		if set[name] {
			return nil, fmt.Errorf("%q is no platform of zenc: there are %s", name, strings.Join(names(platforms), ", "))
		}
	}
	return out, nil
}
