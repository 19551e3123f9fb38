/** The public names. A change here is a change for every user: say why in the commit. */

import { expect, test } from "vitest";
import * as kindred from "../src/index.js";
import * as testing from "../src/testing/cluster/index.js";
import * as serving from "../src/testing/node/index.js";

test("the public names of kindred", () => {
  expect(Object.keys(kindred).toSorted()).toMatchSnapshot();
});

test("the public names of kindred/testing", () => {
  expect(Object.keys(testing).toSorted()).toMatchSnapshot();
});

test("the public names of kindred/testing/node", () => {
  expect(Object.keys(serving).toSorted()).toMatchSnapshot();
});
