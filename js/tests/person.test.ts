import { beforeEach, describe, expect, it } from "vitest";
import { mountPerson, type PersonView } from "../src/person";
import { ADA } from "./kernel";

let head: HTMLElement;
let times: HTMLElement;
let foot: HTMLElement;
let view: PersonView;

const texts = () => `${head.textContent}${times.textContent}${foot.textContent}`;

beforeEach(() => {
  head = document.createElement("div");
  times = document.createElement("div");
  foot = document.createElement("div");
  view = mountPerson(head, times, foot);
});

describe("a person", () => {
  it("stands in the card with the whole profile folded away", () => {
    view.draw(ADA, true);
    expect(head.querySelector(".a0w-name")?.textContent).toBe(ADA.name);
    expect(JSON.parse(foot.querySelector("pre")?.textContent ?? "")).toEqual(ADA.profile);
    expect([...foot.querySelectorAll("details")].map((each) => each.open)).toEqual([false, false]);
  });

  it("has a note above the profile where it is that of the ID token", () => {
    const note =
      "The tenant did not give the profile of this login. This is what the ID token says.";
    view.draw({ ...ADA, profile_note: note }, true);
    const shown = foot.querySelector("pre")?.previousElementSibling as HTMLElement;
    expect([shown.textContent, shown.hidden]).toEqual([note, false]);
    view.draw(ADA, true);
    expect(shown.hidden).toBe(true);
  });

  it("is named by nickname or address where there is no name, and by each once", () => {
    const card = { ...ADA, name: null, nickname: "ada", email: "ada" };
    view.draw(card, true);
    expect(head.querySelector(".a0w-name")?.textContent).toBe("ada");
    for (const other of head.querySelectorAll<HTMLElement>(".a0w-muted")) {
      expect(other.hidden).toBe(true);
    }
  });

  it.each([..." \u2028\u3164\u2800\u180E\u034F\uFE0F\u200E\u200F\u061C\u115F\uFFA0"])(
    "is not named by %j, which nobody can see",
    (blank) => {
      view.draw({ ...ADA, name: blank, nickname: blank + blank, email: "ada@example.com" }, true);
      expect(head.querySelector(".a0w-name")?.textContent).toBe("ada@example.com");
      for (const other of head.querySelectorAll<HTMLElement>(".a0w-muted")) {
        expect(other.hidden).toBe(true);
      }
      view.draw({ ...ADA, name: blank, nickname: null, email: blank }, true);
      expect(head.querySelector(".a0w-name")?.textContent).toBe(ADA.subject);
    },
  );

  it("whose session cannot be used has a name, and no profile, scopes or times", () => {
    view.draw(ADA, true);
    for (const details of foot.querySelectorAll("details")) details.open = true;
    view.draw(ADA, false);
    expect(head.textContent).toContain(ADA.name);
    expect(times.textContent).toBe("");
    for (const details of foot.querySelectorAll("details")) {
      expect([details.hidden, details.open]).toEqual([true, false]);
    }
    expect(foot.querySelector("pre")?.textContent).toBe("");
  });

  it("who is gone leaves nothing in the page, hidden or not", () => {
    const empty = texts();
    view.draw(ADA, true);
    view.draw(null, false);
    expect(texts()).toBe(empty);
    expect(head.querySelector<HTMLElement>(".a0w-person")?.hidden).toBe(true);
    expect(head.querySelector("img")).toBeNull();
  });
});
