"""Make the small scripts that the site serves: `search/web/made`, from `search/web/static`.

Needs node and what `package-lock.json` pins (`make web` installs it). Nothing of it is needed to run the site: what is made
here is committed. `make.py OUT` writes elsewhere, for the test that compares.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WEB = ROOT / "search" / "web"


def main(out: Path) -> None:
    """Fill the folder `out` anew."""
    sys.path.insert(0, str(ROOT))
    from search.pages.static_files import pinned  # this checkout's own, whatever is installed

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "pinned.json"
        given.write_text(json.dumps(pinned(), separators=(",", ":"), sort_keys=True, ensure_ascii=False), "utf-8")
        subprocess.run(["node", "build.mjs", WEB / "static", given, out.resolve()], cwd=HERE, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else WEB / "made")
