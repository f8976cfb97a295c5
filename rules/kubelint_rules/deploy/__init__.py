"""Rules about pipelines: what a deployer needs, and how its commands hang without it."""
