import { beforeEach, describe, expect, it } from "vitest";
import { add, addDetails, frame, setButton, setText } from "../src/dom";

let host: HTMLElement;

beforeEach(() => {
  host = document.createElement("div");
});

describe("the card's outermost element", () => {
  it.each(["card", "button", "badge"] as const)("is named, and has the class of a %s", (show) => {
    const root = frame(show);
    expect([...root.classList]).toEqual(["auth0-widget", `a0w-${show}`]);
    expect(root.getAttribute("role")).toBe("group");
    expect(root.getAttribute("aria-label")).toBe("Auth0 login");
    expect(root.tabIndex).toBe(-1);
  });
});

describe("text", () => {
  it("is never markup", () => {
    setText(add(host, "p", "name"), "<img src=x onerror=alert(1)>");
    expect(host.querySelector("img")).toBeNull();
    expect(host.textContent).toBe("<img src=x onerror=alert(1)>");
  });

  it("that is not there hides its element", () => {
    const element = add(host, "p", "name");
    for (const nothing of [null, undefined, ""]) {
      setText(element, "Ada");
      expect(element.hidden).toBe(false);
      setText(element, nothing);
      expect([element.hidden, element.textContent]).toEqual([true, ""]);
    }
  });

  it("that has not changed is left alone, so that no screen reader says it again", () => {
    const element = add(host, "p", "status");
    setText(element, "Logged in.");
    const before = element.firstChild;
    setText(element, "Logged in.");
    expect(element.firstChild).toBe(before);
  });
});

describe("a button", () => {
  it("that is busy keeps the focus", () => {
    document.body.append(host);
    const button = add(host, "button", "button");
    button.focus();
    setButton(button, "busy");
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.getAttribute("aria-busy")).toBe("true");
    expect(button.disabled).toBe(false);
    expect(document.activeElement).toBe(button);
    host.remove();
  });

  it.each([
    ["hidden", true],
    ["ready", false],
  ] as const)("that is %s says so", (state, hidden) => {
    const button = add(host, "button", "button");
    setButton(button, "busy");
    setButton(button, state);
    expect(button.hidden).toBe(hidden);
    expect(button.getAttribute("aria-disabled")).toBe("false");
  });
});

it("what is folded away has a summary and is closed at first", () => {
  const { details, content } = addDetails(host, "Full profile", "pre", "profile");
  expect(details.open).toBe(false);
  expect(details.querySelector("summary")?.textContent).toBe("Full profile");
  expect(details.lastElementChild).toBe(content);
  expect(content.tagName).toBe("PRE");
});
