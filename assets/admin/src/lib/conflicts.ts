import type { ApiError } from "./api/errors";

/** The names of what still uses an object, as a 409 lists them in its `details`. */
export function usersOf(error: ApiError): string[] {
  return error.details.map(({ message }) => message);
}
