"""`python -m kubelint`."""

import os
import sys

if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]  # nothing is imported from the tree that is linted

from kubelint.cli.main import main

main()
