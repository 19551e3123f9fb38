/** Orders that give the same output on every machine. */

/** By code units: not by anybody's locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As Biome sorts what is imported and exported: upper and lower case alike, `type` not counted. */
export function compareImports(a: string, b: string): number {
  return compareText(plain(a).toLowerCase(), plain(b).toLowerCase()) || compareText(plain(a), plain(b));
}

function plain(text: string): string {
  return text.replace(/^type /, "");
}
