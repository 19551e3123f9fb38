/** How a JavaScript contender tells the benchmark where it is: one line of JSON for each mark, with what the process has used so far. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { GCProfiler } from "node:v8";

const profiler = new GCProfiler();

/** CPU time and memory as the kernel counts them. */
export function mark(name, more = {}) {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const status = readFileSync("/proc/self/status", "utf8");
  const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]);
  console.log(
    JSON.stringify({
      mark: name,
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
      atMs: performance.timeOrigin + performance.now(),
      rssMb: rssKb / 1024,
      peakMb: maxRSS / 1024,
      ...more,
    }),
  );
}

/** Counts the bytes that are allocated on the heap from now on. */
export function countAllocations() {
  const start = process.memoryUsage().heapUsed;
  profiler.start();
  return () => {
    const { statistics } = profiler.stop();
    let last = start;
    let bytes = 0;
    for (const { beforeGC, afterGC } of statistics) {
      bytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - last);
      last = afterGC.heapStatistics.usedHeapSize;
    }
    return bytes + Math.max(0, process.memoryUsage().heapUsed - last);
  };
}

/** Runs the workload that the arguments name, then waits until the benchmark has seen enough. */
export async function serve(workloads) {
  const [name, options = "{}"] = process.argv.slice(2);
  const workload = workloads[name];
  const wanted = JSON.parse(options);
  const run = workload === undefined ? undefined : workload(wanted);
  if (run === undefined) {
    mark("unsupported");
    process.exit(0);
  }
  const ended = once(process.stdin.resume(), "end");
  await Promise.race([run.then(() => ended), ended]);
  process.exit(0);
}
