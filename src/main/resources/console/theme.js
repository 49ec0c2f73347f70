// Before anything is painted: the theme that was chosen here before.
try {
  const chosen = localStorage.getItem('vostok.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing has the system's theme.
}
