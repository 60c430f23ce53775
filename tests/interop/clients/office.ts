// Twenty calls of the office's app, typed by what openapi-typescript made of its document: `node office.js BASE TOKEN SITE`.
import createClient from "openapi-fetch";
import type { components, paths } from "./office-paths.js";

const [base, token, site] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${token}` } });
const did = `did:web:${site.replace(/^.*\/\//, "").replace(":", "%3A")}:issuers:sample`;
let calls = 0;

/** The body of an answer with that status. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }, status = 200): T {
  calls += 1;
  if (answer.data === undefined || answer.response.status !== status)
    throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

function draft(number: string): components["schemas"]["DraftCredential"] {
  const name = `QUAY ${number} LTD.`;
  return {
    "@context": ["https://www.w3.org/ns/credentials/v2", `${site}/contexts/organization/v1`],
    type: ["VerifiableCredential", "OrganizationRegistrationCredential"],
    issuer: did,
    credentialSubject: {
      type: "RegisteredOrganization",
      register: "sample",
      registrationNumber: number,
      entityType: "BC",
      legalName: name,
      registrationStatus: "Active",
      names: [{ type: "OrganizationName", nameText: name, nameType: "legal" }],
      registrationEvent: { type: "RegistrationEvent", eventId: number, eventType: "FILE" },
    },
  };
}

demand(good(await client.GET("/livez", { parseAs: "text" })) === "ok\n", "it runs");
const stranger = await createClient<paths>({ baseUrl: base }).POST("/challenges", { body: {} });
calls += 1;
demand(stranger.error?.code === "token", "the token is wanted");
let id = "";
for (let n = 10; n < 16; n += 1) {
  const body = { credential: draft(`BC90082${n}`) };
  const issued = good(await client.POST("/credentials/issue", { body }), 201).verifiableCredential;
  const again = good(await client.POST("/credentials/issue", { body })).verifiableCredential;
  demand(issued.id === again.id && issued.credentialSubject["legalName"] === `QUAY BC90082${n} LTD.`, issued.id);
  id = issued.id;
}
for (const status of [true, false]) {
  const credentialStatus = { type: "BitstringStatusListEntry", statusPurpose: "suspension" } as const;
  const told = good(await client.POST("/credentials/status", { body: { credentialId: id, credentialStatus, status } }));
  demand(told.changed && told.status === status, id);
}
const opened = { statusPurpose: "suspension", options: { register: "sample" } } as const;
demand(good(await client.POST("/status-lists", { body: opened }), 201).id.startsWith(site), "a list of this site");
const challenge = good(await client.POST("/challenges", { body: {} }));
const { error } = await client.POST("/identity-anchors", {
  body: { register: "sample", number: "none", challenge: challenge.challenge, verifiablePresentation: {} },
});
calls += 1;
demand(error?.code === "organization_unknown", "nobody to vouch for");
const noted = good(
  await client.POST("/entries", {
    body: '{"kind": "note", "reason": "holiday"}\n',
    bodySerializer: (body: string) => body,
    headers: { "Content-Type": "application/x-ndjson" },
  }),
  201,
);
demand(noted.count === 1 && noted.size === noted.first + 1, "it is durable");
const unknown = await client.POST("/status-lists", { body: { ...opened, options: { register: "none" } } });
calls += 1;
demand(unknown.error?.code === "register_unknown", "the code of a problem");

// @ts-expect-error: there is no such purpose
void (() => client.POST("/status-lists", { body: { ...opened, statusPurpose: "message" } }));

console.log(calls);
