"""Benchmarks: what Afterword takes, beside a target and the least the same work could take. `python -m bench`."""
