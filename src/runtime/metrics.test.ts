import { expect, test } from "vitest";
import { Metrics } from "./metrics.js";

test("counters, gauges and histograms in Prometheus' text format", () => {
  const metrics = new Metrics();
  const counter = metrics.counter("runs_total", "Runs.");
  counter.add({ result: "ok" });
  counter.add({ result: "ok" }, 2);
  counter.add({ result: 'a"b\\c\nd' });
  metrics.gauge("depth", "How\ndeep.", () => [[{}, 7]]);
  const histogram = metrics.histogram("seconds", "How long.", [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 9]) histogram.observe({ c: "x" }, value);
  expect(metrics.text()).toBe(`# HELP runs_total Runs.
# TYPE runs_total counter
runs_total{result="ok"} 3
runs_total{result="a\\"b\\\\c\\nd"} 1
# HELP depth How\\ndeep.
# TYPE depth gauge
depth 7
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{c="x",le="0.1"} 2
seconds_bucket{c="x",le="1"} 3
seconds_bucket{c="x",le="+Inf"} 4
seconds_sum{c="x"} 9.65
seconds_count{c="x"} 4
`);
});

test("a metric asked for twice is one; its readers come and go", () => {
  const metrics = new Metrics();
  metrics.counter("a", "").add({});
  metrics.counter("a", "").add({});
  const remove = metrics.gauge("g", "", () => [[{ n: "1" }, 1]]);
  metrics.gauge("g", "", () => [[{ n: "2" }, 2]]);
  remove();
  expect(metrics.text()).toContain("a 2\n");
  expect(metrics.text()).toContain('g{n="2"} 2');
  expect(metrics.text()).not.toContain('g{n="1"}');
  expect(() => metrics.gauge("a", "", () => [])).toThrow("the metric a is there already");
});
