/** The attribute of elements that take dropped files themselves. */
export const TAKES_FILES = "data-takes-files";
