import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { wholeCatalogues } from "./catalogues.ts";

// The operations service serves what this makes; `npm run dev` shows the same page before a service at its usual port.
const SERVICE = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [preact(), wholeCatalogues("src/words")],
  build: {
    outDir: "../../../services/operations/assets",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0, // the page's policy forbids data: for scripts and styles
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": SERVICE, "/sign-in/oidc": SERVICE } },
});
