package runtime

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// guardScript waits until this program has ended, however it did. Then it reads the numbers of process groups, and -number for
// those that have ended, and kills the groups that are left.
const guardScript = `read -r never
live=" "
while read -r group; do
	case $group in
	-*) group=${group#-} live="${live%% $group *} ${live#* $group }" ;;
	*) live="$live$group " ;;
	esac
done <&3
for group in $live; do kill -9 "-$group"; done 2>/dev/null`

// guard watches over the processes that this program has started itself: should it be killed, they are, too. It is a shell
// in a group of its own, which is started with the first of them; without a shell there is no guard. It sleeps until the end: what
// it should know is written to a file that has no name any more.
type guard struct {
	once   sync.Once
	groups *os.File // nil: there is none
	alive  *os.File // which the shell sees closed
	cmd    *exec.Cmd
}

func (g *guard) start() {
	if err := g.tryStart(); err != nil {
		g.groups = nil
	}
}

func (g *guard) tryStart() error {
	if !hasGroups {
		return errors.ErrUnsupported
	}
	groups, err := os.CreateTemp("", "zenc-groups-")
	if err != nil {
		return err
	}
	theirs, err := os.Open(groups.Name())
	if err := errors.Join(err, os.Remove(groups.Name())); err != nil {
		return errors.Join(err, groups.Close())
	}
	defer theirs.Close()
	from, alive, err := os.Pipe()
	if err != nil {
		return errors.Join(err, groups.Close())
	}
	defer from.Close()
	cmd := exec.Command("/bin/sh", "-c", guardScript)
	cmd.Stdin, cmd.ExtraFiles = from, []*os.File{theirs}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return errors.Join(err, groups.Close(), alive.Close())
	}
	g.groups, g.alive, g.cmd = groups, alive, cmd
	return nil
}

// watch has the group of a process killed, should this program be, until the function that it returns is called.
func (g *guard) watch(pid int) (end func()) {
	g.once.Do(g.start)
	if g.groups == nil {
		return func() {}
	}
	fmt.Fprintln(g.groups, pid)
	return func() { fmt.Fprintln(g.groups, -pid) }
}

// close ends the guard: nothing is left that it should kill.
func (g *guard) close() {
	g.once.Do(func() {})
	if g.groups != nil {
		killGroup(g.cmd.Process)
		_ = g.cmd.Wait()
		_ = g.alive.Close()
		_ = g.groups.Close()
	}
}
