"""Talking to language models: one client, typed failures, schema-checked answers, token budgets. Knows no database."""
