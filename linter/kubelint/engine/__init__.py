"""Runs rules and makes reports. A library: it reads no environment, prints nothing and never exits."""
