// Runs before anything is drawn: the theme and the language that were chosen here before. Storage
// may be forbidden in a browser; then the shell's own choice stands.
try {
  const { theme, language } = JSON.parse(localStorage.getItem('koppel') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  if (language === 'nl' || language === 'en') document.documentElement.lang = language;
} catch {
  // nothing remembered
}
