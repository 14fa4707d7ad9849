/** What a user types, in the form that the server takes. What has more than one meaning stays as it is. */

/** Writes a symbol as exchanges do: `esh4` is ESH4. */
export function symbolOf(text: string): string {
  return text.trim().toUpperCase();
}

/** Writes a date with dashes: 20231225 is 2023-12-25. */
export function dateOf(text: string): string {
  return text.trim().replace(/^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})$/, "$1-$2-$3");
}

/** Writes a time of day with two digits for the hour: 9:30 is 09:30. */
export function timeOf(text: string): string {
  return text.trim().replace(/^(\d):/, "0$1:");
}
