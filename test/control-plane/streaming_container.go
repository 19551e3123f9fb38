package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	remotecommand "k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// container is a container of a pod: one process, its log, and those who are attached to it.
type container struct {
	spec      v1.Container
	directory string
	logPath   string
	process   *process
	stdin     *io.PipeWriter // nil without spec.stdin
	stdout    *output
	stderr    *output
	started   time.Time
	resize    chan remotecommand.TerminalSize
	// Closed when the process has ended and everything is in the log; then what follows holds.
	done     chan struct{}
	finished time.Time
	exitCode int
}

// startContainer runs the command of a container, or sleeps if it has none: there are no images here.
func startContainer(spec v1.Container, directory string) (*container, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of container %s: %w", spec.Name, err)
	}
	logPath := filepath.Join(directory, spec.Name+".log")
	file, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create the log of container %s: %w", spec.Name, err)
	}
	log := &criLog{file: file}
	started := &container{
		spec:      spec,
		directory: directory,
		logPath:   logPath,
		stdout:    &output{log: log, name: "stdout"},
		stderr:    &output{log: log, name: "stderr"},
		started:   time.Now(),
		resize:    make(chan remotecommand.TerminalSize),
		done:      make(chan struct{}),
	}
	process := processSpec{
		command:     append(append([]string{}, spec.Command...), spec.Args...),
		environment: started.environment(),
		directory:   started.workingDirectory(),
		out:         started.stdout,
		err:         started.stderr,
		tty:         spec.TTY,
		resize:      started.resize,
	}
	if len(process.command) == 0 {
		process.command = []string{"sleep", "infinity"}
	}
	if spec.Stdin {
		process.in, started.stdin = io.Pipe()
	}
	started.process, err = startProcess(process)
	if err != nil {
		_ = file.Close()
		return nil, programError(process.command, err)
	}
	go func() {
		started.exitCode = started.process.wait()
		started.finished = time.Now()
		started.stdout.flush()
		started.stderr.flush()
		_ = file.Close()
		if started.stdin != nil {
			_ = started.stdin.Close()
		}
		close(started.done)
	}()
	return started, nil
}

func (c *container) isRunning() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

func (c *container) environment() []string {
	environment := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.directory, "TERM=xterm"}
	for _, variable := range c.spec.Env {
		environment = append(environment, variable.Name+"="+variable.Value)
	}
	return environment
}

func (c *container) workingDirectory() string {
	if c.spec.WorkingDir != "" {
		return c.spec.WorkingDir
	}
	return c.directory
}

// exec runs one more process in the container.
func (c *container) exec(spec processSpec) error {
	spec.environment, spec.directory = c.environment(), c.workingDirectory()
	started, err := startProcess(spec)
	if err != nil {
		return programError(spec.command, err)
	}
	code := make(chan int, 1)
	go func() { code <- started.wait() }()
	select {
	case status := <-code:
		return exitError(status)
	case <-c.done:
		started.signal(9) // a container takes all of its processes along
		return exitError(<-code)
	}
}

// attach connects streams with the container's process until that ends or the streams break.
func (c *container) attach(in io.Reader, out, err io.Writer, resize <-chan remotecommand.TerminalSize) {
	broken := make(chan struct{}, 2)
	for _, end := range []struct {
		from *output
		to   io.Writer
	}{{c.stdout, out}, {c.stderr, err}} {
		if end.to != nil {
			defer end.from.follow(end.to, broken)()
		}
	}
	if in != nil && c.stdin != nil {
		go func() {
			_, _ = io.Copy(c.stdin, in)
			if c.spec.StdinOnce {
				_ = c.stdin.Close()
			}
		}()
	}
	for {
		select {
		case <-c.done:
			return
		case <-broken:
			return
		case size, open := <-resize:
			if !open {
				resize = nil
				continue
			}
			select {
			case c.resize <- size:
			case <-c.done:
			}
		}
	}
}

// output is what a process says: it goes to the log, and to those who follow it from now on.
type output struct {
	log       *criLog
	name      string
	mutex     sync.Mutex
	partial   []byte
	followers map[*follower]struct{}
}

type follower struct {
	to     io.Writer
	broken chan<- struct{}
}

func (o *output) Write(data []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.partial = append(o.partial, data...)
	for {
		end := bytes.IndexByte(o.partial, '\n')
		if end < 0 {
			break
		}
		if err := o.log.line(o.name, o.partial[:end]); err != nil {
			return 0, err
		}
		o.partial = o.partial[end+1:]
	}
	for follower := range o.followers {
		if _, err := follower.to.Write(data); err != nil {
			delete(o.followers, follower)
			follower.broken <- struct{}{}
		}
	}
	return len(data), nil
}

// flush logs a last line that has no newline.
func (o *output) flush() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if len(o.partial) > 0 {
		_ = o.log.line(o.name, o.partial)
	}
	o.partial = nil
}

func (o *output) follow(to io.Writer, broken chan<- struct{}) (leave func()) {
	entry := &follower{to: to, broken: broken}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.followers == nil {
		o.followers = map[*follower]struct{}{}
	}
	o.followers[entry] = struct{}{}
	return func() {
		o.mutex.Lock()
		defer o.mutex.Unlock()
		delete(o.followers, entry)
	}
}

// criLog is a log file as container runtimes write it for the kubelet to read.
type criLog struct {
	mutex sync.Mutex
	file  *os.File
}

func (l *criLog) line(stream string, text []byte) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_, err := fmt.Fprintf(l.file, "%s %s F %s\n", time.Now().Format(time.RFC3339Nano), stream, text)
	return err
}
