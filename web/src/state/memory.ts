// Owns what this browser remembers between visits (language, theme, unsent draft). A browser that refuses storage still works.

const PREFIX = "gridgov.";

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    // Private mode or a full store: the page goes on without memory.
  }
}
