"""What turns a fresh clone into a running Afterword: set-up, start, watch, stop.

bootstrap.py ─▶ setup.py ─▶ (.venv) python -m launcher ─▶ supervisor.py ─▶ the Procfile's processes
 any Python      3.11+        settings, checks, lock          └─ guard.py stops them should the supervisor be killed

Everything up to the arrow into `.venv` is standard library only: it runs before anything is installed.
"""
