package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

type server struct {
	forms  map[string]map[string]*form
	totals map[string]int
	// One ConfigMap, and the answer to server-side apply, by form.
	single, applied map[string][]byte

	mutex sync.Mutex
	pages map[pageKey][]byte
	// Closed and replaced each time that events are let go.
	release chan struct{}
	events  int

	watches, connections, opened, requests atomic.Int64
}

var endings = []string{"json", "pb", "metadata.json", "metadata.pb"}

func load(folder string, totals map[string]int) (*server, error) {
	s := &server{
		forms:   map[string]map[string]*form{},
		totals:  totals,
		single:  map[string][]byte{},
		applied: map[string][]byte{},
		pages:   map[pageKey][]byte{},
		release: make(chan struct{}),
	}
	for collection := range totals {
		s.forms[collection] = map[string]*form{}
		for _, ending := range endings {
			f, err := loadForm(folder, collection, ending)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", collection, ending, err)
			}
			s.forms[collection][ending] = f
		}
	}
	for _, ending := range []string{"json", "pb"} {
		for name, into := range map[string]map[string][]byte{"configmap": s.single, "applied": s.applied} {
			body, err := os.ReadFile(filepath.Join(folder, name+"."+ending))
			if err != nil {
				return nil, err
			}
			into[ending] = body
		}
	}
	return s, nil
}

func (s *server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
		s.opened.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// ServeHTTP knows the paths of pods and ConfigMaps.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	s.requests.Add(1)
	if len(segments) < 3 || segments[0] != "api" || segments[1] != "v1" {
		http.NotFound(w, r)
		return
	}
	rest := segments[2:]
	empty := false
	if rest[0] == "namespaces" && len(rest) > 2 {
		rest = rest[2:]
		// One namespace has nothing but the object that is asked for by name.
		empty = true
	}
	forms, known := s.forms[rest[0]]
	if !known {
		http.NotFound(w, r)
		return
	}
	ending := accepted(r)
	switch {
	case len(rest) == 2 && r.Method == http.MethodPatch:
		_, _ = io.Copy(io.Discard, r.Body)
		write(w, ending, s.applied[ending])
	case len(rest) == 2:
		write(w, ending, s.single[ending])
	case isTrue(r, "watch"):
		s.watch(w, r, rest[0], ending, empty)
	default:
		total := s.totals[rest[0]]
		if empty {
			total = 0
		}
		s.list(w, r, forms[ending], rest[0]+"."+ending, total)
	}
}

func isTrue(r *http.Request, parameter string) bool {
	value := r.URL.Query().Get(parameter)
	return value == "true" || value == "1"
}

// accepted names the first form of the Accept header.
func accepted(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	ending := "json"
	if strings.Contains(first, "protobuf") {
		ending = "pb"
	}
	if strings.Contains(first, "as=PartialObjectMetadata") {
		ending = "metadata." + ending
	}
	return ending
}

func setType(w http.ResponseWriter, ending string, watch bool) {
	kind := "application/json"
	if strings.HasSuffix(ending, "pb") {
		kind = "application/vnd.kubernetes.protobuf"
		if watch {
			kind += ";stream=watch"
		}
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache, private")
}

func write(w http.ResponseWriter, ending string, body []byte) {
	setType(w, ending, false)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// As the real server: it compresses what is larger, at this level, if the client takes it.
const (
	compressAbove = 128 * 1024
	compressLevel = 1
)

func (s *server) list(w http.ResponseWriter, r *http.Request, f *form, name string, total int) {
	from, to := 0, total
	query := r.URL.Query()
	if token := query.Get("continue"); token != "" {
		decoded, _ := base64.RawURLEncoding.DecodeString(token)
		var position struct{ Start string }
		if err := json.Unmarshal(decoded, &position); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		from, _ = strconv.Atoi(position.Start)
	}
	// The real server ignores a limit at version 0.
	if limit, _ := strconv.Atoi(query.Get("limit")); limit > 0 && query.Get("resourceVersion") != "0" {
		to = min(total, from+limit)
	}
	compress := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	body, compressed := s.page(f, pageKey{name, from, to, total}, compress)
	if compressed {
		w.Header().Set("Content-Encoding", "gzip")
	}
	write(w, name[strings.Index(name, ".")+1:], body)
}

type pageKey struct {
	name            string
	from, to, total int
}

// page writes a page; one that is compressed is kept, for the server's work is not what is measured.
func (s *server) page(f *form, key pageKey, compress bool) (body []byte, compressed bool) {
	if !compress {
		return f.page(key.from, key.to, key.total), false
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	body, known := s.pages[key]
	if known {
		return body, true
	}
	body = f.page(key.from, key.to, key.total)
	if len(body) <= compressAbove {
		return body, false
	}
	var buffer bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&buffer, compressLevel)
	_, _ = writer.Write(body)
	_ = writer.Close()
	s.pages[key] = buffer.Bytes()
	return buffer.Bytes(), true
}

// watch sends what is there if that is asked for, then waits until events are let go.
func (s *server) watch(w http.ResponseWriter, r *http.Request, collection, ending string, empty bool) {
	s.watches.Add(1)
	defer s.watches.Add(-1)
	f := s.forms[collection][ending]
	setType(w, ending, true)
	w.WriteHeader(http.StatusOK)
	flusher := w.(http.Flusher)
	flusher.Flush()
	total := s.totals[collection]
	if empty {
		total = 0
	}
	if isTrue(r, "sendInitialEvents") {
		var out []byte
		for number := range total {
			out = f.event(out, "ADDED", number, objectVersion+number)
			if len(out) > 1<<15 {
				if _, err := w.Write(out); err != nil {
					return
				}
				out = out[:0]
			}
		}
		_, _ = w.Write(f.bookmark(out))
		flusher.Flush()
	}
	for sent := 0; ; {
		s.mutex.Lock()
		release, events := s.release, s.events
		s.mutex.Unlock()
		if total > 0 && !s.send(w, r, f, total, &sent, events) {
			return
		}
		flusher.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-release:
		}
	}
}

// send writes changes of the objects, one after another, up to the event that is allowed.
func (s *server) send(w io.Writer, r *http.Request, f *form, total int, sent *int, events int) bool {
	var out []byte
	for ; *sent < events; *sent++ {
		out = f.event(out, "MODIFIED", *sent%total, listVersion+1+*sent)
		if len(out) > 1<<15 || *sent+1 == events {
			if _, err := w.Write(out); err != nil || r.Context().Err() != nil {
				return false
			}
			out = out[:0]
		}
	}
	return true
}

// control is what the benchmark asks of the server itself.
func (s *server) control(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/release":
		count, _ := strconv.Atoi(r.URL.Query().Get("events"))
		s.mutex.Lock()
		s.events += count
		close(s.release)
		s.release = make(chan struct{})
		s.mutex.Unlock()
	case "/reset":
		s.mutex.Lock()
		s.events = 0
		s.mutex.Unlock()
		s.opened.Store(0)
		s.requests.Store(0)
	}
	_ = json.NewEncoder(w).Encode(map[string]int64{
		"watches":     s.watches.Load(),
		"connections": s.connections.Load(),
		"opened":      s.opened.Load(),
		"requests":    s.requests.Load(),
	})
}
