"""What both services agree on: the schema, the verbs, the gate. No Flask, no FastAPI, no model weights."""
