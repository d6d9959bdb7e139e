import { describe, expect, it } from "vitest";
import { drawPortrait, initials, safePicture } from "../src/portrait";
import { ADA } from "./kernel";

const HTTPS = "https://cdn.example/ada.png";

describe("the picture", () => {
  it.each([
    HTTPS,
    "data:image/png;base64,AAAA",
    "http://localhost:9999/ada.svg",
    "http://127.0.0.1:9999/ada.svg",
    "http://[::1]:9999/ada.svg",
  ])("may come from %s", (url) => expect(safePicture(url)).toBe(url));

  it.each([
    "http://cdn.example/ada.png",
    "http://localhost.evil.example/ada.png",
    "http://127.0.0.1.evil.example/ada.png",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://cdn.example/1",
    "file:///etc/passwd",
    "/relative.png",
    "",
    null,
  ])("may not come from %s", (url) => expect(safePicture(url)).toBeNull());

  it("replaces the initials once it has loaded, and its host does not learn where", () => {
    const frame = document.createElement("div");
    const made: HTMLImageElement[] = [];
    const create = document.createElement.bind(document);
    document.createElement = ((tag: string) => {
      const element = create(tag);
      if (element instanceof HTMLImageElement) made.push(element);
      return element;
    }) as typeof document.createElement;
    drawPortrait(frame, { ...ADA, picture: HTTPS });
    document.createElement = create;
    const [image] = made;
    expect(frame.textContent).toBe("AL");
    expect(image?.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(image?.getAttribute("crossorigin")).toBe("anonymous");
    image?.dispatchEvent(new Event("error"));
    expect(frame.textContent).toBe("AL");
    image?.dispatchEvent(new Event("load"));
    expect(frame.querySelector("img")).toBe(image);
    expect(frame.textContent).toBe("");
    drawPortrait(frame, { ...ADA, picture: HTTPS });
    expect(frame.querySelector("img")).toBe(image);
    drawPortrait(frame, ADA);
    expect(frame.innerHTML).toBe("AL");
  });
});

describe("the initials", () => {
  it.each([
    [{ name: "Ada Lovelace" }, "AL"],
    [{ name: "  Ada   King  Lovelace " }, "AL"],
    [{ name: "Ada" }, "A"],
    [{ name: "𝒜da łovelace" }, "𝒜Ł"],
    [{ name: "შოთა რუსთაველი" }, "შრ"],
    [{ name: null, nickname: "ada" }, "A"],
    [{ name: " ", nickname: "grace" }, "G"],
    [{ name: "\u3164", nickname: "\u2800", email: "x@example.com" }, "X"],
    [{ name: "\u200fليلى الأخيلية" }, "لا"],
    [{ name: "", nickname: null, email: "x@example.com" }, "X"],
    [{ name: null, nickname: null, email: null }, "A"],
  ])("of %j are %j", (change, expected) => expect(initials({ ...ADA, ...change })).toBe(expected));
});
