package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	remote "k8s.io/cri-client/pkg"
	fakeremote "k8s.io/cri-client/pkg/fake"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	"k8s.io/kubernetes/pkg/kubemark"
)

// newHollowNodeCommand is a node without containers: the real kubelet's code over a fake container runtime.
//
// kubemark's own command serves the kubelet's API on every address of the machine. This one serves it nowhere: the API
// server would refuse to reach it on a loopback address, and a fake runtime has no logs to show and nothing to exec.
func newHollowNodeCommand() *cobra.Command {
	var name, kubeconfig string
	command := &cobra.Command{
		Use:  "hollow-node",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runHollowNode(command.Context(), name, kubeconfig)
		},
	}
	command.Flags().StringVar(&name, "name", "", "name of the node")
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig file to reach the API server with")
	_ = command.MarkFlagRequired("name")
	_ = command.MarkFlagRequired("kubeconfig")
	return command
}

func runHollowNode(ctx context.Context, name, kubeconfig string) error {
	clientConfig, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig %q: %w", kubeconfig, err)
	}
	clientConfig.ContentType = "application/vnd.kubernetes.protobuf"
	clientConfig.UserAgent = "hollow-kubelet"
	clientConfig.QPS, clientConfig.Burst = 100, 200
	client, err := kubernetes.NewForConfig(clientConfig)
	if err != nil {
		return fmt.Errorf("create the node's client: %w", err)
	}
	flags, config := kubemark.GetHollowKubeletConfig(&kubemark.HollowKubeletOptions{NodeName: name, MaxPods: 110})
	config.EnableServer = false
	// The fake machine has no file systems whose filling up could be watched.
	config.EvictionHard = map[string]string{}
	config.LocalStorageCapacityIsolation = false
	// kubemark makes its directories in /tmp, whatever TMPDIR says.
	if err := os.RemoveAll(flags.RootDirectory); err != nil {
		return fmt.Errorf("remove kubemark's directory %s: %w", flags.RootDirectory, err)
	}
	flags.RootDirectory = filepath.Join(os.TempDir(), name)
	config.StaticPodPath = filepath.Join(flags.RootDirectory, "static-pods")
	config.PodLogsDir = filepath.Join(flags.RootDirectory, "pod-logs")
	for _, directory := range []string{config.StaticPodPath, config.PodLogsDir} {
		if err := os.MkdirAll(directory, 0o700); err != nil {
			return fmt.Errorf("create the node's directory %s: %w", directory, err)
		}
	}

	endpoint := "unix://" + filepath.Join(os.TempDir(), name+".sock")
	runtime := fakeremote.NewFakeRemoteRuntime()
	if err := runtime.Start(endpoint); err != nil {
		return fmt.Errorf("start the fake runtime: %w", err)
	}
	defer runtime.Stop()
	runtimeService, err := remote.NewRemoteRuntimeServiceBuilder().
		WithEndpoint(endpoint).
		WithConnectionTimeout(15 * time.Second).
		Build(ctx)
	if err != nil {
		return fmt.Errorf("connect to the fake runtime: %w", err)
	}
	kubemark.NewHollowKubelet(
		flags, config,
		client, client,
		&cadvisortest.Fake{NodeName: name},
		runtime.ImageService,
		runtimeService,
		cm.NewStubContainerManager(),
	).Run(ctx)
	return nil
}
