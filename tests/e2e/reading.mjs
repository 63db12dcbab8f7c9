// What tests read beside the page: the API, and files of values.

/** Asks the API with the browser's own session. */
export async function api(page, path) {
  return page.evaluate(async (url) => {
    const response = await fetch(url);
    return { status: response.status, body: await response.json() };
  }, path);
}

/** Rows by column name, of a file without commas inside its cells. */
export function parseCsv(text) {
  const [head, ...rows] = text
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  return rows.map((row) =>
    Object.fromEntries(head.map((name, at) => [name, row[at]])),
  );
}
