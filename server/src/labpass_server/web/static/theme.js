// Runs before the first paint, on pages whose theme follows the system. Without it they are light.
document.documentElement.dataset.bsTheme =
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
