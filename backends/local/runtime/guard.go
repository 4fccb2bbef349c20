package runtime

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// guardScript reads the numbers of process groups, and -number for those that have ended, until this program has ended,
// however it did. Then it kills the groups that are left.
const guardScript = `live=" "
while read -r group; do
	case $group in
	-*) group=${group#-} live="${live%% $group *} ${live#* $group }" ;;
	*) live="$live$group " ;;
	esac
done
for group in $live; do kill -9 "-$group"; done 2>/dev/null`

// guard watches over the processes that this program has started itself: should it be killed, they are, too. It is a shell
// in a group of its own, which is started with the first of them; without a shell there is no guard.
type guard struct {
	once sync.Once
	in   *os.File // nil: there is none
	cmd  *exec.Cmd
}

func (g *guard) start() {
	from, in, err := os.Pipe()
	if err != nil {
		return
	}
	defer from.Close()
	cmd := exec.Command("/bin/sh", "-c", guardScript)
	cmd.Stdin = from
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		_ = in.Close()
		return
	}
	g.in, g.cmd = in, cmd
}

// watch has the group of a process killed, should this program be, until the function that it returns is called.
func (g *guard) watch(pid int) (end func()) {
	g.once.Do(g.start)
	if g.in == nil {
		return func() {}
	}
	fmt.Fprintln(g.in, pid)
	return func() { fmt.Fprintln(g.in, -pid) }
}

// close ends the guard.
func (g *guard) close() {
	g.once.Do(func() {})
	if g.in != nil {
		_ = g.in.Close()
		_ = g.cmd.Wait()
	}
}
