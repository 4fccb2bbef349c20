package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// canFork tells whether there are fork servers.
const canFork = true

// readyTimeout is how long a fork server may take to import what it is to import; a module that hangs there must not keep the
// steps of other modules from running.
const readyTimeout = 30 * time.Second

var (
	// errNotStarted is what an attempt ends with of which nothing has run: its fork server died before.
	errNotStarted = errors.New("the fork server ended before the step began")
	errLost       = errors.New("the interpreter that ran it was killed")
)

// forkServer is a warm interpreter that forks for each attempt: forkserver.py, which says what goes over the connection.
type forkServer struct {
	cmd  *exec.Cmd
	conn *os.File      // a socket that keeps messages apart
	note func(string)  // is told what the user should know
	gone chan struct{} // closed when everything is over

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

// startForkServer starts a server; what it is asked for waits until it is ready. It has an environment of its own, and no log:
// what it imports may print secrets.
func startForkServer(python, program, config string, env []string, note func(string)) (*forkServer, error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(ends[1]), "fork server")
	defer theirs.Close()
	if err := syscall.SetNonblock(ends[0], true); err != nil {
		return nil, errors.Join(err, syscall.Close(ends[0]))
	}
	cmd := exec.Command(python, program, config)
	cmd.Env, cmd.ExtraFiles = env, []*os.File{theirs}
	ownGroup(cmd)
	s := &forkServer{cmd: cmd, conn: os.NewFile(uintptr(ends[0]), "fork server"), note: note, gone: make(chan struct{}), waited: make(chan struct{}), attempts: map[int]*forked{}}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(bare(err), s.conn.Close())
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

// read takes messages until the server and every attempt that has not begun yet have closed the connection.
func (s *forkServer) read() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := s.conn.Read(buffer)
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for _, a := range s.attempts {
		err := errNotStarted
		if a.pid != 0 {
			_ = syscall.Kill(-a.pid, syscall.SIGKILL)
			err = errLost
		}
		a.end(0, err)
	}
	s.attempts = nil
	_ = s.conn.Close()
	close(s.gone)
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
		if a.isOver { // it was given up before it began
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
		err = s.send(text, syscall.UnixRights(int(log.Fd())))
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
func (s *forkServer) send(text, rights []byte) error {
	conn, err := s.conn.SyscallConn()
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
	pid    int // 0 until it is known
	status int
	isOver bool // done has been told
	asked  bool // to end: its group may outlive it
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

// terminate gives an attempt up that has not begun. To others the server hands the signal, since it knows whether the process
// is still there.
func (a *forked) terminate() {
	a.server.mu.Lock()
	begun := a.pid != 0
	a.asked = begun
	if !begun {
		a.end(0, nil)
	}
	a.server.mu.Unlock()
	if begun {
		_ = a.server.send(fmt.Appendf(nil, `{"id": %d, "end": true}`, a.id), nil) // a server that is gone has lost it
	}
}

func (a *forked) kill() {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	if a.pid != 0 && (a.asked || !a.isOver) {
		_ = syscall.Kill(-a.pid, syscall.SIGKILL)
	}
}

func (a *forked) release() {}

func (a *forked) exists() bool {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.pid != 0 && syscall.Kill(-a.pid, 0) == nil
}
