"""`python -m kubelint`."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current directory: nothing is imported from the tree that is linted

from kubelint.cli.main import main

main()
