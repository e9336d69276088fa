"""Conversations with the assistant as both services know them: who may open a socket, and what was said.

The CRM issues tickets and shows, renames, deletes and exports conversations; the chatbot redeems tickets and writes
them. Nothing here knows a model, a frame or a page.
"""
