"""Material that is too large or not ours to commit, where it stands beside the repository."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("KUBELINT_SHARED") or Path(__file__).parents[2].parent / "shared")
