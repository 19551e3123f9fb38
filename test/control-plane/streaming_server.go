package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	v1 "k8s.io/api/core/v1"
	internalapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-client/pkg/logs"
	"k8s.io/cri-streaming/pkg/streaming"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/utils/ptr"
)

// kubeletServer serves what the API server asks of a kubelet: exec, attach, port-forward and logs, over the modules that
// a kubelet and its container runtime use for them.
type kubeletServer struct {
	containers func(namespace, pod string) (map[string]*container, bool)
}

// listen serves until the context ends; only clients with a certificate of the authority may connect, since they run programs.
func (s *kubeletServer) listen(ctx context.Context, address string, files tlsFiles) error {
	authority, err := os.ReadFile(files.clientCA)
	if err != nil {
		return fmt.Errorf("read the client CA: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	server := &http.Server{
		Addr:    address,
		Handler: s.handler(),
		TLSConfig: &tls.Config{
			ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs:  pool,
			NextProtos: []string{"http/1.1"}, // connections become others
		},
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServeTLS(files.certificate, files.key); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the kubelet's API: %w", err)
	}
	return nil
}

func (s *kubeletServer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", s.exec)
	mux.HandleFunc("/attach/{namespace}/{pod}/{container}", s.attach)
	mux.HandleFunc("/portForward/{namespace}/{pod}", s.portForward)
	mux.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", s.containerLogs)
	return mux
}

// find writes the failure if there is no such container.
func (s *kubeletServer) find(w http.ResponseWriter, r *http.Request) (*container, bool) {
	containers, found := s.containers(r.PathValue("namespace"), r.PathValue("pod"))
	if !found {
		http.Error(w, fmt.Sprintf("pod %q does not exist", r.PathValue("pod")), http.StatusNotFound)
		return nil, false
	}
	one, found := containers[r.PathValue("container")]
	if !found {
		http.Error(w, fmt.Sprintf("container not found (%q)", r.PathValue("container")), http.StatusNotFound)
	}
	return one, found
}

func (s *kubeletServer) exec(w http.ResponseWriter, r *http.Request) {
	one, options, ok := s.prepare(w, r)
	if !ok {
		return
	}
	command := r.URL.Query()["command"]
	config := streaming.DefaultConfig
	remotecommand.ServeExec(w, r, containerStreams{one}, "", "", one.spec.Name, command, options,
		config.StreamIdleTimeout, config.StreamCreationTimeout, config.SupportedRemoteCommandProtocols)
}

func (s *kubeletServer) attach(w http.ResponseWriter, r *http.Request) {
	one, options, ok := s.prepare(w, r)
	if !ok {
		return
	}
	config := streaming.DefaultConfig
	remotecommand.ServeAttach(w, r, containerStreams{one}, "", "", one.spec.Name, options,
		config.StreamIdleTimeout, config.StreamCreationTimeout, config.SupportedRemoteCommandProtocols)
}

func (s *kubeletServer) prepare(w http.ResponseWriter, r *http.Request) (*container, *remotecommand.Options, bool) {
	one, found := s.find(w, r)
	if !found {
		return nil, nil, false
	}
	if !one.isRunning() {
		http.Error(w, fmt.Sprintf("container not running (%s)", one.spec.Name), http.StatusBadRequest)
		return nil, nil, false
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, nil, false
	}
	return one, options, true
}

func (s *kubeletServer) portForward(w http.ResponseWriter, r *http.Request) {
	if _, found := s.containers(r.PathValue("namespace"), r.PathValue("pod")); !found {
		http.Error(w, "pod does not exist", http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	config := streaming.DefaultConfig
	portforward.ServePortForward(w, r, loopback{}, r.PathValue("pod"), "", options,
		config.StreamIdleTimeout, config.StreamCreationTimeout, config.SupportedPortForwardProtocols)
}

func (s *kubeletServer) containerLogs(w http.ResponseWriter, r *http.Request) {
	one, found := s.find(w, r)
	if !found {
		return
	}
	options := &v1.PodLogOptions{}
	if err := legacyscheme.ParameterCodec.DecodeParameters(r.URL.Query(), v1.SchemeGroupVersion, options); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if options.Previous {
		message := fmt.Sprintf("previous terminated container %q in pod %q not found", one.spec.Name, r.PathValue("pod"))
		http.Error(w, message, http.StatusBadRequest)
		return
	}
	readOptions := &logs.LogOptions{
		TailLines:  options.TailLines,
		LimitBytes: options.LimitBytes,
		Follow:     options.Follow,
		Timestamp:  options.Timestamps,
	}
	if options.SinceSeconds != nil {
		readOptions.Since = time.Now().Add(-time.Duration(*options.SinceSeconds) * time.Second)
	}
	if options.SinceTime != nil {
		readOptions.Since = options.SinceTime.Time
	}
	to := flushing{w}
	var stdout, stderr io.Writer = to, to
	switch ptr.Deref(options.Stream, v1.LogStreamAll) {
	case v1.LogStreamStdout:
		stderr = nil
	case v1.LogStreamStderr:
		stdout = nil
	}
	_, _ = to.Write(nil) // the headers, also if nothing is said yet
	if err := logs.ReadLogs(r.Context(), one.logPath, one.spec.Name, readOptions, containerState{one: one}, stdout, stderr); err != nil {
		fmt.Fprintf(os.Stderr, "logs of %s: %v\n", r.URL.Path, err)
	}
}

// flushing sends what is written at once.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(data []byte) (int, error) {
	written, err := f.ResponseWriter.Write(data)
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	return written, err
}

// containerState is all of a container runtime that following a log asks for.
type containerState struct {
	internalapi.RuntimeService
	one *container
}

func (c containerState) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	state := runtimeapi.ContainerState_CONTAINER_EXITED
	if c.one.isRunning() {
		state = runtimeapi.ContainerState_CONTAINER_RUNNING
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}

type containerStreams struct{ one *container }

var (
	_ remotecommand.Executor = containerStreams{}
	_ remotecommand.Attacher = containerStreams{}
)

func (c containerStreams) ExecInContainer(_ context.Context, _, _, _ string, command []string, in io.Reader, out, err io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	return c.one.exec(processSpec{command: command, in: in, out: writerOf(out), err: writerOf(err), tty: tty, resize: resize})
}

func (c containerStreams) AttachContainer(_ context.Context, _, _, _ string, in io.Reader, out, err io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize) error {
	c.one.attach(in, writerOf(out), writerOf(err), resize)
	return nil
}

// writerOf keeps no stream from becoming a stream of nothing.
func writerOf(stream io.WriteCloser) io.Writer {
	if stream == nil {
		return nil
	}
	return stream
}

// loopback forwards to ports of this machine, where the processes of a pod listen.
type loopback struct{}

var _ portforward.PortForwarder = loopback{}

// How long the other end may go on after the client has ended its part, which may mean that it is gone.
const halfClosedGrace = 5 * time.Second

func (loopback) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	defer connection.Close()
	go func() {
		_, _ = io.Copy(connection, stream)
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		_ = connection.SetReadDeadline(time.Now().Add(halfClosedGrace))
	}()
	if _, err := io.Copy(stream, connection); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}
