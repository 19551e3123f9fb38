import { describe, expect, it } from "vitest";
import { ApiError, type List, type ListOptions, statusOf } from "../core/index.js";
import { type FetchPage, Listing, type ListingOptions } from "./listing.js";
import type { CallOptions } from "./transport.js";

type Page = List<string> | Error;

const page = (items: string[], next?: string): List<string> => ({
  apiVersion: "v1",
  kind: "List",
  metadata: { resourceVersion: "10", ...(next !== undefined && { continue: next }) },
  items,
});
const expired = (next?: string) =>
  new ApiError(
    { ...statusOf(410, ""), metadata: next === undefined ? {} : { continue: next } },
    { method: "GET", path: "/" },
  );

/** A server that answers with these pages, and what it was asked. */
function over(pages: readonly Page[], options?: ListingOptions) {
  const asked: (ListOptions & CallOptions)[] = [];
  const left = [...pages];
  const fetch: FetchPage<string> = async (request) => {
    asked.push(request);
    const next = left.shift();
    if (next === undefined) throw new Error("one page too many was asked for");
    if (next instanceof Error) throw next;
    return next;
  };
  return { asked, listing: new Listing(fetch, options) };
}

describe("a list that pages by itself", () => {
  it("gives every object of all pages, in order", async () => {
    const { asked, listing } = over([page(["a", "b"], "t1"), page([], "t2"), page(["c"], "")]);
    expect(await listing.toArray()).toEqual(["a", "b", "c"]);
    expect(asked).toEqual([
      { limit: 500, resourceVersion: undefined, resourceVersionMatch: undefined },
      { limit: 500, continue: "t1" },
      { limit: 500, continue: "t2" },
    ]);
  });

  it("asks for nothing before the first step", async () => {
    const { asked, listing } = over([page(["a"])]);
    const pages = listing.pages();
    expect(asked).toEqual([]);
    expect((await pages.next()).value).toEqual(page(["a"]));
    expect(asked).toHaveLength(1);
  });

  it("asks for no more once the loop is left", async () => {
    const { asked, listing } = over([page(["a", "b"], "t1"), page(["c"])]);
    for await (const item of listing) {
      if (item === "b") break;
    }
    expect(asked).toHaveLength(1);
  });

  it("hands selectors, the signal and its page size to each request, and the version to the first alone", async () => {
    const { signal } = new AbortController();
    const options = { labels: "a=b", fields: "c=d", signal, pageSize: 2 };
    const { asked, listing } = over([page(["a"], "t1"), page(["b"])], {
      ...options,
      resourceVersion: "5",
      resourceVersionMatch: "Exact",
    });
    await listing.toArray();
    const shared = { labels: "a=b", fields: "c=d", signal, limit: 2 };
    expect(asked).toEqual([
      { ...shared, resourceVersion: "5", resourceVersionMatch: "Exact" },
      { ...shared, continue: "t1" },
    ]);
  });

  it("starts afresh with each loop", async () => {
    const { listing } = over([page(["a"]), page(["a", "b"])]);
    expect(await listing.toArray()).toEqual(["a"]);
    expect(await listing.toArray()).toEqual(["a", "b"]);
  });

  it("goes on with the token that comes with an expired one", async () => {
    const { asked, listing } = over([page(["a"], "t1"), expired("t2"), page(["b"])]);
    expect(await listing.toArray()).toEqual(["a", "b"]);
    expect(asked.map((request) => request.continue)).toEqual([undefined, "t1", "t2"]);
  });

  it.each<[string, readonly Page[], RegExp]>([
    ["an expired token without another", [page(["a"], "t1"), expired()], /410/],
    ["an expired token with an empty one", [page(["a"], "t1"), expired("")], /410/],
    ["an expired first page", [expired("t2")], /410/],
    ["two expired tokens in a row", [page(["a"], "t1"), expired("t2"), expired("t3")], /410/],
    ["any other failure", [page(["a"], "t1"), new Error("reset")], /reset/],
  ])("fails at %s", async (_title, pages, message) => {
    const { listing } = over(pages);
    await expect(listing.toArray()).rejects.toThrow(message);
  });
});
