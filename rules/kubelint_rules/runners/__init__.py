"""Rules about self-hosted runners and the jobs that ask for them: jobs that queue for ever."""
