package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// How the harness names its temporary directories; nothing else is ever removed.
const directoryPrefix = "kindred-cp-"

// beforeExit is what a component must not leave undone when its parent is gone.
var beforeExit = func() {}

// exitWithParent ends this process once its standard input closes. The parent holds the other end of that pipe and never
// writes to it, so the pipe closes when the parent is gone, however it went: kill -9 included.
//
// The component that was told the temporary directory also removes it, since the parent no longer can.
func exitWithParent(directory string) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	beforeExit()
	if strings.HasPrefix(filepath.Base(directory), directoryPrefix) {
		// The other components end at the same moment and may still create a file or two.
		for attempt := 0; attempt < 20; attempt++ {
			_ = os.RemoveAll(directory)
			time.Sleep(50 * time.Millisecond)
		}
	}
	os.Exit(1)
}
