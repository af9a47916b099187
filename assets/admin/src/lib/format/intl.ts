import { region } from "@/lib/i18n";

/** Formatters are expensive to create, and few different ones are used. */
function cached<Options extends object, Format>(create: (locale: string, options: Options) => Format) {
  const known = new Map<string, Format>();
  return (options: Options): Format => {
    const key = region() + JSON.stringify(options);
    const format = known.get(key) ?? create(region(), options);
    known.set(key, format);
    return format;
  };
}

/** Returns a formatter of numbers for the reader's language. Throws a `RangeError` for an unknown currency. */
export const numberFormat = cached(
  (locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options),
);

/** Returns a formatter of lists for the reader's language. */
export const listFormat = cached(
  (locale, options: Intl.ListFormatOptions) => new Intl.ListFormat(locale, options),
);

/** Returns a formatter of dates for the reader's language. */
export const dateFormat = cached(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options),
);
