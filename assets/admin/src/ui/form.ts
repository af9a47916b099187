import { t } from "@lingui/core/macro";
import type { UseFormReturnType } from "@mantine/form";
import { isApiError } from "@/lib/api/errors";
import { fieldErrors } from "@/lib/paths";

/**
 * Puts the server's `details` on the form's fields. Returns what is left to say beside the form:
 * the error itself unless every detail found its field.
 */
export function landErrors<T extends Record<string, unknown>>(form: UseFormReturnType<T>, error: unknown): unknown {
  if (!isApiError(error) || error.details.length === 0) return error;
  const errors = fieldErrors(error.details);
  form.setErrors(errors);
  const known = Object.keys(form.getValues());
  return Object.keys(errors).every((path) => known.includes(path)) ? null : error;
}

export const rules = {
  needed: (label: string) => (value: string) => (value.trim() ? null : t`${label} is required`),
  email: (value: string) => (/^\S+@\S+$/.test(value.trim()) ? null : t`Enter a valid email address.`),
  password: (value: string) => (value.length >= 8 ? null : t`At least 8 characters`),
};
