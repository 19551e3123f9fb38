/** Time and chance: the only file of this room that touches a timer, the calendar or randomness. */

/** Where the server's time, names and identities come from. */
export interface ServerClock {
  /** The calendar's time in milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, after `ms` milliseconds. @returns what cancels it. */
  readonly timer: (ms: number, callback: () => void) => () => void;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** `setTimeout` counts in 32 bits, and fires at once for more. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock and chance. */
export const machineClock: ServerClock = Object.freeze({
  now: () => Date.now(),
  random: () => Math.random(),
  timer: (ms: number, callback: () => void) => {
    const handle = setTimeout(callback, Math.min(Math.max(ms, 0), longestTimerMs));
    return () => clearTimeout(handle);
  },
});

/** The machine's time with chance from a seed: the same seed gives the same names and identities. */
export function seededClock(seed: number, clock: ServerClock = machineClock): ServerClock {
  return Object.freeze({
    now: () => clock.now(),
    timer: (ms: number, callback: () => void) => clock.timer(ms, callback),
    random: randomFrom(seed),
  });
}

/**
 * A clock that stands still until a test moves it.
 *
 * Guarantees: timers fire in the order in which they fall due, and see `now` as it is then.
 */
export class ManualClock implements ServerClock {
  readonly random: () => number;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now: number;

  constructor(options: { readonly now?: number | undefined; readonly seed?: number | undefined } = {}) {
    this.#now = options.now ?? Date.UTC(2026, 0, 1);
    this.random = randomFrom(options.seed ?? 1);
  }

  now(): number {
    return this.#now;
  }

  timer(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves time on, firing what falls due; what each firing sets off has settled before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await turn();
    }
    this.#now = end;
    await turn();
  }
}

/** One turn of the event loop: every promise that can settle without time or I/O has done so. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== written.second) written = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return written.text;
}

/** One object asks for the same second several times. */
let written = { second: Number.NaN, text: "" };

/** Milliseconds since 1970 of a time, or undefined. */
export function parseTime(text: unknown): number | undefined {
  const ms = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const hexDigits = "0123456789abcdef";

/** A version 4 UUID. */
export function newUid({ random }: ServerClock): string {
  let text = "";
  for (let i = 0; i < 32; i++) {
    if (i === 8 || i === 12 || i === 16 || i === 20) text += "-";
    const digit = i === 12 ? 4 : Math.floor(random() * 16);
    text += hexDigits[i === 16 ? (digit & 3) | 8 : digit];
  }
  return text;
}

/** Consonants and digits of which no rude word can be made: what the API server completes `generateName` with. */
const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Five random characters. */
export function newSuffix({ random }: ServerClock): string {
  return Array.from({ length: 5 }, () => suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]).join("");
}

/** The generator mulberry32: small, and good enough for names. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
