// Twenty calls of the public app, typed by what openapi-typescript made of its document: `node public.js BASE`.
import createClient from "openapi-fetch";
import type { components, paths } from "./public-paths.js";

const client = createClient<paths>({ baseUrl: process.argv[2]! });
const named = { register: "sample", number: "BC9000001" };
const path = { path: named };
let calls = 0;

/** The body of an answer that must be good. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  calls += 1;
  if (answer.data === undefined) throw new Error(`${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

const list = good(await client.GET("/api/v1/organizations", { params: { query: { q: "harbourlight", sort: "name" } } }));
const total: number = list.total.value;
const first: components["schemas"]["Result"] | undefined = list.items[0];
demand(total > 0 && typeof first?.name === "string", "a result has a name");
good(await client.GET("/api/v1/autocomplete", { params: { query: { q: "harb" } } }));
const organization = good(await client.GET("/api/v1/organizations/{register}/{number}", { params: path }));
const status: "Active" | "Historical" | null = organization.status;
demand(organization.number === named.number && organization.labels.register.fr !== "", String(status));
const history = good(await client.GET("/api/v1/organizations/{register}/{number}/history", { params: path }));
demand(history.items.length === organization.n, "a state for each credential");
good(await client.GET("/api/v1/organizations/{register}/{number}/credentials", { params: path }));
good(await client.GET("/api/v1/organizations/{register}/{number}/relationships", { params: path }));

const missing = await client.GET("/api/v1/organizations/{register}/{number}", {
  params: { path: { register: "sample", number: "none" } },
});
calls += 1;
demand(missing.error?.code === "organization_unknown", "the code of a problem");

const state = { path: { ...named, n: String(organization.n) } };
const credential = good(await client.GET("/api/v1/credentials/{register}/{number}/{n}", { params: state }));
if (typeof credential === "string") throw new Error("JSON was asked for");
const evidence = good(await client.GET("/api/v1/credentials/{register}/{number}/{n}/evidence", { params: state }));
const verdict = good(await client.POST("/api/v1/verify", { body: evidence }));
demand(verdict.verdict === "verified" && verdict.steps.every((step) => step.result !== "failed"), verdict.verdict);
const batch = good(await client.POST("/api/v1/verify/batch", { body: { items: [evidence, { invoice: 1 }] } }));
const last = batch.results[1];
demand(last !== undefined && "code" in last && last.code === "not_evidence", "an invoice gets no verdict");
const matched = good(await client.POST("/api/v1/match", { body: { queries: [{ number: named.number, id: 7 }] } }));
demand(matched.results[0]?.items[0]?.match === true, "a number is a match");
const asked = { verifiableCredential: { ...credential }, options: { returnResults: false } };
demand(good(await client.POST("/credentials/verify", { body: asked })).verified, "it is genuine");
demand(good(await client.POST("/challenges", { body: {} })).challenge.length > 20, "a challenge");

demand(good(await client.GET("/trust.json")).require.current, "the newest is asked for");
good(await client.GET("/.well-known/did.json"));
good(await client.GET("/issuers/{register}/did.json", { params: { path: { register: "sample" } } }));
good(await client.GET("/status/{purpose}/{name}", { params: { path: { purpose: "suspension", name: "sample-1" } } }));
good(await client.GET("/contexts/{name}/{version}", { params: { path: { name: "organization", version: "v1" } } }));
const checkpoint: string = good(await client.GET("/checkpoint", { parseAs: "text" }));
demand(checkpoint.split("\n").length > 4, "a checkpoint has lines");
const inclusion = good(await client.GET("/api/v1/proof/inclusion", { params: { query: { index: 1 } } }));
good(await client.GET("/api/v1/proof/consistency", { params: { query: { from: 1, to: inclusion.size } } }));
const all = good(await client.GET("/api/v1/proof/organization", { params: { query: named } }));
demand(all.entries.length === organization.n, "an entry for each credential");

// what the document does not allow is no program
// @ts-expect-error: there is no such order
void (() => client.GET("/api/v1/organizations", { params: { query: { sort: "size" } } }));
// @ts-expect-error: a row has a name or a number
void (() => client.POST("/api/v1/match", { body: { queries: [{ id: 1 }] } }));
// @ts-expect-error: a path has both its parts
void (() => client.GET("/api/v1/organizations/{register}/{number}", { params: { path: { register: "im" } } }));

console.log(calls);
