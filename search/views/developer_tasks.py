"""The examples of the developers' page: five tasks, each in curl, JavaScript and Python.

Pure. A test takes them from the served page and runs them, in this order, in one folder. The words beside them are the
template's. They speak of an organization of the sample register.
"""

from dataclasses import dataclass

#: in the place of the site's base URL
_SITE = "https://registry.example"


@dataclass(frozen=True, slots=True)
class Task:
    """What a developer wants done. `name`: of the anchor; `curl`: commands of a shell; `javascript`: a module for Node."""

    name: str
    curl: str
    javascript: str
    python: str


BEFORE = f"curl -s {_SITE}/trust.json -o trust.json\ngreffe trust --of trust.json"
SPREADSHEET = "greffe match list.csv --column name -o matched.csv"
OFFLINE = "greffe verify paper.json --trust trust.json"

_CLIENT = f"""\
from greffe.client import Client, Trust

client = Client("{_SITE}", Trust.read("trust.json"))
"""

_TASKS = (
    Task(
        "look-up",
        f"curl -s '{_SITE}/api/v1/organizations?q=tidewrack&limit=5'\n"
        f"curl -s {_SITE}/api/v1/organizations/sample/BC9000001",
        f"""\
const answer = await fetch("{_SITE}/api/v1/organizations?q=tidewrack&limit=5");
const {{ items }} = await answer.json();
for (const {{ register, number, name, matched }} of items) {{
  console.log(register, number, name, `(${{matched.name}})`);
}}""",
        f"""\
{_CLIENT}
for hit in client.search("tidewrack", limit=5).hits:
    print(hit.register, hit.number, hit.name, f"({{hit.matched}})")

organization = client.organization("sample", "BC9000001")
print(organization.name, organization.verdict.verdict, organization.verdict.as_of)""",
    ),
    Task(
        "match",
        f"""\
curl -s {_SITE}/api/v1/match -H 'Content-Type: application/json' \\
  -d '{{"queries": [{{"name": "Tidewrack Provisions"}}, {{"number": "BC9000001"}}]}}'""",
        f"""\
const queries = ["Tidewrack Provisions", "BC9000001"].map((name) => ({{ name }}));
const answer = await fetch("{_SITE}/api/v1/match", {{
  method: "POST",
  headers: {{ "Content-Type": "application/json" }},
  body: JSON.stringify({{ queries }}),
}});
const {{ results }} = await answer.json();
for (const [place, {{ items }}] of results.entries()) {{
  console.log(queries[place].name, items[0]?.number, items[0]?.match);
}}""",
        f"""\
import csv

{_CLIENT}
with open("list.csv", encoding="utf-8-sig", newline="") as file:
    names = [row["name"] for row in csv.DictReader(file)]
for name, candidates in zip(names, client.match(names)):
    if candidates and candidates[0].match:
        print(name, candidates[0].hit.number, sep=",")""",
    ),
    Task(
        "verify",
        f"""\
curl -s {_SITE}/credentials/sample/BC9000001/5/evidence -o paper.json
curl -s {_SITE}/api/v1/verify -H 'Content-Type: application/json' --data-binary @paper.json""",
        f"""\
import {{ readFile }} from "node:fs/promises";

const answer = await fetch("{_SITE}/api/v1/verify", {{
  method: "POST",
  headers: {{ "Content-Type": "application/json" }},
  body: await readFile("paper.json"),
}});
const {{ verdict, organization, steps }} = await answer.json();
console.log(verdict, organization?.name);
for (const {{ step, result }} of steps) console.log(step, result);""",
        f"""\
{_CLIENT}
with open("paper.json", "rb") as file:
    verdict = client.verify(file.read())
print(verdict.verdict)
for step in verdict.steps:
    print(step.name, step.result, step.reason or "")""",
    ),
    Task(
        "follow",
        f"""\
curl -s {_SITE}/checkpoint -o checkpoint
size=$(sed -n 2p checkpoint)
if [ "$size" -lt 256 ]; then first=000.p/$size; else first=000; fi
curl -sf {_SITE}/tile/entries/$first -o entries
curl -s '{_SITE}/api/v1/proof/consistency?from=1'""",
        f"""\
const site = "{_SITE}";
const checkpoint = await (await fetch(`${{site}}/checkpoint`)).text();
const size = Number(checkpoint.split("\\n")[1]);
for (let n = 0; n * 256 < size; n += 1) {{
  const digits = String(n).padStart(3 * Math.ceil(String(n).length / 3), "0");
  const path = digits.replace(/\\d{{3}}(?=\\d)/g, "x$&/");
  const width = Math.min(256, size - n * 256);
  const answer = await fetch(`${{site}}/tile/entries/${{path}}${{width < 256 ? `.p/${{width}}` : ""}}`);
  const bundle = await answer.arrayBuffer();
  const lengths = new DataView(bundle);
  for (let at = 0; at < bundle.byteLength; at += 2 + lengths.getUint16(at)) {{
    const text = new TextDecoder().decode(new Uint8Array(bundle, at + 2, lengths.getUint16(at)));
    const {{ index, kind, org, effective }} = JSON.parse(text);
    console.log(index, kind, org ?? "", effective ?? "");
  }}
}}""",
        f"""\
from pathlib import Path

{_CLIENT}
file = Path("followed")
growth = client.follow(file.read_text("utf-8") if file.exists() else None)
for entry in growth:
    print(entry.index, entry.kind, entry.org or "")
file.write_text(growth.checkpoint, "utf-8")
print("the ledger only grew:", growth.old, growth.new)""",
    ),
    Task(
        "embed",
        f"curl -sL -H 'Accept: application/json' {_SITE}/organizations/sample/BC9000001",
        f"""\
const site = "{_SITE}";
const answer = await fetch(`${{site}}/organizations/sample/BC9000001`, {{ headers: {{ Accept: "application/json" }} }});
const {{ name, status, url }} = await answer.json();
const link = {{ href: new URL(url, site).href, textContent: `${{name}} (${{status}})` }};
console.log(link);""",
        f"""\
from html import escape

{_CLIENT}
organization = client.organization("sample", "BC9000001")
address = escape(organization.claims["id"])
print(f'<a href="{{address}}">{{escape(organization.name)}}</a>')""",
    ),
)


def tasks(base_url: str) -> tuple[Task, ...]:
    """The tasks with the addresses of a site."""
    return tuple(
        Task(task.name, at(task.curl, base_url), at(task.javascript, base_url), at(task.python, base_url))
        for task in _TASKS
    )


def at(example: str, base_url: str) -> str:
    """An example with the addresses of a site."""
    return example.replace(_SITE, base_url)
