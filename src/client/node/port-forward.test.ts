import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import type { PodConnection } from "../index.js";
import { forwardPort } from "./port-forward.js";

/** A pod that says what it is told to, and remembers what it hears and whether it was let go. */
class FakePod {
  readonly heard: string[] = [];
  released = 0;
  say!: ReadableStreamDefaultController<Uint8Array>;
  readonly portForward = async (): Promise<PodConnection> => ({
    readable: new ReadableStream({ start: (controller) => void (this.say = controller) }),
    writable: new WritableStream({ write: (chunk) => void this.heard.push(new TextDecoder().decode(chunk)) }),
    closed: new Promise(() => {}),
    [Symbol.asyncDispose]: async () => void this.released++,
  });
}

it("lets go of the pod when the local side is reset, and calls that no error", async () => {
  const errors: unknown[] = [];
  const pod = new FakePod();
  await using forward = await forwardPort(pod, "web", { port: 80, onError: (error) => errors.push(error) });
  const socket = connect(forward.port, "127.0.0.1");
  socket.write("hello");
  await expect.poll(() => pod.heard).toEqual(["hello"]);
  socket.resetAndDestroy();
  await expect.poll(() => pod.released).toBe(1);
  expect(errors).toEqual([]);
});

it("lets go of a pod that is reached when the local side has gone already", async () => {
  const pod = new FakePod();
  let reach = () => {};
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const portForward = async () => {
    asked();
    await new Promise<void>((resolve) => (reach = resolve));
    return pod.portForward();
  };
  await using forward = await forwardPort({ portForward }, "web", { port: 80, onError: () => {} });
  const socket = connect(forward.port, "127.0.0.1");
  await isAsked;
  socket.resetAndDestroy();
  await once(socket, "close");
  // The other end hears of it in a later turn.
  for (let turn = 0; turn < 50; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  reach();
  await expect.poll(() => pod.released).toBe(1);
});

it("ends the local side when the pod does", async () => {
  const pod = new FakePod();
  await using forward = await forwardPort(pod, "web", { port: 80, onError: () => {} });
  const socket = connect(forward.port, "127.0.0.1").resume();
  socket.write("hello");
  await expect.poll(() => pod.heard).toEqual(["hello"]);
  pod.say.close();
  await once(socket, "end");
  await expect.poll(() => pod.released).toBe(1);
});

it("lets go of a pod that says nothing any more once the local side has ended its half", async () => {
  const pod = new FakePod();
  await using forward = await forwardPort(pod, "web", { port: 80, lingerMs: 20, onError: () => {} });
  const socket = connect({ port: forward.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume().end("hello");
  await once(socket, "close");
  await expect.poll(() => pod.released).toBe(1);
  expect(pod.heard).toEqual(["hello"]);
});

it("refuses what is no port before it listens", async () => {
  await expect(forwardPort(new FakePod(), "web", { port: 0, onError: () => {} })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});
