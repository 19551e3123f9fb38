import { defineConfig } from "vitest/config";

/** `unit` needs Node alone; `package` packs and installs with npm; `control-plane` needs Go, and builds and starts the real one. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // A busy machine takes its time; no test measures it.
          testTimeout: 60_000,
          include: [
            "src/**/*.test.ts",
            "test/*.test.ts",
            "test/embedded/*.test.ts",
            "test/contract/*.test.ts",
            "examples/**/*.test.ts",
          ],
          exclude: ["**/*.control-plane.test.ts"],
          typecheck: { enabled: true, include: ["{src,test,examples}/**/*.test-d.ts"], tsconfig: "tsconfig.test.json" },
        },
      },
      {
        extends: true,
        test: { name: "package", include: ["test/package/*.test.ts"], testTimeout: 60_000, hookTimeout: 180_000 },
      },
      {
        extends: true,
        test: {
          name: "control-plane",
          include: ["test/**/*.control-plane.test.ts", "test/control-plane/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});
