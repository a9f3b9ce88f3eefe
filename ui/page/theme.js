// Runs before the first paint, so that a page that was dark yesterday does not flash white.
try {
  const theme = localStorage.getItem("byline-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {} // storage may be forbidden; then the system's own preference decides
