// @vitest-environment node
// What is tested here is the built artefact, as anywidget will load it; `npm test` builds it first.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const built = new URL("../../auth0_widget/static/", import.meta.url);
const [loader, css, page] = ["widget.js", "widget.css", "page.js"].map((name) =>
  readFileSync(new URL(name, built)),
) as [Buffer, Buffer, Buffer];

it("is small where anywidget sends it with every widget, and not large where a page fetches it", () => {
  expect(loader.length + css.length).toBeLessThanOrEqual(12_000);
  expect(gzipSync(loader).length + gzipSync(css).length).toBeLessThanOrEqual(4500);
  expect(page.length).toBeLessThanOrEqual(26_500);
  expect(gzipSync(page).length).toBeLessThanOrEqual(10_500);
});

it.each(["widget.js", "page.js"])(
  "exports a factory of initialize and render: %s",
  async (name) => {
    const { default: factory } = await import(/* @vite-ignore */ new URL(name, built).href);
    expect(Object.keys(factory())).toEqual(["initialize", "render"]);
  },
);

it("needs nothing from outside: all that is ever imported is the Blob URL of the page's code", () => {
  expect(page.toString()).not.toMatch(/\bimport\b|\brequire\(/);
  expect(loader.toString().match(/\bimport\b.{3}/g)).toEqual([
    expect.stringMatching(/^import\(\w\)/),
  ]);
  expect(loader.toString()).not.toMatch(/\brequire\(/);
});

it("tells builds apart, so that two versions of the package get along on one page", () => {
  expect(loader.toString()).toMatch(/auth0-widget:code:[0-9a-f]{16}\b/);
});

it("names no host and never writes HTML", () => {
  for (const script of [loader, page]) {
    expect(script.toString()).not.toMatch(/https?:\/\/|innerHTML|insertAdjacentHTML|\beval\b/);
  }
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
