package main

import (
	"encoding/json"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mark tells the benchmark where this contender is: one line of JSON, with what the process has used so far as the kernel counts it.
func mark(name string, more map[string]any) {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	ms := func(t syscall.Timeval) float64 { return float64(t.Sec)*1e3 + float64(t.Usec)/1e3 }
	line := map[string]any{
		"mark":   name,
		"cpuMs":  ms(usage.Utime) + ms(usage.Stime),
		"atMs":   float64(time.Now().UnixMicro()) / 1e3,
		"rssMb":  residentMb(),
		"peakMb": float64(usage.Maxrss) / 1024,
	}
	for key, value := range more {
		line[key] = value
	}
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func residentMb() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// allocatedBytes is what the heap has given so far.
func allocatedBytes() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// hold waits until the benchmark has seen enough.
func hold() {
	_, _ = io.Copy(io.Discard, os.Stdin)
}
