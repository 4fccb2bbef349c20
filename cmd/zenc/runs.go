package main

import (
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// runInfo is a run of the list; the names are those of its JSON.
type runInfo struct {
	Run      string                `json:"run"`
	Pipeline string                `json:"pipeline,omitempty"`
	Status   runtime.Status        `json:"status,omitempty"`
	Started  time.Time             `json:"started,omitzero"`
	Seconds  float64               `json:"seconds,omitempty"` // to the end, to now, or to the last that is known of one that was killed
	Steps    map[runtime.State]int `json:"steps,omitempty"`   // how many are in which state
	Error    string                `json:"error,omitempty"`   // why the folder cannot be read
}

func newRuns(s streams) *cobra.Command {
	var dir, format string
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of a folder, the last one first",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if format != "text" && format != "json" {
				return usagef("no format %q: use text or json", format)
			}
			folders, err := runtime.Runs(dir)
			if err != nil {
				return &exitError{exitFindings, err}
			}
			if format == "json" {
				return writeRuns(s, folders)
			}
			return tabulateRuns(s, folders)
		},
	}
	bindDir(cmd, &dir)
	cmd.Flags().StringVar(&format, "format", "text", "text, or json: one run a line")
	return cmd
}

// bindDir adds the flag that says where the runs are.
func bindDir(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "dir", ".", "folder in which .zenc/runs is")
}

func readInfo(folder string) runInfo {
	h, err := runtime.ReadRun(folder)
	if err != nil {
		return runInfo{Run: filepath.Base(folder), Error: err.Error()}
	}
	until := h.LastTime()
	if h.Standing() == runtime.RunRunning && !h.Started.IsZero() {
		until = time.Now()
	}
	info := runInfo{Run: h.Run, Pipeline: h.Plan.Pipeline, Status: h.Standing(), Started: h.Started,
		Seconds: until.Sub(h.Started).Seconds(), Steps: map[runtime.State]int{}}
	for _, step := range h.Plan.Steps {
		info.Steps[h.StateOf(step.Name)]++
	}
	return info
}

func writeRuns(s streams, folders []string) error {
	encoder := jsonEncoder(s.out)
	for _, folder := range folders {
		if err := encoder.Encode(readInfo(folder)); err != nil {
			return err
		}
	}
	return nil
}

func tabulateRuns(s streams, folders []string) error {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	if len(folders) > 0 {
		fmt.Fprintln(table, "RUN\tPIPELINE\tSTATUS\tSTARTED (UTC)\tDURATION\tSTEPS")
	}
	for _, folder := range folders {
		r := readInfo(folder)
		if r.Error != "" {
			fmt.Fprintf(table, "%s\t-\tunreadable\t-\t-\t%s\n", r.Run, runtime.Printable(r.Error))
			continue
		}
		started := "-" // it was killed before
		if !r.Started.IsZero() {
			started = r.Started.Format(time.DateTime)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Run, runtime.Printable(r.Pipeline), r.Status, started,
			runtime.Elapsed(time.Duration(r.Seconds*float64(time.Second))), runtime.StateCounts(r.Steps))
	}
	return table.Flush()
}
