/** The formats of texts that schemas may name. Those that are not listed are not checked. */

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`);
const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

const checks: ReadonlyMap<string, (text: string) => boolean> = new Map<string, (text: string) => boolean>([
  ["byte", (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)],
  ["cidr", isCidr],
  ["date", (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isMoment(`${text}T00:00:00Z`)],
  [
    "date-time",
    (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text) && isMoment(text),
  ],
  ["duration", (text) => /^[+-]?\d+(?:\.\d+)?\s*(?:[a-zµ]+)(?:\s*\d+(?:\.\d+)?\s*[a-zµ]+)*$/i.test(text)],
  ["email", (text) => /^[^@\s]+@[^@\s]+$/.test(text)],
  ["hostname", (text) => text.length <= 255 && text.split(".").every((part) => label.test(part))],
  ["ipv4", (text) => ipv4.test(text)],
  ["ipv6", isIpv6],
  ["mac", (text) => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)],
  ["uri", (text) => URL.canParse(text)],
  ["uuid", (text) => uuid.test(text)],
]);

/** Whether a text is of a format; everything is of an unknown one. */
export function isOfFormat(format: string, text: string): boolean {
  return checks.get(format === "datetime" ? "date-time" : format)?.(text) ?? true;
}

/** The thirtieth of February is no day. */
function isMoment(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && Number(text.slice(8, 10)) <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isIpv6(text: string): boolean {
  return text.includes(":") && URL.canParse(`http://[${text}]/`);
}

function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  if (!/^\d{1,3}$/.test(bits)) return false;
  return (ipv4.test(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}
