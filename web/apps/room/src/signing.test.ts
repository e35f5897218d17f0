import { describe, expect, it } from "vitest";
import { failure, onward } from "./signing.ts";

describe("where one goes on to after signing in", () => {
  it("is a page of ours, as it was asked for", () => {
    for (const page of ["/", "/orders", "/incidents/7?tab=log#last", "/zones/per%20a"]) expect(onward(page)).toBe(page);
  });

  it("is the first page where it is anything else", () => {
    const others = [
      undefined,
      "",
      "orders",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/ /evil.example",
      "/%0d\n",
      "https://evil.example/",
      "javascript:alert(1)",
      "/..//evil.example",
      "/.//evil.example",
      "/phở",
    ];
    for (const other of others) expect([other, onward(other)]).toEqual([other, "/"]);
  });

  it("is not the page one is on", () => {
    expect(onward("/sign-in?next=/sign-in")).toBe("/");
    expect(onward("/sign-in/oidc")).toBe("/");
    expect(onward("/sign-ins")).toBe("/sign-ins");
  });
});

describe("the code of a sign-in that failed", () => {
  it("is a code, whoever made the address", () => {
    expect(failure("no_roles")).toBe("no_roles");
    for (const other of [undefined, "", "<b>", "NO", "a".repeat(61)]) expect(failure(other)).toBeNull();
  });
});
