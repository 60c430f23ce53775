"""Write what the OpenAPI documents give as examples: real answers of the sample.

python tools/make_examples.py; a test compares the file with what the apps answer.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.builders import office_site, openapi_site  # noqa: E402

SITE, OFFICE = ROOT / "search" / "api" / "examples.json", ROOT / "issuer" / "office" / "examples.json"


def main() -> None:
    """Write both files."""
    with tempfile.TemporaryDirectory() as folder:
        _write(SITE, openapi_site.examples(openapi_site.sample_site(Path(folder) / "site")))
        with office_site.office_site(Path(folder) / "office") as (site, office):
            _write(OFFICE, office_site.examples(site, office))


def _write(file: Path, examples: dict[str, Any]) -> None:
    file.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
