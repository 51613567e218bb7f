/**
 * DuckDuckGo's page for browsers without scripts, as it stood in 2026: an advertisement first, links that lead straight to
 * the page or through `/l/?uddg=`, and the query repeated in the form.
 */
import type { FakeDocument, FakeSearchReply, FakeSearchWire } from "../fake-search.ts";

export const duckduckgoWire: FakeSearchWire = {
  answer({ method, path, headers, body }, find) {
    if (path !== "/html/" || method !== "POST") return refuse(404, "Not found");
    if (headers["content-type"] !== "application/x-www-form-urlencoded") return refuse(400, "Bad request");
    const words = new URLSearchParams(body).get("q") ?? "";
    if (words === "") return refuse(400, "Bad request");
    if (words.includes("robot")) return { status: 202, body: CHALLENGE };
    const found = find(words).slice(0, 10);
    const list = found.length === 0 ? `<div class="no-results">No  results.</div>` : ADVERTISEMENT + found.map(entry).join("\n");
    return { status: 200, body: page(words, list) };
  },
  refuse: (status, detail): FakeSearchReply => ({
    status,
    body: `<html><head><title>${status}</title></head><body>${escaped(detail)}</body></html>`,
  }),
};

const { refuse } = duckduckgoWire;

function page(words: string, list: string): string {
  return `<!DOCTYPE html>
<!--[if IE 6]><html class="ie6"><![endif]-->
<html><head><title>${escaped(words)} at DuckDuckGo</title><style>.result__a { color: blue }</style></head>
<body><form id="search_form" action="/html/" method="post"><input name="q" type="text" value="${escaped(words)}"></form>
<div class="serp__results"><div id="links" class="results">
${list}
</div></div>
<script>document.write('<a class="result__a" href="https://written.example/">written</a>')</script>
</body></html>`;
}

const ADVERTISEMENT = `<div class="result results_links results_links_deep result--ad ">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="https://duckduckgo.com/y.js?ad_domain=shop.example&amp;u3=https%3A%2F%2Fshop.example">Buy weather</a></h2>
<a class="result__snippet" href="https://duckduckgo.com/y.js?ad_domain=shop.example">The best weather, cheap.</a></div>
`;

function entry({ title, url, snippet, publishedAt }: FakeDocument, place: number): string {
  const href = place % 2 === 0 ? escaped(url) : `//duckduckgo.com/l/?uddg=${encodeURIComponent(url)}&amp;rut=0123`;
  const date = publishedAt === undefined ? "" : `<span>&nbsp; &nbsp; ${publishedAt}T00:00:00.0000000</span>`;
  return `<div class="result results_links results_links_deep web-result "><div class="links_main links_deep result__body">
<h2 class="result__title"><a rel="nofollow" class="result__a" href="${href}">${escaped(title)}</a></h2>
<div class="result__extras"><div class="result__extras__url"><a class="result__url" href="${href}">${escaped(url)}</a>${date}</div></div>
<a class="result__snippet" href="${href}">${escaped(snippet).replace(/\bin\b/g, "<b>in</b>")}</a>
<div class="clear"></div></div></div>`;
}

const CHALLENGE = `<!DOCTYPE html><html><head><title>DuckDuckGo</title></head><body>
<form id="challenge-form" action="//duckduckgo.com/anomaly.js?sv=html&amp;cc=botnet" method="POST">
<div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div></form></body></html>`;

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#x27;");
}
