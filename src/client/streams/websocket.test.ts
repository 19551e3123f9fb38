import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Exchange } from "../exchange.js";
import { opcodes } from "./frame.js";
import { type MessageSocket, openWebSocket } from "./websocket.js";

/** A connection whose server the test is, and a clock that ticks when the test says so. */
class Wire {
  readonly sent: string[] = [];
  closed = false;
  ticking = 0;
  tick = () => {};
  #give: (next: IteratorResult<Uint8Array, undefined>) => void = () => {};
  #fails = false;

  /** What the server sends; resolves once it was taken. */
  async receive(opcode: number, payload: Uint8Array): Promise<void> {
    this.#give({ done: false, value: Uint8Array.of(0x80 | opcode, payload.length, ...payload) });
    await settled();
  }

  /** From now on the other side takes nothing. */
  jam(): void {
    this.#fails = true;
  }

  async open(signal?: AbortSignal): Promise<MessageSocket> {
    const upgrade: Exchange["upgrade"] = async (request) => {
      const accept = createHash("sha1")
        .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      const headers = { upgrade: "WebSocket", "sec-websocket-accept": accept, "sec-websocket-protocol": "v5" };
      const body = { bytes: async () => new Uint8Array(), async *chunks() {}, discard: async () => {} };
      return { status: 101, headers, ...body, connection: this.#connection() };
    };
    const request = { method: "GET", path: "/", query: [], headers: {} } as const;
    const everyMs = (_ms: number, tick: () => void) => {
      this.tick = tick;
      this.ticking += 1;
      return () => void (this.ticking -= 1);
    };
    return openWebSocket({ upgrade }, request, { what: "test", protocols: ["v5"], signal, everyMs });
  }

  #connection() {
    return {
      chunks: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () =>
            new Promise<IteratorResult<Uint8Array, undefined>>((resolve) => {
              this.#give = resolve;
              if (this.closed) resolve({ done: true, value: undefined });
            }),
        }),
      }),
      send: (bytes: Uint8Array) => {
        const payload = bytes.subarray(6).map((byte, index) => byte ^ (bytes[2 + (index & 3)] ?? 0));
        this.sent.push(`${(bytes[0] ?? 0) & 0x0f}:${Buffer.from(payload).toString("hex")}`);
        return this.#fails ? new Promise<void>(() => {}) : Promise.resolve();
      },
      close: () => {
        this.closed = true;
        this.#give({ done: true, value: undefined });
      },
    };
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Begins to read, and collects how that ends. */
function reading(socket: MessageSocket): Promise<unknown> {
  return (async () => {
    for await (const _message of socket.messages());
    return "end";
  })().catch((error: unknown) => error);
}

async function ticks(wire: Wire, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    wire.tick();
    await settled();
  }
}

describe("keepalive", () => {
  it("sends pings, and gives up when four bring nothing", async () => {
    const wire = new Wire();
    const ended = reading(await wire.open());
    await ticks(wire, 4);
    expect(wire.sent).toEqual(["9:00000000", "9:00000000", "9:00000000", "9:00000000"]);
    expect(wire.closed).toBe(false);
    await ticks(wire, 1);
    expect(await ended).toMatchObject({
      code: "CONNECTION",
      message: "test: nothing came for 60 s, not even an answer to a ping",
    });
    expect(wire.closed).toBe(true);
    expect(wire.ticking).toBe(0);
  });

  it.each([
    ["a pong", opcodes.pong],
    ["a message", opcodes.binary],
    ["a ping", opcodes.ping],
  ])("takes %s for a sign of life", async (_title, opcode) => {
    const wire = new Wire();
    const socket = await wire.open();
    void reading(socket);
    for (let round = 0; round < 3; round += 1) {
      await ticks(wire, 4);
      await wire.receive(opcode, new Uint8Array(4));
    }
    expect(wire.closed).toBe(false);
    await socket.close();
  });

  it("lets a server be silent that may be stuck with input that its process does not read", async () => {
    const wire = new Wire();
    const socket = await wire.open();
    const ended = reading(socket);
    await socket.send(Uint8Array.of(0));
    await ticks(wire, 20);
    expect(wire.closed).toBe(false);
    // This pong answers a ping from before the message: it proves nothing.
    await wire.receive(opcodes.pong, Uint8Array.of(0, 0, 0, 0));
    await ticks(wire, 20);
    expect(wire.closed).toBe(false);
    await wire.receive(opcodes.pong, Uint8Array.of(0, 0, 0, 1));
    await ticks(wire, 5);
    expect(await ended).toMatchObject({ code: "CONNECTION" });
  });

  it("lets a server be silent while nobody takes what it sent", async () => {
    const wire = new Wire();
    const socket = await wire.open();
    const messages = socket.messages();
    const first = messages.next();
    await wire.receive(opcodes.binary, Uint8Array.of(1));
    expect(await first).toEqual({ done: false, value: Uint8Array.of(1) });
    await ticks(wire, 20);
    expect(wire.closed).toBe(false);
    await messages.return();
    expect(wire.closed).toBe(true);
    expect(wire.ticking).toBe(0);
  });

  it("has no more than one ping and one pong on their way", async () => {
    const wire = new Wire();
    const socket = await wire.open();
    void reading(socket);
    wire.jam();
    await ticks(wire, 3);
    for (let round = 0; round < 3; round += 1) await wire.receive(opcodes.ping, Uint8Array.of(7));
    expect(wire.sent).toEqual(["9:00000000", "10:07"]);
    socket.fail(new Error("done"));
  });
});

it("an abort ends it with the reason, and leaves no listener behind", async () => {
  const wire = new Wire();
  const abort = new AbortController();
  const socket = await wire.open(abort.signal);
  const ended = reading(socket);
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await ended).toBe(reason);
  await expect(socket.send(new Uint8Array())).rejects.toBe(reason);
  expect(wire.ticking).toBe(0);
});

it("what the server says goodbye with is read to the end, and answered", async () => {
  const wire = new Wire();
  const ended = reading(await wire.open());
  await wire.receive(opcodes.close, Uint8Array.of(0x03, 0xe8));
  expect(await ended).toBe("end");
  expect(wire.sent).toEqual(["8:03e8"]);
  expect(wire.closed).toBe(true);
});
