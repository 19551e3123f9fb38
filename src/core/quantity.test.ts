import { describe, expect, expectTypeOf, it } from "vitest";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  multiplyQuantity,
  negateQuantity,
  parseQuantity,
  type Quantity,
  quantityToNumber,
  subtractQuantities,
} from "./quantity.js";

/** `input:canonical`, as k8s.io/apimachinery v0.37.2 answers (CanonicalizeBytes). */
const canonical = `
  0:0 -0:0 0Ki:0 8Ei:9223372036854775807 7.5Ei:7680Pi -9Ei:-9223372036854775807
  9223372036854775807:9223372036854775807 9223372036854775808:9223372036854775808 1e20:100e18 1E:1E 1e-20:1e-9
  0.0001Ki:102400u 1.1Ki:1126400m -1.1Ki:-1126400m 0.1Mi:104857600m 1023.5Ki:1048064
  1000000Ki:1000000Ki 999E:999E 1100E:1100E .5:500m 0.001:1m 123456789:123456789 1.500:1500m 12.345:12345m +5n:5n
  0.5n:1n .5n:1n 1000n:1u 1024n:1024n 999n:999n 123456789n:123456789n 100n:100n 12.345n:13n 0u:0 +5u:5u 0.5u:500n
  1025u:1025u 999u:999u 123456789u:123456789u 0.0000000001u:1n 100u:100u 12.345u:12345n 9.99999999999u:10u 1000m:1
  1025m:1025m 1500m:1500m 0.001m:1u 123456789m:123456789m 100m:100m 1.5k:1500 1000k:1M 1024k:1024k 1500k:1500k
  0.0000000001k:100n -.3k:-300 1048576k:1048576k 0M:0 1M:1M 1.5M:1500k 007M:7M -2048M:-2048M 1.500M:1500k
  -.3M:-300k 100M:100M -1G:-1G +5G:5G 007G:7G 1000G:1T 1025G:1025G 0.001G:1M -.3G:-300M 12.345G:12345M
  1048576G:1048576G 1T:1T -1T:-1T +5T:5T 0.5T:500G 1.T:1T 999T:999T 1500T:1500T 0.001T:1G 123456789T:123456789T
  1.500T:1500G 0.0000000001T:100 -1P:-1P +5P:5P 1.5P:1500T .5P:500T 999P:999P 0.001P:1T 1.500P:1500T 0E:0 -1E:-1E
  +5E:5E 1.E:1E 1025E:1025E 0.001E:1P 1.500E:1500P 3072E:3072E +5Ki:5Ki .5Ki:512 1.Ki:1Ki 1000Ki:1000Ki 1024Ki:1Mi
  999Ki:999Ki 1500Ki:1500Ki 3072Ki:3Mi 9.99999999999Ki:10239999999990n 0Mi:0 +5Mi:5Mi .5Mi:512Ki -2048Mi:-2Gi
  0.001Mi:1048576m 0.0000000001Mi:104858n 100Mi:100Mi 1Gi:1Gi -1Gi:-1Gi +5Gi:5Gi 1.5Gi:1536Mi .5Gi:512Mi 007Gi:7Gi
  1000Gi:1000Gi 0.0000000001Gi:107374183n 100Gi:100Gi 0Ti:0 -1Ti:-1Ti +5Ti:5Ti 1.5Ti:1536Gi 1.Ti:1Ti 1024Ti:1Pi
  1025Ti:1025Ti 999Ti:999Ti 1.500Ti:1536Gi 0.0000000001Ti:109951162778n 100Ti:100Ti +5Pi:5Pi 1.5Pi:1536Ti
  0.5Pi:512Ti .5Pi:512Ti 007Pi:7Pi 1000Pi:1000Pi 1024Pi:1Ei 1500Pi:1500Pi 0.001Pi:1125899906842624m
  123456789Pi:9223372036854775807 -.3Pi:-337769972052787200m 100Pi:100Pi 12.345Pi:13899234349972193280m
  9.99999999999Pi:11258999068414981000931574n -1Ei:-1Ei +5Ei:5Ei 1.5Ei:1536Pi 0.5Ei:512Pi .5Ei:512Pi
  1500Ei:9223372036854775807 1048576Ei:9223372036854775807 0e3:0 -1e3:-1e3 1.5e3:1500 1.e3:1e3 1024e3:1024e3
  1025e3:1025e3 999e3:999e3 -2048e3:-2048e3 0.0000000001e3:100e-9 3072e3:3072e3 1048576e3:1048576e3
  9.99999999999e3:9999999999990e-9 0E3:0 1E3:1e3 -1E3:-1e3 +5E3:5e3 .5E3:500 1025E3:1025e3 1500E3:1500e3 0.001E3:1
  123456789E3:123456789e3 0.0000000001E3:100e-9 -.3E3:-300 12.345E3:12345 3072E3:3072e3 1048576E3:1048576e3
  9.99999999999E3:9999999999990e-9 0e-3:0 1e-3:1e-3 -1e-3:-1e-3 1.5e-3:1500e-6 007e-3:7e-3 -2048e-3:-2048e-3
  0.001e-3:1e-6 1.500e-3:1500e-6 0.0000000001e-3:1e-9 12.345e-3:12345e-6 3072e-3:3072e-3 1048576e-3:1048576e-3
  0e+6:0 0.5e+6:500e3 1000e+6:1e9 1024e+6:1024e6 1025e+6:1025e6 0.001e+6:1e3 123456789e+6:123456789e6
  12.345e+6:12345e3 +5e0:5 1.5e0:1500e-3 1.e0:1 007e0:7 1000e0:1e3 1024e0:1024 1500e0:1500 -.3e0:-300e-3 100e0:100
  12.345e0:12345e-3 1048576e0:1048576 9.99999999999e0:10 1e1:10 -1e1:-10 0.5e1:5 1.e1:10 007e1:70 1000e1:10e3
  1024e1:10240 1025e1:10250 0.0000000001e1:1e-9 -.3e1:-3 12.345e1:123450e-3 3072e1:30720 9.99999999999e1:100 0e2:0
  0.5e2:50 007e2:700 0.001e2:100e-3 0.0000000001e2:10e-9 -.3e2:-30 100e2:10e3 3072e2:307200 -1e-9:-1e-9
  0.5e-9:1e-9 .5e-9:1e-9 1.e-9:1e-9 1000e-9:1e-6 -2048e-9:-2048e-9 0.001e-9:1e-9 1.500e-9:2e-9
  0.0000000001e-9:1e-9 100e-9:100e-9 3072e-9:3072e-9 1.5e-12:1e-9 999e-12:1e-9 1500e-12:2e-9 12.345e-12:1e-9
`;

/** `a b compare(a,b) a+b a-b -a a*-37`, as k8s.io/apimachinery v0.37.2 answers. */
const arithmetic = `
  0 0Ki 0 0 0 0 0
  0 1 -1 1 -1 0 0
  0 1Ki -1 1Ki -1Ki 0 0
  0 -3Mi 1 -3Mi 3Mi 0 0
  0 1e3 -1 1e3 -1e3 0 0
  0 -7u 1 -7u 7u 0 0
  0 5T -1 5T -5T 0 0
  0Ki 0 0 0 0 0 0
  0Ki 1Ki -1 1Ki -1Ki 0 0
  0Ki -3Mi 1 -3Mi 3Mi 0 0
  0Ki 8Ei -1 9223372036854775807 -9223372036854775807 0 0
  1 1 0 2 0 -1 -37
  1 1.5Gi -1 1610612737 -1610612735 -1 -37
  1 0.0001Ki 1 1102400u 897600u -1 -37
  1k 1Ki -1 2024 -24 -1k -37k
  1k -3Mi 1 -3144728 3146728 -1k -37k
  1k 1e3 0 2k 0 -1k -37k
  1k 100n 1 1000000000100n 999999999900n -1k -37k
  1Ki 1k 1 2024 24 -1Ki -37Ki
  1Ki 1500m 1 1025500m 1022500m -1Ki -37Ki
  1500m 0Ki 1 1500m 1500m -1500m -55500m
  1500m 100n 1 1500000100n 1499999900n -1500m -55500m
  1500m 12E -1 12000000000000000001500m -11999999999999999998500m -1500m -55500m
  1.5Gi 0 1 1536Mi 1536Mi -1536Mi -56832Mi
  1.5Gi 0Ki 1 1536Mi 1536Mi -1536Mi -56832Mi
  1.5Gi 0.0001Ki 1 1610612736102400u 1610612735897600u -1536Mi -56832Mi
  1.5Gi 8Ei -1 9223372038465388543 -9223372035244163071 -1536Mi -56832Mi
  1.5Gi 5T -1 4884385364Ki -4881239636Ki -1536Mi -56832Mi
  -3Mi 1Ki -1 -3071Ki -3073Ki 3Mi 111Mi
  -3Mi 12E -1 11444091796872Mi -11444091796878Mi 3Mi 111Mi
  -3Mi -7u -1 -3145728000007u -3145727999993u 3Mi 111Mi
  1e3 0 1 1e3 1e3 -1e3 -37e3
  1e3 12E -1 12000000000000001e3 -11999999999999999e3 -1e3 -37e3
  100n 0 1 100n 100n -100n -3700n
  100n 0Ki 1 100n 100n -100n -3700n
  100n 1.5Gi -1 1610612736000000100n -1610612735999999900n -100n -3700n
  100n -7u 1 -6900n 7100n -100n -3700n
  12E 0 1 12E 12E -12E -444E
  12E 0Ki 1 12E 12E -12E -444E
  12E 1500m 1 12000000000000000001500m 11999999999999999998500m -12E -444E
  12E 1.5Gi 1 12000000001610612736 11999999998389387264 -12E -444E
  12E 1e3 1 12000000000000001k 11999999999999999k -12E -444E
  12E 8Ei 1 21223372036854775807 2776627963145224193 -12E -444E
  12E 5T 1 12000005T 11999995T -12E -444E
  0.0001Ki 1k -1 1000102400u -999897600u -102400u -3788800u
  0.0001Ki 1Ki -1 1024102400u -1023897600u -102400u -3788800u
  0.0001Ki 1.5Gi -1 1610612736102400u -1610612735897600u -102400u -3788800u
  0.0001Ki -3Mi 1 -3145727897600u 3145728102400u -102400u -3788800u
  0.0001Ki 100n 1 102400100n 102399900n -102400u -3788800u
  0.0001Ki 12E -1 12000000000000000000102400u -11999999999999999999897600u -102400u -3788800u
  0.0001Ki 8Ei -1 9223372036854775807102400u -9223372036854775806897600u -102400u -3788800u
  8Ei 12E -1 21223372036854775807 -2776627963145224193 -9223372036854775807 -341264765363626704859
  8Ei 0.0001Ki 1 9223372036854775807102400u 9223372036854775806897600u -9223372036854775807 -341264765363626704859
  -7u 0 -1 -7u -7u 7u 259u
  -7u 1k -1 999999993u -1000000007u 7u 259u
  -7u 1.5Gi -1 1610612735999993u -1610612736000007u 7u 259u
  -7u 1e3 -1 999999993u -1000000007u 7u 259u
  -7u 12E -1 11999999999999999999999993u -12000000000000000000000007u 7u 259u
  5T 0 1 5T 5T -5T -185T
  5T 1 1 5000000000001 4999999999999 -5T -185T
  5T 1.5Gi 1 5001610612736 4998389387264 -5T -185T
  1Ki 24 1 1048 1k -1Ki -37Ki
  0.00048828125Ki 2047.5 -1 2048 -2047 -500m -18500m
`;

describe("quantities", () => {
  it.each(
    canonical
      .trim()
      .split(/\s+/)
      .map((pair) => pair.split(":")),
  )("writes %s as Go writes it: %s", (input = "", expected) => {
    expect(formatQuantity(input)).toBe(expected);
    expect(formatQuantity(formatQuantity(input))).toBe(expected);
  });

  it.each(
    arithmetic
      .trim()
      .split("\n")
      .map((row) => row.trim().split(" ")),
  )("computes with %s and %s as Go does", (a = "", b = "", ...expected) => {
    const results = [addQuantities(a, b), subtractQuantities(a, b), negateQuantity(a), multiplyQuantity(a, -37)];
    expect([String(compareQuantities(a, b)), ...results.map(formatQuantity)]).toEqual(expected);
  });

  it("keeps amounts beyond E, where Go drops the suffix and so the amount", () => {
    expect(formatQuantity("1000E")).toBe("1000E");
    expect(formatQuantity("100000000000000000000000")).toBe("100000E");
    expect(formatQuantity(multiplyQuantity("4Ei", 1024n))).toBe("4096Ei");
  });

  it.each([
    ["", 'cannot parse quantity "": it must begin with a decimal number, as in "500m" or "1.5Gi"'],
    ["Ki", 'cannot parse quantity "Ki": it must begin with a decimal number'],
    ["+", "it must begin with a decimal number"],
    [".", "it must begin with a decimal number"],
    ["1KB", 'cannot parse quantity "1KB": unknown suffix "KB"; use one of n, u, m, k,'],
    ["1K", 'unknown suffix "K"'],
    ["1 Gi", 'unknown suffix " Gi"'],
    ["1.5.2", 'unknown suffix ".2"'],
    ["1e", 'unknown suffix "e"'],
    ["1Ki\n", 'unknown suffix "Ki\\n"'],
    ["1e1000000000", 'cannot parse quantity "1e1000000000": the exponent must lie within ±999'],
    ["1e-1000", "the exponent must lie within ±999"],
    ["--1", "it must begin with a decimal number"],
    [Number.NaN, 'cannot parse quantity "NaN"'],
  ])("refuses %j and names the cure", (input, message) => {
    expect(() => parseQuantity(input)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it("takes the numbers that manifests hold", () => {
    expect(formatQuantity(0.5)).toBe("500m");
    expect(formatQuantity(2)).toBe("2");
    expect(compareQuantities(1e21, "1000E")).toBe(0);
  });

  it("sorts by amount whatever the suffix", () => {
    expect(["1Gi", "1G", "1e3", "999m", "-1Ti"].toSorted(compareQuantities)).toEqual([
      "-1Ti",
      "999m",
      "1e3",
      "1G",
      "1Gi",
    ]);
  });

  it.each([
    ["250m", 0.25],
    ["1.5Gi", 1610612736],
    ["4910e-9", 0.00000491],
    ["-1n", -1e-9],
    ["0.1", 0.1],
    ["8Ei", 2 ** 63],
  ])("turns %s into the nearest number", (input, expected) => {
    expect(quantityToNumber(input)).toBe(expected);
  });

  it.each([0.5, Number.NaN, 2 ** 53])("refuses to multiply by %s, which is no exact integer", (by) => {
    expect(() => multiplyQuantity("1", by)).toThrow(
      `cannot multiply a quantity by ${by}: the factor must be an integer`,
    );
  });

  it("is a frozen value of exact billionths", () => {
    const quantity = parseQuantity("1m");
    expectTypeOf(quantity).toEqualTypeOf<Quantity>();
    expect(quantity).toEqual({ nano: 1_000_000n, format: "DecimalSI" });
    expect(Object.isFrozen(quantity)).toBe(true);
    expect(parseQuantity(quantity)).toBe(quantity);
    // @ts-expect-error amounts do not change
    expect(() => (quantity.nano = 2n)).toThrow(TypeError);
  });
});
