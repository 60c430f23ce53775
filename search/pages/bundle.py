"""One script of many: a module with all that it imports, for one request.

Pure. Follows ECMAScript modules as the scripts of `web/static` use them: imports on one line each, by names or as a whole, from
files beside them, in no circle; exports before a declaration. Each module becomes a function that is called once, in order, so
nothing of one reaches another but what it exports. A dynamic `import()` stays as it is.
"""

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

_IMPORT = re.compile(r'^import (\{ [^}]+ \}|\* as \w+) from "(\.[^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)
_DECLARED = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.M)
_MODULE = re.compile(r"^(?:import|export)\b.*", re.M)


def bundle(scripts: Mapping[str, str], entry: str) -> str:
    """The text of a module that does and exports what the module `entry` does. `scripts`: path -> text.

    ValueError: a circle, a form of import or export that is not known here, or a file that is not there.
    """
    order: list[str] = []
    _visit(scripts, entry, (), order)
    names = {path: f"m{place}" for place, path in enumerate(order)}
    exports = _DECLARED.findall(scripts[entry])
    handed_on = f"export const {{ {', '.join(exports)} }} = {names[entry]};\n" if exports else ""
    return "".join(_wrapped(scripts[path], path, names) for path in order) + handed_on


def _visit(scripts: Mapping[str, str], path: str, above: tuple[str, ...], order: list[str]) -> None:
    if path in above or path not in scripts:
        raise ValueError(f"{path}: imported in a circle, or not there")
    if path in order:
        return
    for _, target in _IMPORT.findall(scripts[path]):
        _visit(scripts, _resolved(path, target), (*above, path), order)
    order.append(path)


def _resolved(path: str, target: str) -> str:
    return normpath(join(dirname(path), target))


def _wrapped(text: str, path: str, names: Mapping[str, str]) -> str:
    def imported(match: re.Match[str]) -> str:
        what, target = match.groups()
        local = what.removeprefix("* as ") if what.startswith("*") else what.replace(" as ", ": ")
        return f"const {local} = {names[_resolved(path, target)]};\n"

    exports = _DECLARED.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub(imported, text))
    odd = _MODULE.search(body)
    if odd is not None:
        raise ValueError(f"{path}: {odd[0]}")
    return f"const {names[path]} = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n"
