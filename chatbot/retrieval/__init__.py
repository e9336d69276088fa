"""Finding what a question is about: chunks of records, by words and by meaning, read live. See `rag_engine`."""
