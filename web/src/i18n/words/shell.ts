// Owns the words of the frame around every page; keys begin with "shell.".
export const zh = {
  "shell.pages": "页面",
  "shell.map": "地图",
  "shell.board": "态势",
  "shell.plan": "网格规划",
  "shell.areas": "辖区与单位",
  "shell.refused": "您的岗位没有这个页面",
  "shell.refused.home": "回到首页",
} as const;

export const en: Readonly<Record<keyof typeof zh, string>> = {
  "shell.pages": "Pages",
  "shell.map": "Map",
  "shell.board": "Board",
  "shell.plan": "Planning",
  "shell.areas": "Areas and agencies",
  "shell.refused": "Your post does not have this page",
  "shell.refused.home": "To your first page",
};
