import { act, renderHook } from "@testing-library/preact";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useSeen } from "./seen.ts";

afterEach(() => vi.restoreAllMocks());

function turn(hidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
}

describe("whether the page is seen", () => {
  it("follows the tab", () => {
    const { result, unmount } = renderHook(() => useSeen());
    expect(result.current).toBe(true);
    turn(true);
    expect(result.current).toBe(false);
    turn(false);
    expect(result.current).toBe(true);
    unmount();
  });
});
