import { expect, test } from "vitest";
import { serveHttp } from "./serve-http.js";

test("answers what it is told to, 404 to the rest, and frees its port at the end", async () => {
  const answer = (path: string) =>
    path === "/healthz" ? { status: 200, contentType: "text/plain", body: "ok\n" } : undefined;
  let port: number;
  {
    await using server = await serveHttp(answer, { port: 0, host: "127.0.0.1" });
    ({ port } = server);
    const good = await fetch(`http://127.0.0.1:${port}/healthz?verbose`);
    expect([good.status, good.headers.get("content-type"), await good.text()]).toEqual([200, "text/plain", "ok\n"]);
    expect((await fetch(`http://127.0.0.1:${port}/nope`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`, { method: "POST" })).status).toBe(404);
    await expect(serveHttp(answer, { port, host: "127.0.0.1" })).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringContaining("choose another port"),
    });
  }
  await using again = await serveHttp(answer, { port, host: "127.0.0.1" });
  expect(again.port).toBe(port);
});
