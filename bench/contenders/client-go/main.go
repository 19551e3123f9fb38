// The workloads with client-go, used as its documentation has it: typed clientset (which speaks protobuf), shared informers, a work queue.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

type options struct {
	Mode     string
	Events   int64
	Watches  int
	Objects  int64
	Apply    bool
	Count    int64
	Parallel int
}

func main() {
	var wanted options
	if len(os.Args) > 2 {
		must(json.Unmarshal([]byte(os.Args[2]), &wanted))
	}
	// The switch is read from the environment when it is first asked for: its default is streamed lists.
	if os.Args[1] == "sync" && wanted.Mode != "streamed" {
		must(os.Setenv("KUBE_FEATURE_WatchListClient", "false"))
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	// The other contenders have no limit of their own.
	config.QPS = -1
	clientset, err := kubernetes.NewForConfig(config)
	must(err)
	switch os.Args[1] {
	case "sync":
		syncPods(config, clientset, wanted.Mode)
	case "watch":
		watch(clientset, wanted.Events)
	case "idle":
		idle(clientset, wanted.Watches)
	case "reconcile":
		reconcile(clientset, wanted)
	case "requests":
		requests(clientset, wanted.Count, wanted.Parallel)
	case "firstList":
		list, err := clientset.CoreV1().ConfigMaps("").List(context.Background(), metav1.ListOptions{Limit: 20})
		must(err)
		mark("done", map[string]any{"objects": len(list.Items)})
	default:
		mark("unsupported", nil)
		return
	}
	hold()
}

func syncPods(config *rest.Config, clientset kubernetes.Interface, mode string) {
	mark("begin", nil)
	var informer cache.SharedIndexInformer
	switch mode {
	case "paged", "streamed":
		informer = informers.NewSharedInformerFactory(clientset, 0).Core().V1().Pods().Informer()
	case "dropped":
		factory := informers.NewSharedInformerFactoryWithOptions(clientset, 0, informers.WithTransform(withoutManagedFields))
		informer = factory.Core().V1().Pods().Informer()
	case "metadata":
		client, err := metadata.NewForConfig(config)
		must(err)
		informer = metadatainformer.NewSharedInformerFactory(client, 0).ForResource(corev1.SchemeGroupVersion.WithResource("pods")).Informer()
	default:
		mark("unsupported", nil)
		return
	}
	start(informer)
	mark("ready", map[string]any{"objects": len(informer.GetStore().ListKeys())})
}

func withoutManagedFields(object any) (any, error) {
	accessor, err := meta.Accessor(object)
	if err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}

func start(informer cache.SharedIndexInformer) {
	forever := make(chan struct{})
	go informer.Run(forever)
	if !cache.WaitForCacheSync(forever, informer.HasSynced) {
		log.Fatal("the cache did not sync")
	}
}

func watch(clientset kubernetes.Interface, events int64) {
	informer := informers.NewSharedInformerFactory(clientset, 0).Core().V1().Pods().Informer()
	var left atomic.Int64
	left.Store(events)
	var before atomic.Uint64
	done := make(chan struct{})
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(_, _ any) {
		if left.Add(-1) == 0 {
			close(done)
		}
	}})
	must(err)
	start(informer)
	before.Store(allocatedBytes())
	mark("ready", map[string]any{"objects": len(informer.GetStore().ListKeys())})
	<-done
	mark("done", map[string]any{"events": events, "allocatedBytes": allocatedBytes() - before.Load()})
}

func idle(clientset kubernetes.Interface, watches int) {
	mark("begin", nil)
	var all sync.WaitGroup
	for index := range watches {
		all.Go(func() {
			namespace := informers.WithNamespace(fmt.Sprintf("team-%d", index))
			start(informers.NewSharedInformerFactoryWithOptions(clientset, 0, namespace).Core().V1().ConfigMaps().Informer())
		})
	}
	all.Wait()
	mark("ready", nil)
}

// reconcile is what client-go's sample controller does: an informer, a rate limited queue of keys, workers. As many workers as kindred has.
func reconcile(clientset kubernetes.Interface, wanted options) {
	mark("begin", nil)
	maps := informers.NewSharedInformerFactory(clientset, 0).Core().V1().ConfigMaps()
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName]())
	enqueue := func(object any) {
		name, err := cache.ObjectToName(object)
		must(err)
		queue.Add(name)
	}
	_, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, object any) { enqueue(object) },
		DeleteFunc: enqueue,
	})
	must(err)
	start(maps.Informer())
	var left atomic.Int64
	left.Store(wanted.Objects)
	done := make(chan struct{})
	for range 8 {
		go func() {
			for {
				name, shutdown := queue.Get()
				if shutdown {
					return
				}
				object, err := maps.Lister().ConfigMaps(name.Namespace).Get(name.Name)
				must(err)
				if wanted.Apply {
					child := v1.ConfigMap("child-of-"+object.Name, object.Namespace).WithData(map[string]string{"of": object.Name})
					_, err := clientset.CoreV1().ConfigMaps(object.Namespace).Apply(context.Background(), child, metav1.ApplyOptions{FieldManager: "bench", Force: true})
					must(err)
				}
				queue.Forget(name)
				queue.Done(name)
				if left.Add(-1) == 0 {
					close(done)
				}
			}
		}()
	}
	<-done
	mark("done", nil)
}

func requests(clientset kubernetes.Interface, count int64, parallel int) {
	maps := clientset.CoreV1().ConfigMaps("default")
	get := func() {
		_, err := maps.Get(context.Background(), "small", metav1.GetOptions{})
		must(err)
	}
	get()
	mark("begin", nil)
	var left atomic.Int64
	left.Store(count)
	var all sync.WaitGroup
	for range parallel {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				get()
			}
		})
	}
	all.Wait()
	mark("done", nil)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
