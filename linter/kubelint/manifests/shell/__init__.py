"""Commands wherever they are written: scripts that machines run, and those that documents tell people to run."""
