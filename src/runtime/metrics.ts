/** Numbers about what happens, in Prometheus' text format. */

/** The labels of one series. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Counts up. */
export interface Counter {
  add(labels: MetricLabels, value?: number): void;
}

/** Counts observations by size. */
export interface Histogram {
  observe(labels: MetricLabels, value: number): void;
}

/** What a gauge is at the moment it is read. */
export type GaugeReader = () => Iterable<readonly [labels: MetricLabels, value: number]>;

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly lines: () => Iterable<string>;
}

/**
 * A registry of metrics. One for a process; controllers put theirs in.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class Metrics {
  readonly #families = new Map<string, Family>();
  readonly #gauges = new Map<string, Set<GaugeReader>>();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  /** The counter of that name, made at the first call. */
  counter(name: string, help: string): Counter {
    return once(this.#counters, name, () => {
      const series = new Map<string, number>();
      this.#register({ name, help, type: "counter", lines: () => sampleLines(name, series) });
      return {
        add(labels, value = 1) {
          const key = format(labels);
          series.set(key, (series.get(key) ?? 0) + value);
        },
      };
    });
  }

  /** Adds a reader to the gauge of that name. @returns what takes it out again. */
  gauge(name: string, help: string, read: GaugeReader): () => void {
    const readers = once(this.#gauges, name, () => {
      const set = new Set<GaugeReader>();
      this.#register({ name, help, type: "gauge", lines: () => gaugeLines(name, set) });
      return set;
    });
    readers.add(read);
    return () => readers.delete(read);
  }

  /** @param buckets upper bounds, ascending; infinity is understood. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return once(this.#histograms, name, () => {
      const series = new Map<string, Distribution>();
      this.#register({ name, help, type: "histogram", lines: () => histogramLines(name, series) });
      return {
        observe(labels, value) {
          const distribution = once(series, format(labels), () => new Distribution(labels, buckets));
          distribution.observe(value);
        },
      };
    });
  }

  /** Everything, as `/metrics` answers. */
  text(): string {
    const lines: string[] = [];
    for (const { name, help, type, lines: samples } of this.#families.values()) {
      lines.push(
        `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
        `# TYPE ${name} ${type}`,
        ...samples(),
      );
    }
    return `${lines.join("\n")}\n`;
  }

  #register(family: Family): void {
    if (this.#families.has(family.name))
      throw new TypeError(`the metric ${family.name} is there already, as another type`);
    this.#families.set(family.name, family);
  }
}

class Distribution {
  readonly labels: MetricLabels;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(labels: MetricLabels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    const index = this.#bounds.findIndex((bound) => value <= bound);
    if (index !== -1) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  *lines(name: string): Iterable<string> {
    let cumulative = 0;
    for (const [index, bound] of this.#bounds.entries()) {
      cumulative += this.#counts[index] ?? 0;
      yield `${name}_bucket${format({ ...this.labels, le: String(bound) })} ${cumulative}`;
    }
    yield `${name}_bucket${format({ ...this.labels, le: "+Inf" })} ${this.#count}`;
    yield `${name}_sum${format(this.labels)} ${this.#sum}`;
    yield `${name}_count${format(this.labels)} ${this.#count}`;
  }
}

function* sampleLines(name: string, series: ReadonlyMap<string, number>): Iterable<string> {
  for (const [labels, value] of series) yield `${name}${labels} ${value}`;
}

function* gaugeLines(name: string, readers: Iterable<GaugeReader>): Iterable<string> {
  for (const read of readers) for (const [labels, value] of read()) yield `${name}${format(labels)} ${value}`;
}

function* histogramLines(name: string, series: ReadonlyMap<string, Distribution>): Iterable<string> {
  for (const distribution of series.values()) yield* distribution.lines(name);
}

function format(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function once<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
