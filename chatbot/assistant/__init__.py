"""Live turns: a question comes in, is routed, answered from the records, and what it wants done is proposed."""
