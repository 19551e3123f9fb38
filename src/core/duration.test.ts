import { describe, expect, expectTypeOf, it } from "vitest";
import { type DurationLike, durationMs, formatDuration, parseDuration, parseDurationMs } from "./duration.js";

/** `input:nanoseconds:canonical`, as Go 1.26 answers (time.ParseDuration, Duration.String). */
const vectors = `
  0:0:0s 5s:5000000000:5s 30s:30000000000:30s 1478s:1478000000000:24m38s -5s:-5000000000:-5s +5s:5000000000:5s
  -0:0:0s +0:0:0s 5.6s:5600000000:5.6s 5.s:5000000000:5s .5s:500000000:500ms 1.0s:1000000000:1s
  1.00s:1000000000:1s 1.004s:1004000000:1.004s 1.0040s:1004000000:1.004s 100.00100s:100001000000:1m40.001s
  10ns:10:10ns 11us:11000:11µs 12µs:12000:12µs 12μs:12000:12µs 13ms:13000000:13ms 14s:14000000000:14s
  15m:900000000000:15m0s 16h:57600000000000:16h0m0s 3h30m:12600000000000:3h30m0s 10.5s4m:250500000000:4m10.5s
  -2m3.4s:-123400000000:-2m3.4s 1h2m3s4ms5us6ns:3723004005006:1h2m3.004005006s
  39h9m14.425s:140954425000000:39h9m14.425s 52763797000ns:52763797000:52.763797s
  0.3333333333333333333h:1200000000000:20m0s 9007199254740993ns:9007199254740993:2501h59m59.254740993s
  0.100000000000000000000h:360000000000:6m0s 9223372036854775807ns:9223372036854775807:2562047h47m16.854775807s
  -9223372036854775808ns:-9223372036854775808:-2562047h47m16.854775808s
  0.999193401074444451551590h:3597096243867:59m57.096243867s
  0.9223372036854775807h:3320413933267:55m20.413933267s 0.1ns:0:0s 1.9ns:1:1ns 999ns:999:999ns 1us:1000:1µs
  1001ns:1001:1.001µs 1.1ms:1100000:1.1ms 60s:60000000000:1m0s 3600s:3600000000000:1h0m0s
  3599.999999999s:3599999999999:59m59.999999999s 1h1ns:3600000000001:1h0m0.000000001s
  0.830103483285477580700h:2988372539827:49m48.372539827s 1500us:1500000:1.5ms -1us:-1000:-1µs
  2562047h47m16.854775807s:9223372036854775807:2562047h47m16.854775807s
`;

describe("Go durations", () => {
  it.each(
    vectors
      .trim()
      .split(/\s+/)
      .map((row) => row.split(":")),
  )("reads %s as Go does: %s ns, written %s", (input = "", nanoseconds = "", text) => {
    expect(parseDuration(input)).toBe(BigInt(nanoseconds));
    expect(formatDuration(BigInt(nanoseconds))).toBe(text);
    expect(parseDuration(formatDuration(BigInt(nanoseconds)))).toBe(BigInt(nanoseconds));
  });

  it.each([
    ["", 'cannot parse duration "": it is empty; write numbers with units h, m, s, ms, us or ns'],
    ["-", "it is empty"],
    ["1", 'cannot parse duration "1": the number at position 0 has no unit'],
    ["-1s5", "the number at position 3 has no unit"],
    ["1d", 'unknown unit "d"'],
    ["1S", 'unknown unit "S"'],
    [".s", "expected a number at position 0"],
    ["+.s", "expected a number at position 1"],
    ["s", "expected a number at position 0"],
    ["--1s", "expected a number at position 1"],
    [" 1s", "expected a number at position 0"],
    ["1s ", 'unknown unit "s "'],
    ["00", "the number at position 0 has no unit"],
    ["9223372036854775808ns", "it exceeds 64 bits of nanoseconds, about 292 years"],
    ["-9223372036854775809ns", "it exceeds 64 bits"],
    ["2562047h47m16.854775808s", "it exceeds 64 bits"],
  ])("refuses %j and says why", (input, message) => {
    expect(() => parseDuration(input)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it("gives milliseconds as a number, fractions included", () => {
    expect(parseDurationMs("1m0.5s")).toBe(60_500);
    expect(parseDurationMs("-100us")).toBe(-0.1);
  });
});

describe("durations with units", () => {
  it.each<[DurationLike, number]>([
    [{ minutes: 5 }, 300_000],
    [{ hours: 1, minutes: 2, seconds: 3, milliseconds: 4 }, 3_723_004],
    [{ seconds: 0.25 }, 250],
    [{ milliseconds: 0 }, 0],
    [{ minutes: undefined, seconds: 1 }, 1_000],
  ])("%j is %d ms", (duration, expected) => {
    expect(durationMs(duration)).toBe(expected);
  });

  const wrongly: Record<string, number> = { minuets: 5 };
  it.each<[DurationLike, string]>([
    [{ minutes: -1 }, "minutes of a duration must be a finite number, 0 or more, but is -1"],
    [{ seconds: Number.NaN }, "seconds of a duration must be a finite number, 0 or more, but is NaN"],
    [{ hours: Number.POSITIVE_INFINITY }, "hours of a duration must be a finite number, 0 or more, but is Infinity"],
    [{ hours: 1e308 }, "a duration must be finite, but its units (hours) add up to Infinity"],
    [{ ...wrongly }, 'a duration has no unit "minuets": use hours, minutes, seconds, milliseconds'],
    [{}, "a duration needs at least one of hours, minutes, seconds, milliseconds, as in { minutes: 5 }"],
    [{ minutes: undefined }, "a duration needs at least one of"],
  ])("refuses %j and names the field", (duration, message) => {
    expect(() => durationMs(duration)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it("takes numbers under known units only", () => {
    expectTypeOf<DurationLike>().toHaveProperty("hours").toEqualTypeOf<number | undefined>();
    // @ts-expect-error a text is no number of minutes
    expect(() => durationMs({ minutes: "5" })).toThrow("minutes of a duration must be a finite number");
    // @ts-expect-error days are not of one length everywhere
    expect(() => durationMs({ days: 1 })).toThrow('no unit "days"');
  });
});
