import { describe, expect, it } from "vitest";
import { localMoment, writtenMoment } from "./moment-input";

describe("a date and time in an input", () => {
  it("stays as it is without a zone", () => {
    expect(localMoment("2026-01-31T12:30:05.123", false)).toBe("2026-01-31T12:30:05");
    expect(localMoment("2026-01-31 12:30", false)).toBe("2026-01-31T12:30:00");
    expect(localMoment("2026-01-31", false)).toBe("2026-01-31T00:00:00");
    expect(localMoment("infinity", false)).toBeNull();
    expect(writtenMoment("2026-01-31T12:30", false)).toBe("2026-01-31 12:30:00");
  });

  it("is shown in the reader's zone and written in UTC if it is a moment", () => {
    const local = localMoment("2026-01-31T12:30:05Z", true);
    expect(local).not.toBeNull();
    expect(writtenMoment(local ?? "", true)).toBe("2026-01-31T12:30:05.000Z");
    expect(localMoment("soon", true)).toBeNull();
  });
});
