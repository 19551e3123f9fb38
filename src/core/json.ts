/**
 * JSON without loss. The API server keeps numbers as int64 or float64; JavaScript's `number` holds integers exactly only up to
 * 2^53. So an integer beyond that is read as a `bigint`, and a `bigint` is written as the integer it is: what was read is what
 * is written back. Everything else is what `JSON.parse` and `JSON.stringify` make of it.
 */

/** @throws SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): unknown {
  return mayHoldBigInt(text) ? parseWithBigInts(text) : JSON.parse(text);
}

/**
 * @param indent spaces for each level; none for one line.
 * @throws TypeError for a value that JSON cannot hold, such as a cycle.
 */
export function formatJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    let found = false;
    const tag = tagAbsentFrom(
      JSON.stringify(value, (_key, member: unknown) => {
        if (typeof member !== "bigint") return member;
        found = true;
        return 0;
      }),
    );
    if (!found) throw error;
    const tagged = (_key: string, member: unknown) => (typeof member === "bigint" ? `${tag}${member}` : member);
    return JSON.stringify(value, tagged, indent).replace(new RegExp(`"${tag}(-?[0-9]+)"`, "g"), "$1");
  }
}

/** 2^53 has 16 digits: no shorter integer is unsafe, and hardly any response has such a run. */
const unsafeDigits = 16;

/**
 * Whether there is a run of so many digits that is not the beginning of a string. Such a run covers one of every 16 characters, so
 * that no others need to be looked at: twice as fast as a regular expression.
 */
function mayHoldBigInt(text: string): boolean {
  for (let at = unsafeDigits - 1; at < text.length; at += unsafeDigits) {
    if (!isDigit(text, at)) continue;
    let start = at;
    while (isDigit(text, start - 1)) start -= 1;
    let end = at + 1;
    while (isDigit(text, end)) end += 1;
    if (end - start >= unsafeDigits && text[start - 1] !== '"') return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** A string, or a whole number token: its digits, fraction and exponent, so that none of them is taken for an integer of its own. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;

const integer = /^-?[1-9][0-9]*$/;

function parseWithBigInts(text: string): unknown {
  // An escape may spell the tag without containing it.
  const tag = tagAbsentFrom(text.includes("\\u") ? JSON.stringify(JSON.parse(text)) : text);
  let found = false;
  const tagged = text.replace(stringOrNumber, (token) => {
    if (!integer.test(token) || Number.isSafeInteger(Number(token))) return token;
    found = true;
    return `"${tag}${token}"`;
  });
  if (!found) return JSON.parse(text);
  return JSON.parse(tagged, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(tag) ? BigInt(value.slice(tag.length)) : value,
  );
}

/** A marker that cannot be mistaken for anything in `text`, because it is not in it. */
function tagAbsentFrom(text: string): string {
  let tag = "bigint:";
  while (text.includes(tag)) tag = `~${tag}`;
  return tag;
}
