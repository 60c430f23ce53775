"""Write what the OpenAPI document of the public app gives as examples: real answers of the sample.

python tools/make_examples.py; a test compares the file with what the app answers.
"""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.builders.openapi_site import examples, sample_site  # noqa: E402

FILE = ROOT / "search" / "api" / "examples.json"


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(examples(sample_site(Path(folder))), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
