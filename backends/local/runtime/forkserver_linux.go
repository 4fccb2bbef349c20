package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// canFork tells whether there are fork servers.
const canFork = true

// readyTimeout is how long a fork server may take to import what it is to import; a module that hangs there must not keep the
// steps of other modules from running.
const readyTimeout = 30 * time.Second

// lastWords is how long an attempt may take that has just got its request when the server ends, to say so.
const lastWords = 5 * time.Second

var (
	// errNotStarted is what an attempt ends with of which nothing has run: its fork server died before.
	errNotStarted = errors.New("the fork server ended before the step began")
	errLost       = errors.New("the interpreter that ran it was killed")
)

// forkServer is a warm interpreter that forks for each attempt: forkserver.py, which says what goes over the connections.
type forkServer struct {
	cmd      *exec.Cmd
	requests *os.File      // a socket: attempts, with their logs
	control  *os.File      // another one, for the rest
	begun    *os.File      // a file without a name: which attempts have begun, and their processes
	note     func(string)  // is told what the user should know
	gone     chan struct{} // closed when everything is over

	waited chan struct{} // closed when the process has ended

	mu       sync.Mutex
	attempts map[int]*forked // that have not ended, by id
	next     int             // id
	ready    bool
	over     bool // the server has ended; attempts is empty
}

// serverMessage is what the server says. One with a code or an error is the last of an attempt.
type serverMessage struct {
	ID    int
	Pid   int
	Code  *int
	Error string
	Ready bool
	Notes []string
}

// startForkServer starts a server by a command; what it is asked for waits until it is ready. It has an environment of its own, and
// no log: what it imports may print secrets. The folder is one for files of its own.
func startForkServer(cmd *exec.Cmd, folder string, note func(string)) (*forkServer, error) {
	s := &forkServer{cmd: cmd, note: note, gone: make(chan struct{}), waited: make(chan struct{}), attempts: map[int]*forked{}}
	if err := s.start(folder); err != nil {
		return nil, errors.Join(bare(err), s.closeFiles())
	}
	late := time.AfterFunc(readyTimeout, func() {
		if !s.wasReady() {
			killGroup(cmd.Process)
		}
	})
	go func() {
		_ = cmd.Wait()
		late.Stop()
		killGroup(cmd.Process) // what a module has started when it was imported would hold the connection
		close(s.waited)
	}()
	go s.read()
	return s, nil
}

func (s *forkServer) start(folder string) error {
	path := filepath.Join(folder, "begun")
	var err error
	if s.begun, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	var requests, control *os.File
	if s.requests, requests, err = socketPair(); err != nil {
		return err
	}
	defer requests.Close()
	if s.control, control, err = socketPair(); err != nil {
		return err
	}
	defer control.Close()
	s.cmd.ExtraFiles = []*os.File{requests, control, s.begun}
	ownGroup(s.cmd)
	return s.cmd.Start()
}

// socketPair returns the two ends of a socket that keeps messages apart.
func socketPair() (ours, theirs *os.File, err error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	if err := syscall.SetNonblock(ends[0], true); err != nil {
		return nil, nil, errors.Join(err, syscall.Close(ends[0]), syscall.Close(ends[1]))
	}
	return os.NewFile(uintptr(ends[0]), "fork server"), os.NewFile(uintptr(ends[1]), "fork server"), nil
}

// read takes messages until the server and every attempt that has not begun yet have closed the connections.
func (s *forkServer) read() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.control.Read(buffer)
		if err != nil {
			break
		}
		var m serverMessage
		if err := json.Unmarshal(buffer[:n], &m); err == nil {
			s.receive(&m)
		}
	}
	select {
	case <-s.waited:
	default:
		killGroup(s.cmd.Process)
		<-s.waited
	}
	pids := s.pids()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for id, a := range s.attempts {
		err := errNotStarted
		if pid, begun := pids[id]; begun {
			_ = syscall.Kill(-pid, syscall.SIGKILL)
			err = errLost
		}
		a.end(0, err)
	}
	s.attempts = nil
	_ = s.closeFiles()
	close(s.gone)
}

// pids returns the processes of the attempts that have begun, by id, of a server that has ended: nothing begins any more.
func (s *forkServer) pids() map[int]int {
	if conn, err := s.requests.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_WR) })
	}
	_ = s.requests.SetReadDeadline(time.Now().Add(lastWords))
	_, _ = s.requests.Read(make([]byte, 1)) // the end: nobody sends anything
	pids := map[int]int{}
	text, _ := io.ReadAll(io.NewSectionReader(s.begun, 0, math.MaxInt64))
	for line := range strings.Lines(string(text)) {
		var id, pid int
		if n, err := fmt.Sscan(line, &id, &pid); n == 2 && err == nil {
			pids[id] = pid
		}
	}
	return pids
}

func (s *forkServer) closeFiles() error {
	var errs []error
	for _, file := range []*os.File{s.requests, s.control, s.begun} {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *forkServer) receive(m *serverMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Ready {
		s.ready = true
		for _, text := range m.Notes {
			s.note(text)
		}
		return
	}
	a := s.attempts[m.ID]
	switch {
	case a == nil:
	case m.Code != nil:
		a.end(*m.Code, nil)
		delete(s.attempts, m.ID)
	case m.Error != "":
		a.end(0, errors.New(m.Error))
		delete(s.attempts, m.ID)
	default:
		a.pid = m.Pid
		if a.killed {
			_ = syscall.Kill(-a.pid, syscall.SIGKILL)
		}
	}
}

func (s *forkServer) wasReady() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// isOver reports a server that has ended.
func (s *forkServer) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// close ends the server, and attempts that have not ended.
func (s *forkServer) close() {
	if !s.isOver() {
		killGroup(s.cmd.Process)
	}
	<-s.gone
}

// fork starts an attempt that writes to the log, which stays the caller's.
func (s *forkServer) fork(r forkRequest, log *os.File) (process, error) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return nil, errNotStarted
	}
	s.next++
	r.ID = s.next
	a := &forked{server: s, id: r.ID, done: make(chan error, 1)}
	s.attempts[a.id] = a
	s.mu.Unlock()
	text, err := json.Marshal(r)
	if err == nil {
		err = send(s.requests, text, syscall.UnixRights(int(log.Fd())))
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.attempts, a.id)
		return nil, fmt.Errorf("cannot ask the fork server: %w", err)
	}
	return a, nil
}

// send writes one message, and waits while the server has too many to read.
func send(socket *os.File, text, rights []byte) error {
	conn, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Write(func(fd uintptr) bool {
		failed = syscall.Sendmsg(int(fd), text, rights, nil, syscall.MSG_NOSIGNAL)
		return failed != syscall.EAGAIN
	})
	return errors.Join(err, failed)
}

// forked is an attempt that a fork server has started, or is about to.
type forked struct {
	server *forkServer
	id     int
	done   chan error

	// Of server.mu:
	pid    int // 0 until it is known, of one that was asked to end
	status int
	isOver bool // done has been told
	asked  bool // to end: its group may outlive it
	killed bool // as soon as its process is known
}

// end tells how the attempt has ended, once. The server's lock is held.
func (a *forked) end(code int, err error) {
	if !a.isOver {
		a.isOver, a.status = true, code
		a.done <- err
	}
}

func (a *forked) ended() <-chan error { return a.done }

func (a *forked) code() int {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.status
}

// terminate leaves it to the server to signal, since it knows whether the process is still there, and to give up what has not
// begun. A server that is not ready yet will do so later: nobody waits for that.
func (a *forked) terminate() {
	a.server.mu.Lock()
	a.asked = true
	if !a.server.ready {
		a.end(0, nil)
	}
	a.server.mu.Unlock()
	_ = send(a.server.control, fmt.Appendf(nil, `{"end": %d}`, a.id), nil) // a server that is gone has lost it
}

func (a *forked) kill() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.killed = a.asked
	if a.pid != 0 {
		_ = syscall.Kill(-a.pid, syscall.SIGKILL)
	}
}

func (a *forked) release() {}

func (a *forked) exists() bool {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.pid != 0 && syscall.Kill(-a.pid, 0) == nil
}
