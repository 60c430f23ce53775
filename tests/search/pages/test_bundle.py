"""One script of many: what it takes in, in which order, and what it refuses."""

import pytest

from search.pages.bundle import bundle

SCRIPTS = {
    "entry.js": 'import { b as other } from "./deep/b.js";\nimport * as a from "./a.js";\nexport const all = [other, a.a];\n',
    "a.js": "export const a = 1;\n",
    "deep/b.js": 'import { a } from "../a.js";\nexport async function b() {}\nexport class C {}\nconst hidden = a;\n',
}


def test_each_module_stands_once_behind_what_it_imports() -> None:
    assert bundle(SCRIPTS, "entry.js") == (
        "const m0 = (() => {\nconst a = 1;\nreturn { a };\n})();\n"
        "const m1 = (() => {\nconst { a } = m0;\nasync function b() {}\nclass C {}\nconst hidden = a;\nreturn { b, C };\n})();\n"
        "const m2 = (() => {\nconst { b: other } = m1;\nconst a = m0;\nconst all = [other, a.a];\nreturn { all };\n})();\n"
        "export const { all } = m2;\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        'import "./a.js";\n',
        'import x from "./a.js";\n',
        'import { a } from "a.js";\n',
        'import { a } from "./entry.js";\n',
        'import { a } from "./missing.js";\n',
        "export default 1;\n",
        "export { a };\n",
    ],
)
def test_what_it_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"(entry|missing)\.js"):
        bundle({**SCRIPTS, "entry.js": text}, "entry.js")
