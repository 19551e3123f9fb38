/** Durations as Go writes them. */

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a duration such as `1h30m`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (rest === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let ms = 0;
  for (const [, amount, unit = ""] of rest.matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/g))
    ms += Number(amount) * (units[unit] ?? 0);
  return sign === "-" ? -ms : ms;
}
