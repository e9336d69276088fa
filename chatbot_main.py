"""Entry of the chatbot service: `uvicorn chatbot_main:app`."""

from shared.loading import without_garbage_collection

with without_garbage_collection():
    from chatbot import create_app

    app = create_app()
