"""Entry of the chatbot service: `uvicorn chatbot_main:app`."""

from chatbot import create_app

app = create_app()
