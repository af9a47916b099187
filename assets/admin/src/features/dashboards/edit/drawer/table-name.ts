/** Returns a title from the first table that a statement reads: `from public.order_items` is "Order items". */
export function tableNameOf(sql: string): string | null {
  const found = /\bfrom\s+(?:["`[]?\w+["`\]]?\s*\.\s*)*["`[]?([\p{L}_][\p{L}\p{N}_]*)/iu.exec(sql);
  const words = found?.[1]?.replace(/_+/g, " ").trim();
  return words ? words.replace(/^./u, (letter) => letter.toUpperCase()) : null;
}
