// Owns the words of this part of the pages in both languages; keys begin with "board.".
export const zh = {} as const;

export const en: Readonly<Record<keyof typeof zh, string>> = {};
