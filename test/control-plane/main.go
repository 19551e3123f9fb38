// Command control-plane is a whole Kubernetes control plane in one binary: its first argument names the component to be.
//
// kindred's contract and acceptance tests run against it, so that what they prove holds for the real API server.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

var commands = map[string]func() *cobra.Command{
	"certificates":            newCertificatesCommand,
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"hollow-node":             newHollowNodeCommand,
	"streaming-node":          newStreamingNodeCommand,
}

func main() {
	if len(os.Args) < 2 {
		fail("no component named")
	}
	component := os.Args[1]
	os.Args = append([]string{component}, os.Args[2:]...)
	newCommand, known := commands[component]
	if !known && component != "etcd" {
		fail(fmt.Sprintf("unknown component %q", component))
	}
	if os.Getenv("CONTROL_PLANE_PARENT") == "stdin" {
		go exitWithParent(os.Getenv("CONTROL_PLANE_DIRECTORY"))
	}
	if component == "etcd" {
		etcdmain.Main(os.Args)
		return
	}
	os.Exit(cli.Run(newCommand()))
}

func fail(problem string) {
	names := []string{"etcd"}
	for name := range commands {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "control-plane: %s; usage: control-plane COMPONENT [FLAG...], where COMPONENT is one of %s\n", problem, strings.Join(names, ", "))
	os.Exit(2)
}
