package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/component-helpers/apimachinery/lease"
	"k8s.io/utils/clock"
)

// tlsFiles are what the kubelet's API is served with.
type tlsFiles struct{ certificate, key, clientCA string }

// newStreamingNodeCommand is a node whose containers are processes of this machine: what a hollow node's are not, they can be
// talked to. There are no images, no volumes, no probes, no restarts and no isolation; every port is one of 127.0.0.1.
func newStreamingNodeCommand() *cobra.Command {
	var name, kubeconfig string
	var port int
	var files tlsFiles
	command := &cobra.Command{
		Use:  "streaming-node",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runStreamingNode(command.Context(), name, kubeconfig, port, files)
		},
	}
	flags := command.Flags()
	flags.StringVar(&name, "name", "", "name of the node")
	flags.StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig file to reach the API server with")
	flags.IntVar(&port, "port", 0, "port of 127.0.0.1 to serve the kubelet's API on")
	flags.StringVar(&files.certificate, "tls-cert-file", "", "certificate of that server")
	flags.StringVar(&files.key, "tls-private-key-file", "", "its key")
	flags.StringVar(&files.clientCA, "client-ca-file", "", "authority of the clients' certificates")
	for _, flag := range []string{"name", "kubeconfig", "port", "tls-cert-file", "tls-private-key-file", "client-ca-file"} {
		_ = command.MarkFlagRequired(flag)
	}
	return command
}

type streamingNode struct {
	name      string
	port      int
	directory string
	client    kubernetes.Interface
	mutex     sync.Mutex
	pods      map[string]*runningPod
}

// runningPod is a pod that this node has begun to run.
type runningPod struct {
	pod        *v1.Pod
	containers map[string]*container
	failures   map[string]error
	ending     bool
}

func runStreamingNode(ctx context.Context, name, kubeconfig string, port int, files tlsFiles) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig %q: %w", kubeconfig, err)
	}
	config.QPS, config.Burst = 100, 200
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("create the node's client: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	beforeExit = endProcesses
	node := &streamingNode{
		name:      name,
		port:      port,
		directory: filepath.Join(os.TempDir(), name),
		client:    client,
		pods:      map[string]*runningPod{},
	}
	if err := node.register(ctx); err != nil {
		return err
	}
	// Without its lease a node counts as lost, and its pods with it.
	go lease.NewController(clock.RealClock{}, client, name, 40, nil, 10*time.Second, name, v1.NamespaceNodeLease, nil).Run(ctx)
	node.followPods(ctx)
	server := &kubeletServer{containers: node.containers}
	return server.listen(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), files)
}

func (n *streamingNode) register(ctx context.Context) error {
	node, err := n.client.CoreV1().Nodes().Create(ctx, &v1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: map[string]string{v1.LabelHostname: n.name}},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		node, err = n.client.CoreV1().Nodes().Get(ctx, n.name, metav1.GetOptions{})
	}
	if err != nil {
		return fmt.Errorf("create node %s: %w", n.name, err)
	}
	resources := v1.ResourceList{
		v1.ResourceCPU:    resource.MustParse("8"),
		v1.ResourceMemory: resource.MustParse("8Gi"),
		v1.ResourcePods:   resource.MustParse("110"),
	}
	node.Status = v1.NodeStatus{
		Capacity:        resources,
		Allocatable:     resources,
		Addresses:       []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: "127.0.0.1"}},
		DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: int32(n.port)}},
		Conditions: []v1.NodeCondition{{
			Type:               v1.NodeReady,
			Status:             v1.ConditionTrue,
			Reason:             "StreamingNode",
			LastHeartbeatTime:  metav1.Now(),
			LastTransitionTime: metav1.Now(),
		}},
	}
	node.ResourceVersion = "" // nobody else writes this status
	if _, err := n.client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("report the status of node %s: %w", n.name, err)
	}
	return nil
}

func (n *streamingNode) followPods(ctx context.Context) {
	mine := informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", n.name).String()
	})
	factory := informers.NewSharedInformerFactoryWithOptions(n.client, 0, mine)
	handle := func(object any) {
		if pod, ok := object.(*v1.Pod); ok {
			n.reconcile(ctx, pod)
		}
	}
	_, _ = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    handle,
		UpdateFunc: func(_, object any) { handle(object) },
		DeleteFunc: func(object any) {
			if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			if pod, ok := object.(*v1.Pod); ok {
				n.forget(pod)
			}
		},
	})
	factory.Start(ctx.Done())
}

func (n *streamingNode) containers(namespace, pod string) (map[string]*container, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	running, found := n.pods[namespace+"/"+pod]
	if !found {
		return nil, false
	}
	return running.containers, true
}

// reconcile starts a pod that is new, and ends one that is to be deleted.
func (n *streamingNode) reconcile(ctx context.Context, pod *v1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	key := pod.Namespace + "/" + pod.Name
	running := n.pods[key]
	if running == nil && pod.Status.Phase == v1.PodPending && pod.DeletionTimestamp == nil {
		running = n.start(pod)
		n.pods[key] = running
		go n.report(ctx, running)
	}
	if pod.DeletionTimestamp != nil && (running == nil || !running.ending) {
		if running != nil {
			running.ending = true
		}
		go n.end(ctx, pod, running)
	}
}

func (n *streamingNode) start(pod *v1.Pod) *runningPod {
	running := &runningPod{pod: pod, containers: map[string]*container{}, failures: map[string]error{}}
	for _, spec := range pod.Spec.Containers {
		started, err := startContainer(spec, filepath.Join(n.directory, string(pod.UID), spec.Name))
		if err != nil {
			running.failures[spec.Name] = err
			continue
		}
		running.containers[spec.Name] = started
	}
	return running
}

// report writes the status of a pod when its containers have started and whenever one of them has ended.
func (n *streamingNode) report(ctx context.Context, running *runningPod) {
	n.writeStatus(ctx, running)
	for _, one := range running.containers {
		go func() {
			<-one.done
			n.writeStatus(ctx, running)
		}()
	}
}

func (n *streamingNode) writeStatus(ctx context.Context, running *runningPod) {
	pod := running.pod.DeepCopy()
	pod.ResourceVersion = "" // nobody else writes this status
	pod.Status = running.status()
	if _, err := n.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{}); err != nil && !apierrors.IsNotFound(err) {
		fmt.Fprintf(os.Stderr, "report the status of pod %s/%s: %v\n", pod.Namespace, pod.Name, err)
	}
}

func (r *runningPod) status() v1.PodStatus {
	status := v1.PodStatus{
		Phase:     v1.PodSucceeded,
		HostIP:    "127.0.0.1",
		HostIPs:   []v1.HostIP{{IP: "127.0.0.1"}},
		PodIP:     "127.0.0.1",
		PodIPs:    []v1.PodIP{{IP: "127.0.0.1"}},
		StartTime: r.pod.CreationTimestamp.DeepCopy(),
	}
	for _, spec := range r.pod.Spec.Containers {
		state := r.state(spec.Name)
		if state.Terminated != nil && state.Terminated.ExitCode != 0 && status.Phase == v1.PodSucceeded {
			status.Phase = v1.PodFailed
		}
		if state.Running != nil {
			status.Phase = v1.PodRunning
		}
		status.ContainerStatuses = append(status.ContainerStatuses, v1.ContainerStatus{
			Name:        spec.Name,
			Image:       spec.Image,
			ContainerID: "process://" + string(r.pod.UID) + "/" + spec.Name,
			Ready:       state.Running != nil,
			State:       state,
		})
	}
	ready := v1.ConditionFalse
	if status.Phase == v1.PodRunning {
		ready = v1.ConditionTrue
	}
	for _, condition := range []v1.PodConditionType{v1.PodScheduled, v1.PodInitialized, v1.ContainersReady, v1.PodReady} {
		value := ready
		if condition == v1.PodScheduled || condition == v1.PodInitialized {
			value = v1.ConditionTrue
		}
		status.Conditions = append(status.Conditions, v1.PodCondition{Type: condition, Status: value, LastTransitionTime: metav1.Now()})
	}
	return status
}

func (r *runningPod) state(name string) v1.ContainerState {
	one, started := r.containers[name]
	if !started {
		return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
			ExitCode: 128,
			Reason:   "StartError",
			Message:  r.failures[name].Error(),
		}}
	}
	if one.isRunning() {
		return v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: metav1.NewTime(one.started)}}
	}
	reason := "Completed"
	if one.exitCode != 0 {
		reason = "Error"
	}
	return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		ExitCode:   int32(one.exitCode),
		Reason:     reason,
		StartedAt:  metav1.NewTime(one.started),
		FinishedAt: metav1.NewTime(one.finished),
	}}
}

// end stops a pod's processes within its grace period, then lets the API server delete it.
func (n *streamingNode) end(ctx context.Context, pod *v1.Pod, running *runningPod) {
	grace := time.Duration(0)
	if pod.DeletionGracePeriodSeconds != nil {
		grace = time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
	}
	if running != nil {
		running.stop(grace)
	}
	err := n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64),
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) {
		fmt.Fprintf(os.Stderr, "delete pod %s/%s: %v\n", pod.Namespace, pod.Name, err)
	}
}

func (r *runningPod) stop(grace time.Duration) {
	deadline := time.After(grace)
	for _, one := range r.containers {
		one.process.signal(syscall.SIGTERM)
		select {
		case <-one.done:
		case <-deadline:
		}
		one.process.signal(syscall.SIGKILL)
		<-one.done
	}
}

func (n *streamingNode) forget(pod *v1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	key := pod.Namespace + "/" + pod.Name
	running := n.pods[key]
	if running == nil || running.pod.UID != pod.UID {
		return
	}
	delete(n.pods, key)
	go running.stop(0)
}
