package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zenc-dev/zenc/backends/local/runtime"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/diagram"
	"github.com/zenc-dev/zenc/project"
)

// completer offers words for what is being typed, given the arguments before it.
type completer func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// argumentCompleters are the completers of arguments, by the command. Those that are not here have nothing to offer.
var argumentCompleters = map[string]completer{
	"build":       specFiles,
	"check":       specFiles,
	"diff":        specFiles,
	"flavor test": only(1, flavorNames),
	"graph":       only(1, specFiles),
	"init":        only(1, folders),
	"ir":          only(1, specFiles),
	"logs":        runThenStep,
	"report":      only(1, runIDs),
	"run":         only(1, specFiles),
	"stack show":  only(1, stackNamesHere),
	"test":        specFiles,
}

// flagCompleters are the completers of flags, for each command that has one of that name.
var flagCompleters = map[string]completer{
	"dir":      folders,
	"flavor":   flavorNames,
	"format":   formatsOf,
	"from":     stepNames,
	"of":       runIDs,
	"only":     stepNames,
	"param":    paramValues,
	"resume":   runIDs,
	"stack":    stackNames,
	"template": words(scaffolds...),
}

// completeCommands gives the commands below one their completers, unless they have some. What a shell asks while somebody types must
// fail without a word.
func completeCommands(parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		_, name, _ := strings.Cut(cmd.CommandPath(), " ")
		switch complete := argumentCompleters[name]; {
		case cmd.ValidArgsFunction != nil || cmd.ValidArgs != nil:
		case complete != nil:
			cmd.ValidArgsFunction = complete
		default:
			cmd.ValidArgsFunction = words()
		}
		for flag, complete := range flagCompleters {
			if cmd.Flags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, complete) // it only fails for a flag that has a completer
			}
		}
		if name == "build" {
			_ = cmd.RegisterFlagCompletionFunc("output", folders)
		}
		completeCommands(cmd)
	}
}

// words offers some words and no files.
func words(all ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return all, cobra.ShellCompDirectiveNoFileComp
	}
}

// only offers something for the first arguments.
func only(most int, complete completer) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, typed)
	}
}

func specFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func flavorNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	out := builtinNames()
	if p := projectNamed(args); p != nil {
		for _, f := range p.Flavors {
			out = append(out, f.Name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// projectNamed is the project of the spec that is named before, or of this folder; nil if it cannot be read.
func projectNamed(args []string) *project.Project {
	dir := "."
	if len(args) > 0 {
		dir = filepath.Dir(args[0])
	}
	p, err := findProject(dir)
	if err != nil {
		return nil
	}
	return p
}

func formatsOf(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch cmd.Name() {
	case "graph":
		return diagram.Formats, cobra.ShellCompDirectiveNoFileComp
	case "build", "check":
		return formatNames, cobra.ShellCompDirectiveNoFileComp
	case "diff":
		return []string{"json", "markdown", "text"}, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"json", "text"}, cobra.ShellCompDirectiveNoFileComp
}

// stackNames are those of the zenc.yaml of the spec that is named, or of this folder.
func stackNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	p := projectNamed(args)
	if p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.StackNames(), cobra.ShellCompDirectiveNoFileComp
}

// stackNamesHere are those of this folder.
func stackNamesHere(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return stackNames(cmd, nil, typed)
}

// pipelineOf is the pipeline of the spec that is named before, if it compiles.
func pipelineOf(args []string) *ir.Pipeline {
	if len(args) == 0 {
		return nil
	}
	l, err := load(args[0])
	if err != nil {
		return nil
	}
	return l.pipeline
}

// stepNames are those of the spec's steps and groups.
func stepNames(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	p := pipelineOf(args)
	if p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, s := range p.Steps {
		if s.Kind != ir.Gate {
			out = append(out, described(s.Name, s.Description))
		}
	}
	for _, g := range p.Groups {
		out = append(out, described(g.Name, g.Description))
	}
	if at := strings.LastIndexByte(typed, ','); at >= 0 { // several, with commas between them
		for i := range out {
			out[i] = typed[:at+1] + out[i]
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// described is a word with what it means, for shells that show that.
func described(word, description string) string {
	if first, _, _ := strings.Cut(description, "\n"); first != "" {
		return word + "\t" + runtime.Printable(first)
	}
	return word
}

// paramValues are the spec's parameters with a =, and behind that the values that one may have, if those can be listed.
func paramValues(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	p := pipelineOf(args)
	if strings.HasPrefix(typed, "@") || p == nil { // a file of parameters
		return nil, cobra.ShellCompDirectiveDefault
	}
	var out []string
	name, _, hasValue := strings.Cut(typed, "=")
	for _, param := range p.Params {
		switch {
		case !hasValue:
			out = append(out, described(param.Name+"=", param.Description))
		case param.Name == name && param.Type == ir.Bool:
			out = append(out, name+"=true", name+"=false")
		case param.Name == name:
			for i := range param.Enum {
				out = append(out, name+"="+param.Enum[i].Text)
			}
		}
	}
	if !hasValue {
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// runIDs are the ids of runs, the last one first, and last.
func runIDs(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	out := []string{runtime.Last}
	found, err := runtime.Runs(dirOf(cmd))
	if err == nil {
		for _, folder := range found {
			out = append(out, filepath.Base(folder))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// runThenStep offers runs, and behind one its steps.
func runThenStep(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return runIDs(cmd, args, typed)
	}
	var out []string
	if h, err := findRun(dirOf(cmd), args[0]); err == nil && len(args) == 1 {
		for _, s := range h.Plan.Steps {
			out = append(out, s.Name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// dirOf is the folder in which a command looks for runs.
func dirOf(cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup("dir"); f != nil {
		return f.Value.String()
	}
	return "."
}
