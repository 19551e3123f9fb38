/** The pods of the recording as bytes, and many more made of them, for experiments. */

import { recordedFile } from "../build.mjs";
import { contentsOf } from "./protobuf-decoder.mjs";

/** Two pods of one have texts in common. */
const deployments = 500;

/** Makes a page from the pod of that number on; each pod has a name and a UID of its own. */
export function pagesOf(items, { ending, size, metadataOf }) {
  const before = { json: '{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[', pb: "" }[ending];
  const parts = [Buffer.from(before)];
  const places = [];
  let length = parts[0].length;
  for (let index = 0; index < size; index += 1) {
    const item = items[index % items.length];
    const lead = ending === "pb" ? Buffer.from([0x12, ...varintOf(item.length)]) : Buffer.from(index === 0 ? "" : ",");
    parts.push(lead, item);
    length += lead.length;
    places.push([length, placesOf(item, metadataOf(item))]);
    length += item.length;
  }
  if (ending === "json") parts.push(Buffer.from("]}"));
  const page = Buffer.concat(parts);
  return (from) => {
    const bytes = Buffer.from(page);
    for (const [index, [offset, some]] of places.entries()) renew(bytes, offset, { places: some, index: from + index });
    return bytes;
  };
}

/** Where what tells a pod from others ends in its bytes, and where the name of its Deployment does. */
function placesOf(bytes, { name, uid }) {
  return { pod: [...endsOf(name, bytes), ...endsOf(uid, bytes)], deployment: endsOf("service-", bytes) };
}

function endsOf(value, bytes) {
  const ends = [];
  for (let at = bytes.indexOf(value); at !== -1; at = bytes.indexOf(value, at + 1)) ends.push(at + value.length);
  return ends;
}

/** A copy of a pod, or of its change, with another name, UID and Deployment. */
export function another(bytes, metadata, index) {
  return renew(Buffer.from(bytes), 0, { places: placesOf(bytes, metadata), index });
}

/** Writes another pod over the one in `bytes`, as long as it. */
function renew(bytes, offset, { places, index }) {
  for (const [ends, number] of [
    [places.pod, index],
    [places.deployment, index % deployments],
  ]) {
    const ending = number.toString(36).padStart(5, "0");
    for (const end of ends) bytes.write(ending, offset + end - ending.length, "latin1");
  }
  return bytes;
}

/** The pods of the recording, or its changes without bookmarks, as bytes each. */
export async function recorded(ending, what) {
  const body = await recordedFile(`pods.${what}.${ending}`);
  if (what === "list" && ending === "json")
    return JSON.parse(body).items.map((item) => Buffer.from(JSON.stringify(item)));
  if (what === "list") return fieldsCalled(2, body, contentsOf(body, 2, { start: 4, end: body.length }));
  const lines =
    ending === "pb"
      ? frames(body)
      : body
          .toString()
          .split("\n")
          .filter(Boolean)
          .map((line) => Buffer.from(line));
  return lines.filter((line) => !line.includes("BOOKMARK"));
}

/** Each after its length in four bytes. */
function frames(body) {
  const all = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUInt32BE(at);
    all.push(Buffer.from(body.subarray(at + 4, end)));
    at = end;
  }
  return all;
}

function fieldsCalled(number, body, range) {
  const all = [];
  for (let start = range.start; start < range.end; ) {
    const contents = contentsOf(body, number, { start, end: range.end });
    all.push(Buffer.from(body.subarray(contents.start, contents.end)));
    start = contents.end;
  }
  return all;
}

function varintOf(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varintOf(value >>> 7)];
}
