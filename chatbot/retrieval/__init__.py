"""Finding what a question is about: chunks of records, by words and by meaning, read live. `rag_engine` is the way in."""
