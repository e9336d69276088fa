"""What both services agree on: the schema, the verbs, the gate. No Flask, no FastAPI, no model weights."""

import gc

#: Look for cyclic garbage every so many new objects: every 700, as Python does unless told, would have each process
#: go through the hundreds of thousands it imports again and again, a fifth of the time it takes to start.
gc.set_threshold(50_000)
