package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zenc-dev/zenc/backends/local/runtime"
)

// pollLogs is how often -f looks for more.
const pollLogs = 100 * time.Millisecond

type logsFlags struct {
	dir     string
	follow  bool
	attempt int
	index   int // -1: all
}

func (f *logsFlags) bind(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.follow, "follow", "f", false, "go on until the step has ended")
	fs.IntVar(&f.attempt, "attempt", 0, "attempt to show, counted from 1 (default: the last one)")
	fs.IntVar(&f.index, "index", 0, "place of the instance of a foreach, counted from 0 (default: all of them)")
}

func newLogs(s streams) *cobra.Command {
	var f logsFlags
	cmd := &cobra.Command{
		Use:   "logs RUN STEP",
		Short: "Show what a step of a run has written; RUN is an id, the beginning of one, or last",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch given := cmd.Flags().Changed("index"); {
			case !given:
				f.index = -1
			case f.index < 0:
				return usagef("--index %d: places are counted from 0", f.index)
			}
			return showLogs(s, f, args[0], args[1])
		},
	}
	bindDir(cmd, &f.dir)
	f.bind(cmd.Flags())
	return cmd
}

func showLogs(s streams, f logsFlags, run, name string) error {
	h, err := findRun(f.dir, run)
	if err != nil {
		return err
	}
	step, err := planStep(h, name)
	if err != nil {
		return err
	}
	if f.index >= 0 && !step.Foreach {
		return usagef("%q has no foreach, and so no instance %d", name, f.index)
	}
	if h, err = origin(s, f.dir, h, name); err != nil {
		return err
	}
	l := &logShow{out: s.out, history: h, step: name, flags: f, logs: map[*runtime.Try]*shownLog{}}
	for {
		state := h.StateOf(name) // before the logs are read: of a step that has ended they are whole
		if err := l.show(); err != nil {
			return &exitError{exitFindings, err}
		}
		if !f.follow || state != runtime.Running && (state != runtime.Pending || h.Standing() != runtime.RunRunning) {
			break
		}
		time.Sleep(pollLogs)
		if err := h.Update(); err != nil {
			return &exitError{exitFindings, err}
		}
	}
	if len(l.logs) == 0 {
		return &exitError{exitFindings, noLog(h, step, f)}
	}
	return nil
}

// origin is the run that what a step made was taken from, or the run itself.
func origin(s streams, dir string, h *runtime.History, step string) (*runtime.History, error) {
	for {
		past := h.Steps[step]
		if past == nil || past.From == "" || past.From >= h.Run { // it was there before
			return h, nil
		}
		earlier, err := findRun(dir, past.From)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(s.err, "zenc: what %q made in the run %s was taken from the run %s\n", step, h.Run, earlier.Run)
		h = earlier
	}
}

// noLog says why there is nothing to show.
func noLog(h *runtime.History, step *runtime.PlanStep, f logsFlags) error {
	s := h.Steps[step.Name]
	switch {
	case s == nil:
		return fmt.Errorf("%q has not started in the run %s", step.Name, h.Run)
	case len(s.Tries) > 0 && f.index >= 0:
		return fmt.Errorf("%q has no such attempt of an instance %d", step.Name, f.index)
	case len(s.Tries) > 0:
		return fmt.Errorf("%q has no attempt %d", step.Name, f.attempt)
	case s.Error != "":
		return fmt.Errorf("%q has no log: %s: %s", step.Name, s.State, s.Error)
	}
	return fmt.Errorf("%q has no log: %s", step.Name, s.State)
}

// logShow shows the logs of a step, further with each call of show.
type logShow struct {
	out     io.Writer
	history *runtime.History
	step    string
	flags   logsFlags
	logs    map[*runtime.Try]*shownLog // those of which something was shown
	current *runtime.Try               // the last of them
}

// shownLog is how far a log has been shown.
type shownLog struct {
	offset int64
	whole  bool
}

// show writes what the chosen attempts have written since the last call. Where one follows on another, a line tells them apart, as
// tail does with several files.
func (l *logShow) show() error {
	for _, t := range l.chosen() {
		log := l.logs[t]
		if log == nil {
			log = &shownLog{}
			l.logs[t] = log
		}
		ended := l.history.StateOfTry(t) != runtime.Running
		header := ""
		if l.current != t && (l.current != nil || t.Place >= 0) {
			header = l.header(t)
		}
		n, err := appendLog(l.out, header, l.history.LogOf(l.step, t), log.offset, ended && log.offset == 0)
		if err != nil {
			return err
		}
		if n > 0 || ended {
			l.current = t
		}
		log.offset += n
		log.whole = ended
	}
	return nil
}

// chosen are the attempts of which there may be more to show, in the order of the instances: the last one of each, and in a log that
// is followed the one before it of which something was shown.
func (l *logShow) chosen() []*runtime.Try {
	s := l.history.Steps[l.step]
	if s == nil {
		return nil
	}
	last := map[int]*runtime.Try{}
	for _, t := range s.Tries {
		if (l.flags.index < 0 || t.Place == l.flags.index) && (l.flags.attempt == 0 || t.Attempt == l.flags.attempt) {
			last[t.Place] = t
		}
	}
	var out []*runtime.Try
	for _, t := range s.Tries {
		if log := l.logs[t]; log == nil && t == last[t.Place] || log != nil && !log.whole {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b *runtime.Try) int { return a.Place - b.Place })
	return out
}

func (l *logShow) header(t *runtime.Try) string {
	label := l.step
	if t.Place >= 0 {
		label = fmt.Sprintf("%s[%d]", l.step, t.Place)
	}
	header := fmt.Sprintf("==> %s, attempt %d: %s <==\n", label, t.Attempt, l.history.StateOfTry(t))
	if l.flags.follow { // how it ends is still to come
		header = fmt.Sprintf("==> %s, attempt %d <==\n", label, t.Attempt)
	}
	if l.current != nil {
		header = "\n" + header
	}
	return header
}

// appendLog writes a log from an offset on, below a header if there is something to write, or in any case if always.
func appendLog(w io.Writer, header, path string, offset int64, always bool) (int64, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // a step that failed before its process started
		if always {
			_, err = io.WriteString(w, header)
			return 0, err
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() <= offset && !always {
		return 0, nil
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(w, header); err != nil {
		return 0, err
	}
	return io.Copy(w, file)
}
