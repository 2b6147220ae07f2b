// Owns handing something to the browser as a file.

export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser begins to read the file only after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

export const saveText = (name: string, text: string, type = "text/csv"): void => saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));

const KEPT_MS = 10_000;
