"""`python -m kubelint`."""

from kubelint.cli.main import main

main()
