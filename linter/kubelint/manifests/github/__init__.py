"""GitHub workflows and actions: jobs, the runners that they ask for, their steps and what those run."""
