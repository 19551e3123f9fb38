// Command clients-go does with client-go what controllers in Go do, against whatever API server a kubeconfig names. It prints one
// line per check and ends with 1 if any failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// deadline bounds each check.
const deadline = 30 * time.Second

// world is what checks work with: clients of every sort, a namespace of the check's own, and the requests that were made.
type world struct {
	ctx         context.Context
	namespace   string
	typed       kubernetes.Interface
	dynamic     dynamic.Interface
	metadata    metadata.Interface
	discovery   discovery.DiscoveryInterface
	definitions apiextensions.Interface
	requests    *recorder
}

type check struct {
	name string
	run  func(w world) error
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the kubeconfig of the server")
	flag.Parse()
	if err := run(*kubeconfig); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	requests := &recorder{}
	config.Wrap(requests.wrap)
	failed := 0
	for _, c := range checks {
		begin := time.Now()
		if err := runOne(config, requests, c); err != nil {
			failed++
			fmt.Printf("FAIL %s: %v\n", c.name, err)
			continue
		}
		fmt.Printf("ok   %s\n", c.name)
		fmt.Fprintf(os.Stderr, "%s took %v\n", c.name, time.Since(begin).Round(time.Millisecond))
	}
	fmt.Printf("%d of %d checks hold\n", len(checks)-failed, len(checks))
	if failed > 0 {
		return fmt.Errorf("%d checks failed", failed)
	}
	return nil
}

func runOne(config *rest.Config, requests *recorder, c check) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	w := world{ctx: ctx, requests: requests}
	var err error
	if w.typed, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if w.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return err
	}
	if w.metadata, err = metadata.NewForConfig(config); err != nil {
		return err
	}
	if w.definitions, err = apiextensions.NewForConfig(config); err != nil {
		return err
	}
	w.discovery = w.typed.Discovery()
	if w.namespace, err = newNamespace(w); err != nil {
		return err
	}
	requests.reset()
	return c.run(w)
}

// recorder remembers requests, for checks that are about how clients ask.
type recorder struct {
	lock sync.Mutex
	seen []string
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func (r *recorder) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		r.lock.Lock()
		r.seen = append(r.seen, fmt.Sprintf("%s %s %s", request.Method, request.URL.RequestURI(), request.Header.Get("Content-Type")))
		r.lock.Unlock()
		return next.RoundTrip(request)
	})
}

func (r *recorder) reset() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.seen = nil
}

// with returns the requests in which all of the texts occur.
func (r *recorder) with(texts ...string) []string {
	r.lock.Lock()
	defer r.lock.Unlock()
	var found []string
next:
	for _, line := range r.seen {
		for _, text := range texts {
			if !strings.Contains(line, text) {
				continue next
			}
		}
		found = append(found, line)
	}
	return found
}
