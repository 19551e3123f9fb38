package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	remotecommand "k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// How long a process that has ended may leave its output open, in a child of its own.
const outputGrace = 2 * time.Second

// processSpec says what to run and where its streams lead; a nil stream is none.
type processSpec struct {
	command     []string
	environment []string
	directory   string
	in          io.Reader
	out, err    io.Writer
	tty         bool
	resize      <-chan remotecommand.TerminalSize
}

// process is a process of this machine, the leader of its own group.
type process struct {
	command  *exec.Cmd
	terminal *os.File
	copied   chan struct{}
}

// processes are all that run, by their pid, so that none outlives this one.
var processes = struct {
	sync.Mutex
	running map[int]struct{}
}{running: map[int]struct{}{}}

func startProcess(spec processSpec) (*process, error) {
	command := exec.Command(spec.command[0], spec.command[1:]...)
	command.Dir = spec.directory
	command.Env = spec.environment
	started := &process{command: command, copied: make(chan struct{})}
	// Under the lock, so that the end of this process does not miss one that is just starting.
	processes.Lock()
	defer processes.Unlock()
	var err error
	if spec.tty {
		err = started.startOnTerminal(spec)
	} else {
		err = started.startOnPipes(spec)
	}
	if err != nil {
		return nil, err
	}
	processes.running[command.Process.Pid] = struct{}{}
	return started, nil
}

func (p *process) startOnPipes(spec processSpec) error {
	close(p.copied) // Wait copies
	p.command.Stdout, p.command.Stderr = spec.out, spec.err
	p.command.WaitDelay = outputGrace
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if spec.in == nil {
		return p.command.Start()
	}
	stdin, err := p.command.StdinPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(stdin, spec.in)
		_ = stdin.Close()
	}()
	return nil
}

func (p *process) startOnTerminal(spec processSpec) error {
	terminal, err := pty.Start(p.command)
	if err != nil {
		return err
	}
	p.terminal = terminal
	go func() {
		defer close(p.copied)
		out := spec.out
		if out == nil {
			out = io.Discard
		}
		_, _ = io.Copy(out, terminal) // ends with an error when the last process has left the terminal
	}()
	if spec.in != nil {
		go func() { _, _ = io.Copy(terminal, spec.in) }()
	}
	go func() {
		for size := range spec.resize {
			_ = pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width})
		}
	}()
	return nil
}

// wait returns the exit code once the process has ended and all of its output is copied; 128 and the number of the signal
// if one ended it.
func (p *process) wait() int {
	_ = p.command.Wait()
	processes.Lock()
	delete(processes.running, p.command.Process.Pid)
	processes.Unlock()
	if p.terminal != nil {
		select {
		case <-p.copied:
		case <-time.After(outputGrace):
		}
		_ = p.terminal.Close()
	}
	status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.command.ProcessState.ExitCode()
}

// signal sends a signal to the process and to all that it started.
func (p *process) signal(signal syscall.Signal) {
	_ = syscall.Kill(-p.command.Process.Pid, signal)
}

// endProcesses kills all that run; nothing can be started any more.
func endProcesses() {
	processes.Lock() // and never unlocked
	for pid := range processes.running {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}

// exitError is how an exit code travels through the kubelet's streaming module; nil for 0.
func exitError(code int) error {
	if code == 0 {
		return nil
	}
	return utilexec.CodeExitError{Err: fmt.Errorf("exit status %d", code), Code: code}
}

// programError tells of a program that cannot be started as a container runtime does.
func programError(command []string, err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("exec: %q: executable file not found in $PATH", command[0])
	}
	return err
}
