/**
 * Sets the theme before anything is painted. Not a module, because modules run too late for that; ../js/theme.js does the rest.
 */
try {
  const theme = localStorage.getItem("m2m.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme stays.
}
