// @vitest-environment node
// What is tested here is the built artefact, as anywidget will load it; `npm test` builds it first.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const built = new URL("../../auth0_widget/static/", import.meta.url);
const esm = readFileSync(new URL("widget.js", built));
const css = readFileSync(new URL("widget.css", built));

it("is small: anywidget sends all of it with every widget", () => {
  expect(esm.length + css.length).toBeLessThanOrEqual(20 * 1024);
  expect(gzipSync(esm).length + gzipSync(css).length).toBeLessThanOrEqual(8 * 1024);
});

it("exports a factory of initialize and render, and needs nothing from outside", async () => {
  const source = esm.toString();
  expect(source).not.toMatch(/\bimport\b|\brequire\(/);
  const { default: factory } = await import(/* @vite-ignore */ new URL("widget.js", built).href);
  expect(Object.keys(factory())).toEqual(["initialize", "render"]);
});

it("names no host and never writes HTML", () => {
  expect(esm.toString()).not.toMatch(/https?:\/\/|innerHTML|insertAdjacentHTML|\beval\b/);
  expect(css.toString()).not.toMatch(/url\(|@import/);
});

it("styles nothing outside the card, and takes every colour from where it is shown", () => {
  const text = css.toString();
  const selectors = [...text.matchAll(/(?:^|[{}])([^{}@]+)\{/g)].map((match) => match[1] ?? "");
  const outside = selectors
    .flatMap((selector) => selector.split(","))
    .filter((selector) => !/^(\.auth0-widget\b|to$|:focus-visible$)/.test(selector));
  expect(selectors.length).toBeGreaterThan(10);
  expect(outside).toEqual([]);
  const declared = [...text.matchAll(/--a0w-[a-z-]+:([^;]*);/g)].map((match) => match[1]);
  expect(declared.length).toBeGreaterThan(5);
  for (const value of declared) expect(value).toMatch(/^\s*var\(\s*--jp-/);
  const bare = text.replace(/--a0w-[a-z-]+:[^;]*;/g, "").match(/#[0-9a-f]{3,8}\b|rgba?\(/gi);
  expect(bare).toBeNull();
});

it("stands still for those who prefer it", () => {
  const [, still] = css.toString().split(/@media\s*\(prefers-reduced-motion:\s*reduce\)/);
  expect(css.toString().match(/animation:/g)).toHaveLength(2);
  expect(still).toMatch(/^\s*\{[^}]*animation:\s*none/);
});
