/** Has the browser keep the page, so that it opens without a network. Development serves no worker. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // After the page has loaded: what is kept must not compete with what is shown.
  const register = () => {
    // A browser that refuses (private windows do) only loses the page without a network.
    navigator.serviceWorker.register("/worker.js").catch(() => {});
  };
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}
