import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { BUILD: JSON.stringify("of-the-tests"), STYLE: JSON.stringify("") },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    unstubGlobals: true,
    sequence: { shuffle: true },
    // One happy-dom for all files: making one for each takes five times as long as the tests.
    isolate: false,
    // `npm run coverage`. What no test imports counts as well.
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text"] },
  },
});
