import { t } from "@lingui/core/macro";
import type { UseFormReturnType } from "@mantine/form";
import { isApiError } from "@/lib/api/errors";
import { fieldErrors } from "@/lib/schema/paths";

/**
 * Shows the server's `details` at the form's fields. Returns the error that is left to show beside the form: the error
 * itself, unless every detail belongs to a field.
 */
export function landErrors<T extends Record<string, unknown>>(
  form: UseFormReturnType<T>,
  error: unknown,
): unknown {
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
